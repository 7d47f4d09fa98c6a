"""Pages are made for the store from their key alone: nothing a client sends beside its address can get into one."""

import io
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_started
from django.urls import Resolver404, resolve, set_script_prefix

from kb.delivery.asking import Key
from kb.delivery.pages import StoredPage, may_enter
from kb.delivery.store import PageStore

log = logging.getLogger(__name__)


class Maker:
    """Asks Django for pages, each page once however many wait for it."""

    def __init__(self, handler: WSGIHandler, store: PageStore):
        self.handler, self.store = handler, store
        self.flights: dict[Key, Future] = {}
        self.lock = threading.Lock()

    def wanted(self, key: Key, run: Callable[[Callable, Key, Future], Any]) -> Future:
        """The page when it is there, or None if it may not be stored; `run` is called by the first who asks."""
        with self.lock:
            flight = self.flights.get(key)
            if flight:
                return flight
            flight = self.flights[key] = Future()
            flight.set_running_or_notify_cancel()  # who gives up waiting does not end it for the others
        try:
            run(self._fly, key, flight)
        except BaseException:
            self._land(key, flight, None)
            raise
        return flight

    def make(self, key: Key) -> StoredPage | None:
        mark = self.store.clock
        response = self._ask(key)
        if not may_enter(response):
            if response.status_code < 500:  # that may be over in a moment
                self.store.pass_by(key)
            return None
        page = StoredPage(response)
        self.store.keep(key, page, mark)
        return page

    def _fly(self, key, flight):
        page = None
        try:
            page = self.make(key)
        except Exception:
            log.exception("A page could not be made for the store: %s", _route_of(key.path))
        finally:
            self._land(key, flight, page)

    def _land(self, key, flight, page):
        with self.lock:
            self.flights.pop(key, None)
        flight.set_result(page)

    def _ask(self, key):
        environ = environ_of(key)
        set_script_prefix("/")
        request_started.send(sender=type(self.handler), environ=environ)
        response = self.handler.get_response(WSGIRequest(environ))
        response.close()
        return response


def _route_of(path):
    """A log says no more of an address: the rest was typed."""
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return "(no route)"


def environ_of(key: Key) -> dict[str, Any]:
    """A request for this page by nobody in particular."""
    host, _, port = key.host.rpartition(":") if key.host.rpartition(":")[2].isdigit() else (key.host, "", "")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": key.path,
        "QUERY_STRING": key.query,
        "HTTP_HOST": key.host,
        "SERVER_NAME": host,
        "SERVER_PORT": port or ("443" if key.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": key.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
