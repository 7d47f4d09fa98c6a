"""One stored answer, whole: its status, headers, ETag, and its body, which is kept compressed alone, a picture as it is."""

import gzip
import hashlib
import time
from typing import Any

import brotli

from kb.delivery.asking import best_encoding, has_it_already

MAY_ENTER = frozenset({200, 301, 404})
MAY_VARY = frozenset({"accept-encoding", "cookie", "hx-request"})
OF_ONE_ANSWER = frozenset(
    {"content-length", "content-encoding", "etag", "vary", "date", "server", "x-request-id"}
)
LARGEST = 2 * 1024 * 1024
QUICK, BEST = 4, 11
QUICK_GZIP, BEST_GZIP = 1, 9  # the quick one takes a millisecond of the event loop; most pages need none
WORTH_IT = 3  # so many readers make a page worth the best compression, which costs as much as making the page

Answer = tuple[int, list[tuple[str, str]], bytes]


def is_picture(response: Any) -> bool:
    """Which is small already: compressing it takes long and gains nothing."""
    return response.get("Content-Type", "").startswith("image/")


def may_enter(response: Any) -> bool:
    """Only whole answers that say they are the same for everyone, and say what they were made from."""
    says = response.get("Cache-Control", "").lower()
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    return (
        response.status_code in MAY_ENTER
        and "public" in says
        and not any(word in says for word in ("no-store", "private", "no-cache"))
        and bool(getattr(response, "targets", None))
        and not response.cookies
        and not response.streaming
        and varies <= MAY_VARY
        and len(response.content) <= LARGEST
    )


class StoredPage:
    __slots__ = (
        "brotli",
        "counted",
        "dropped",
        "etag",
        "gzip",
        "heads",
        "hits",
        "is_picture",
        "made",
        "plain",
        "queued",
        "renewing",
        "size",
        "status",
        "targets",
        "well",
    )

    def __init__(self, response: Any):
        content = response.content
        self.status = response.status_code
        self.targets = response.targets
        self.counted = response.counted if response.status_code == 200 else ""
        self.is_picture = is_picture(response)
        self.etag = self._own_tag(response) or f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
        self.plain = content if self.is_picture else b""
        self.brotli = brotli.compress(content, quality=QUICK) if content and not self.is_picture else b""
        self.gzip: bytes | None = None
        self.heads = self._heads(response)
        # Both forms and the rest of it, rather too much than too little.
        self.size = len(self.plain) + 3 * len(self.brotli) + 4000
        self.made, self.dropped = time.monotonic(), 0.0
        self.hits = 0
        self.renewing = self.queued = self.well = False

    def _own_tag(self, response):
        """The same for whoever is answered past the store."""
        return response.get("ETag") if self.is_picture else None

    def _heads(self, response):
        """The headers with each encoding's own, and those of a 304 under that name."""
        common = [
            (name.lower(), value) for name, value in response.items() if name.lower() not in OF_ONE_ANSWER
        ]
        common += [("etag", self.etag), ("vary", "Accept-Encoding, Cookie")]
        kept = [pair for pair in common if pair[0] != "content-type"]
        encoded = {coding: [("content-encoding", coding)] if self.brotli else [] for coding in ("br", "gzip")}
        return {"": common, "304": kept, **{coding: [*common, *extra] for coding, extra in encoded.items()}}

    def answer(self, accepted: str | None, none_match: str | None) -> Answer:
        """What a browser gets that takes these encodings and has kept pages with these tags."""
        if none_match and self.status == 200 and has_it_already(none_match, self.etag):
            return 304, self.heads["304"], b""
        coding = best_encoding(accepted or "")
        return self.status, self.heads[coding], self.body(coding)

    def body(self, coding: str) -> bytes:
        if not self.brotli:
            return self.plain
        if coding == "br":
            return self.brotli
        if coding == "gzip":
            self.gzip = self.gzip or gzip.compress(self.body(""), QUICK_GZIP, mtime=0)
            return self.gzip
        return brotli.decompress(self.brotli)

    def is_worth_it(self) -> bool:
        """True once, when it has been read often enough to be compressed well."""
        if self.queued or self.hits < WORTH_IT or not self.brotli:
            return False
        self.queued = True
        return True

    def take_over(self, older: "StoredPage") -> None:
        """In place of an older making of the same page; often nothing in it has changed."""
        self.hits = older.hits
        if older.well and self.etag == older.etag:
            self.brotli, self.gzip, self.well, self.queued = older.brotli, older.gzip, True, True

    def compress_well(self) -> None:
        """Takes as long as making the page did, so it is done aside and only for what is read."""
        content = self.body("")
        self.brotli = brotli.compress(content, mode=brotli.MODE_TEXT, quality=BEST)
        self.gzip = gzip.compress(content, BEST_GZIP, mtime=0)
        self.well = True
