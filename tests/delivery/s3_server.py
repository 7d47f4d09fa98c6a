"""An S3-compatible server of the test's own, on loopback, in a process that ends with it."""

import subprocess
import sys
from contextlib import contextmanager

import boto3
from django.test import override_settings

from kb.environment import media_storage
from tests.delivery.served import free_port
from tests.delivery.test_several_machines import until

KEYS = {"access_key": "codebook", "secret_key": "between us"}
BUCKET = "codebook-media"


class S3:
    def __init__(self):
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not until(self.makes_the_bucket, seconds=40):
            self.stop()
            raise AssertionError("The S3 server did not start.")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    @contextmanager
    def away(self):
        """It forgets what it held."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @property
    def client(self):
        keys = {"aws_access_key_id": KEYS["access_key"], "aws_secret_access_key": KEYS["secret_key"]}
        return boto3.client("s3", endpoint_url=self.address, region_name="us-east-1", **keys)

    def makes_the_bucket(self):
        try:
            self.client.create_bucket(Bucket=BUCKET)
        except Exception:
            return False
        return True

    def names(self):
        return [found["Key"] for found in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def empty(self):
        for name in self.names():
            self.client.delete_object(Bucket=BUCKET, Key=name)


class OnS3:
    """For a test case: what it uploads goes into the bucket of a server of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s3 = S3()
        cls.addClassCleanup(cls.s3.stop)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.s3.empty)
        self.enterContext(in_bucket(self.s3.address))


def in_bucket(address, bucket=BUCKET, **keys):
    told = media_storage(bucket=bucket, endpoint=address, region="", **{**KEYS, **keys})
    from django.conf import settings

    return override_settings(STORAGES={**settings.STORAGES, "default": told})
