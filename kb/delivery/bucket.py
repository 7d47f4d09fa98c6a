"""What people upload, kept in a bucket of an S3-compatible server, which this server alone speaks to.

Needs requirements-s3.txt; nothing imports it where no bucket is set.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

from kb.delivery.media import MediaAway

CONNECT, READ, TRIES = 1.5, 5, 2  # seconds, seconds of silence, and how often
LONGEST = 20  # seconds for a whole file
AWAY_FOR = 3  # seconds for which one that did not answer is not asked again: many would wait in vain
PIECE = 256 * 1024
# Nobody but us: no lists of who may read, no addresses that others could open.
OURS_ALONE = {
    "default_acl": None,
    "querystring_auth": False,
    "file_overwrite": True,
    "security_token": None,
    "session_profile": None,
}


def _patience(connect, read, tries, style):
    return Config(
        connect_timeout=connect,
        read_timeout=read,
        retries={"total_max_attempts": tries, "mode": "standard"},
        signature_version="s3v4",
        s3={"addressing_style": style},
        # What newer clients add unasked, servers other than Amazon's may refuse.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


class Bucket(S3Storage):
    """Every question to it is bounded in time; whatever goes wrong is a MediaAway."""

    def __init__(self, **told: Any):
        self.style = "path" if told.get("endpoint_url") else "auto"
        super().__init__(
            **OURS_ALONE,
            client_config=_patience(CONNECT, READ, TRIES, self.style),
            transfer_config=TransferConfig(use_threads=False),
            **told,
        )
        self.away_until = 0.0

    @property
    def bucket(self) -> Any:
        """Of the thread's own connection."""
        return self.connection.Bucket(self.bucket_name)

    def check(self) -> None:
        """Raises MediaAway where the bucket does not answer, or not to us.

        Asked often, so with little patience; a reader has more, and goes on asking.
        """
        with self._bounded("the bucket", away_for=0):
            self._hasty.head_bucket(Bucket=self.bucket_name)

    @cached_property
    def _hasty(self):
        """A client for all threads, made once: that takes eighty times as long as what it asks."""
        return self._create_session().client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            config=_patience(0.5, 1, 1, self.style),
        )

    def exists(self, name: str) -> bool:
        with self._bounded(name):
            return super().exists(name)

    def delete(self, name: str) -> None:
        with self._bounded(name):
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with self._bounded(name or "the bucket"):
            return super().listdir(name)

    def _save(self, name: str, content: File) -> str:
        with self._bounded(name):
            return super()._save(name, content)

    def _open(self, name: str, mode: str = "rb") -> File:
        """Read whole with one question; what else storages can do with an open file nobody here needs."""
        if mode != "rb":
            raise ValueError("What is in the bucket is read whole, and written by save.")
        with self._bounded(name):
            answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=name)
            # As its own context it would be what lies under it, which does not mind a half.
            with closing(answer["Body"]) as body:
                return ContentFile(b"".join(self._pieces(name, body)), name=name)

    def _pieces(self, name, body) -> Iterator[bytes]:
        end = time.monotonic() + LONGEST
        while piece := body.read(PIECE):
            if time.monotonic() > end:
                raise MediaAway(f"{name}: too slow")
            yield piece

    @contextmanager
    def _bounded(self, name, away_for=AWAY_FOR):
        if time.monotonic() < self.away_until:
            raise MediaAway(f"{name}: the bucket did not answer a moment ago")
        try:
            yield
        except ClientError as problem:  # it answered
            code = problem.response.get("Error", {}).get("Code", "")
            if code == "NoSuchKey":
                raise FileNotFoundError(name) from None
            raise MediaAway(f"{name}: {code}") from None
        except (BotoCoreError, Boto3Error) as problem:
            self.away_until = time.monotonic() + away_for
            raise MediaAway(f"{name}: {type(problem).__name__}") from None
