"""A layer of its own in front of Django, asked as a server would ask it."""

from contextlib import contextmanager
from functools import cache

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from kb.delivery.asking import Key
from kb.delivery.behind_wsgi import with_stored_pages
from kb.delivery.layer import Layer
from kb.delivery.making import environ_of
from kb.guard.proxy import scheme_of

handler = cache(WSGIHandler)  # made once: it loads all middleware


class Stranger:
    """Asks one process. Its layer has no threads here: `listen` is what they do twice a second."""

    def __init__(self, grace=0):
        self.django_asked = 0
        self.layer = Layer(handler(), grace)
        self.application = with_stored_pages(self.layer, self._counted(handler()), scheme_of)
        self.layer.listener.read()

    @property
    def store(self):
        return self.layer.store

    def listen(self, now=None):
        self.layer.listener.read(now)

    def get(self, path, method="GET", host="127.0.0.1", scheme="http", **headers):
        path, _, query = path.partition("?")
        environ = environ_of(Key(scheme, host, path, query)) | {"REQUEST_METHOD": method}
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        return self._answer(environ)

    def _answer(self, environ):
        answer = Answer()
        with connections_left_open():
            answer.take(self.application(environ, answer.start))
        return answer

    def _counted(self, django):
        def application(environ, start_response):
            self.django_asked += 1
            return django(environ, start_response)

        return application


@contextmanager
def connections_left_open():
    """As Django's own test client does: the test's transaction stands on this connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


class Answer:
    def start(self, status, headers, exc_info=None):
        self.status = int(status.split()[0])
        self.headers = {name.lower(): value for name, value in headers}
        self.cookies = [value for name, value in headers if name.lower() == "set-cookie"]

    def take(self, pieces):
        self.body = b"".join(pieces)
        if hasattr(pieces, "close"):
            pieces.close()

    def __getitem__(self, name):
        return self.headers.get(name, "")

    @property
    def text(self):
        return self.body.decode()
