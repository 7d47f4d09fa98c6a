"""Static files in memory, as Django and its middleware answer them: each is asked for once an encoding."""

from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_started
from whitenoise.middleware import WhiteNoiseMiddleware

from kb.delivery.asking import Key, best_encoding, is_our_host
from kb.delivery.making import environ_of

MOST_BYTES = 32 * 1024 * 1024
ENCODINGS = ("", "gzip", "br")


class StaticsAtHand:
    def __init__(self, handler: WSGIHandler):
        self.handler = handler
        self.names = frozenset(WhiteNoiseMiddleware(lambda request: None).files)
        self.files: dict[str, dict[str, tuple[int, list[tuple[str, str]], bytes]]] = {}
        self.bytes = 0

    def knows(self, path: str) -> bool:
        return path in self.names

    def answer(self, path: str, headers: Any) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """None for what is not in memory, a range of a file, and what is asked of another host: Django refuses that."""
        file = self.files.get(path)
        if file is None or "range" in headers or not is_our_host((headers.get("host") or "").lower()):
            return None
        status, said, body = file[best_encoding(headers.get("accept-encoding") or "")]
        if _has_it(headers, said):
            return 304, [pair for pair in said if pair[0] not in {"content-type", "content-encoding"}], b""
        return status, said, body

    def load(self, path: str) -> None:
        """In a thread: read it into memory, unless that is full."""
        if path in self.files or self.bytes > MOST_BYTES:
            return
        file = {coding: self._ask(path, coding) for coding in ENCODINGS}
        if all(status == 200 for status, _, _ in file.values()):
            self.bytes += sum(len(body) for _, _, body in file.values())
            self.files[path] = file

    def _ask(self, path, coding):
        environ = environ_of(Key("http", settings.SITE_HOST, path, "")) | {"HTTP_ACCEPT_ENCODING": coding}
        environ["wsgi.url_scheme"] = settings.SITE_URL.partition(":")[0]
        request_started.send(sender=type(self.handler), environ=environ)
        response = self.handler.get_response(WSGIRequest(environ))
        body = b"".join(response)
        response.close()
        headers = [(name.lower(), value) for name, value in response.items()]
        return response.status_code, [pair for pair in headers if pair[0] != "content-length"], body


def _has_it(headers, said):
    asked = headers.get("if-modified-since")
    return bool(asked) and ("last-modified", asked) in said
