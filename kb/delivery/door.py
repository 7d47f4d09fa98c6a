"""The door for granian: stored pages and static files are answered in the event loop; the rest goes to Django's threads."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from kb.delivery.asking import METHODS, READING, Key, key_of, may_be_known
from kb.delivery.bodies import LARGEST, LARGEST_FORM, Intake, NoLength, TooLarge, TooMany, TooSlow
from kb.delivery.environ import environ_of
from kb.delivery.layer import Layer
from kb.delivery.refusing import in_words, refusal
from kb.delivery.statics_at_hand import StaticsAtHand
from kb.delivery.threads import Full, Threads

# Threads, and how many requests may wait for one. They share one interpreter, so with few of each what was begun is soon
# done, and nobody who reads queues behind people who post: those may have to wait for a lock.
PAGES, QUICK, SLOW = (2, 200), (2, 200), (2, 50)
POSTS = {"sqlite": (1, 200)}  # which has one writer at a time
PASSWORDS = (1, 50)  # to check one takes a third of a second by design
# What another machine may have to be asked for: if that is slow, those alone wait who want something of it.
FAR = (4, 50)
SENT_FAR = (2, 50)  # takes long to be made ready: those who read do not queue behind it
# Seconds: whoever waited so long for a thread is told to come again, rather than waiting for nothing.
PATIENCE = 20
LONGEST_SEND = 30  # seconds for one piece of an answer that is sent in pieces
log = logging.getLogger(__name__)


class Door:
    def __init__(
        self,
        layer: Layer,
        application: Callable,
        *,
        slow: tuple[str, ...] = (),
        passwords: tuple[str, ...] = (),
        large: tuple[str, ...] = (),
        unshared: tuple[str, ...] = (),
        far: tuple[str, ...] = (),
        alive: str = "",
        scheme_of: Callable[[str, str, str | None], str] | None = None,
    ):
        """Beginnings of addresses that may take `slow` work, to which `passwords` are sent, that take `large` bodies, that are
        `unshared`: no page there is for the store, or whose content may lie `far`, on another machine.

        `alive` is where it only says that it is; `scheme_of` believes the proxies that may be believed.
        """
        self.layer, self.application, self.scheme_of = layer, application, scheme_of
        self.slow, self.passwords, self.large = slow, passwords, large
        self.unshared, self.far, self.alive = unshared, far, alive
        self.statics = StaticsAtHand(layer.maker.handler)
        self.making = Threads("pages", *PAGES)
        self.quick = Threads("quick", *QUICK)
        self.posting = Threads("posts", *POSTS.get(connection.vendor, QUICK))
        self.careful = Threads("slow", *SLOW)
        self.fetching = Threads("far", *FAR)
        self.sending = Threads("sent-far", *SENT_FAR)
        self.checking = Threads("passwords", *PASSWORDS)
        self.intake = Intake()

    def __rsgi_init__(self, loop):
        self.loop = loop

    def __rsgi_del__(self, loop):
        self.layer.end()

    async def __rsgi__(self, scope, proto):
        if scope.proto != "http":
            return proto.close(403)
        try:
            answer = self._for_two_hosts(scope) or self._at_hand(scope) or await self._made(scope)
            answer = answer or await self._asked(scope, proto)
        except (Full, TooMany):
            answer = refusal(503, self._scheme(scope))
        except NoLength:
            answer = refusal(411, self._scheme(scope))
        except TooLarge:
            answer = refusal(413, self._scheme(scope))
        except TooSlow:
            answer = refusal(408, self._scheme(scope))
        if answer:
            _send(proto, *answer)

    def _for_two_hosts(self, scope):
        """Which of the two a proxy went by cannot be told (RFC 9112 §3.2)."""
        return refusal(400, self._scheme(scope)) if len(scope.headers.get_all("host")) > 1 else None

    # What is at hand: no query, no thread, no waiting

    def _at_hand(self, scope):
        method, headers = scope.method, scope.headers
        if method not in READING:
            return None if method in METHODS else refusal(405, self._scheme(scope))
        if _goes_past(headers):
            return self._no_page_at_hand(scope)
        page = self.layer.look_up((self._scheme(scope), headers.get("host"), scope.path, scope.query_string))
        if page is None:
            return self._no_page_at_hand(scope)
        if self.layer.is_due(page):
            self._renew(scope)
        return self._page_answer(page, scope)

    def _no_page_at_hand(self, scope):
        if scope.path == self.alive:
            return in_words(200, "alive", self._scheme(scope))
        return self.statics.answer(scope.path, scope.headers)

    def _page_answer(self, page, scope):
        if page.counted and scope.method == "GET":
            self.layer.counts.add(page.counted)
        return page.answer(scope.headers.get("accept-encoding"), scope.headers.get("if-none-match"))

    def _scheme(self, scope):
        if self.scheme_of is None:
            return scope.scheme
        return self.scheme_of(
            scope.scheme, scope.client.rpartition(":")[0], scope.headers.get("x-forwarded-proto")
        )

    # What can be at hand from now on

    async def _made(self, scope):
        key = self._key(scope)
        if key is None or self.layer.store.passes(key):
            return await self._static(scope)
        page = self.layer.look_up(key) or await asyncio.wrap_future(self._wanted(key))
        return self._page_answer(page, scope) if page else None

    def _key(self, scope) -> Key | None:
        if scope.method not in READING or _goes_past(scope.headers):
            return None
        if scope.path.startswith(self.unshared) or self.statics.knows(scope.path):
            return None
        return key_of(self._scheme(scope), scope.headers.get("host") or "", scope.path, scope.query_string)

    def _renew(self, scope):
        try:
            if key := self._key(scope):
                self._wanted(key)
        except Full:
            log.warning("A stored page could not be made anew: too many wait.")

    def _wanted(self, key):
        threads = self.fetching if key.path.startswith(self.far) else self.making
        return self.layer.maker.wanted(key, partial(self._run, threads))

    async def _static(self, scope):
        if scope.method not in READING or not self.statics.knows(scope.path) or "range" in scope.headers:
            return None
        await asyncio.wrap_future(self._run(self.quick, self.statics.load, scope.path))
        return self.statics.answer(scope.path, scope.headers)

    # What only Django can answer

    async def _asked(self, scope, proto):
        headers = scope.headers
        if "transfer-encoding" in headers:
            raise NoLength
        if "content-length" not in headers:
            return await self._answered(scope, proto, b"")
        largest = LARGEST if scope.path.startswith(self.large) else LARGEST_FORM
        async with self.intake.taken(proto, headers.get("content-length"), largest) as body:
            return await self._answered(scope, proto, body)

    async def _answered(self, scope, proto, body):
        threads = self._threads(scope)
        environ = environ_of(scope, body)
        return await asyncio.wrap_future(self._run(threads, self._respond, environ, proto, time.monotonic()))

    def _threads(self, scope):
        if scope.path.startswith(self.slow):
            return self.careful
        if scope.path.startswith(self.far):
            return self.fetching if scope.method in READING else self.sending
        if scope.method in READING:
            return self.quick
        return self.checking if scope.path.startswith(self.passwords) else self.posting

    def _run(self, threads, work, *arguments):
        future = threads.run(work, *arguments)
        future.add_done_callback(lambda _: self.loop.call_soon_threadsafe(threads.done))
        return future

    def _respond(self, environ, proto, came):
        """In a thread: what Django says, whole; None for what was sent already, in pieces."""
        if came < time.monotonic() - PATIENCE:
            raise Full
        said: dict[str, Any] = {}

        def start_response(status, headers, exc_info=None):
            said["status"] = int(status.partition(" ")[0])
            said["headers"] = [(name.lower(), value) for name, value in headers if name != "Content-Length"]

        answer = self.application(environ, start_response)
        try:
            if getattr(answer, "streaming", False):
                return self._send_in_pieces(proto, answer, **said)
            body = b"".join(answer)
        finally:
            answer.close()
        if said["status"] == 200 and environ["REQUEST_METHOD"] == "GET":
            self.layer.counts.add(getattr(answer, "counted", ""))
        return said["status"], said["headers"], body

    def _send_in_pieces(self, proto, pieces, status, headers):
        stream = self._in_loop(_begin(proto, status, headers))
        for piece in pieces:
            self._in_loop(stream.send_bytes(piece))

    def _in_loop(self, sending):
        return asyncio.run_coroutine_threadsafe(_awaited(sending), self.loop).result(LONGEST_SEND)


async def _begin(proto, status, headers):
    return proto.response_stream(status, headers)


async def _awaited(sending):
    return await sending


def _send(proto, status, headers, body):
    if body:
        proto.response_bytes(status, headers, body)
    else:
        proto.response_empty(status, headers)


def _goes_past(headers):
    """Whoever may be known to us, and whoever asks for a part of a page."""
    if "authorization" in headers or "hx-request" in headers:
        return True
    return "cookie" in headers and any(
        name == "cookie" and may_be_known(value) for name, value in headers.items()
    )
