"""An S3-compatible server of the test's own, on loopback, in a process that ends with it."""

import sys

import boto3
from django.test import override_settings

from kb.environment import media_storage
from tests.delivery.companions import Companion

KEYS = {"access_key": "codebook", "secret_key": "between us"}
BUCKET = "codebook-media"


class S3(Companion):
    """It forgets what it held while it was away."""

    name = "The S3 server"
    patience = 40

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def answers(self):
        """With its bucket made."""
        try:
            self.client.create_bucket(Bucket=BUCKET)
        except Exception:
            return False
        return True

    @property
    def client(self):
        keys = {"aws_access_key_id": KEYS["access_key"], "aws_secret_access_key": KEYS["secret_key"]}
        return boto3.client("s3", endpoint_url=self.address, region_name="us-east-1", **keys)

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
