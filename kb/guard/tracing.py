"""A number for each request, in the answer and in every line that is logged meanwhile."""

import logging
import re
import secrets
import time
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

from kb.guard.proxy import is_trusted

PLAIN_PATH = re.compile(r"/[A-Za-z0-9._~/-]*")
LONGEST = 200  # signs of a path that are logged
ANYTHING = {"token", "url"}  # parts of addresses that are secrets, or whatever was typed
NUMBER = re.compile(r"[A-Za-z0-9_-]{8,64}")
current: ContextVar[str] = ContextVar("request", default="")
log = logging.getLogger("kb.access")


class TracingMiddleware:
    """The number is our proxy's where that gives one. A stored page has none: it answers many requests."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        begun, number = time.perf_counter(), number_of(request)
        current.set(number)  # stays until the next request of this thread: Django logs refusals after us
        response = self.get_response(request)
        if "public" not in response.get("Cache-Control", ""):
            response["X-Request-ID"] = number
        if settings.ACCESS_LOG:
            _note(request, response, time.perf_counter() - begun)
        return response


def number_of(request) -> str:
    given = request.headers.get("X-Request-ID", "")
    if NUMBER.fullmatch(given) and is_trusted(request.META.get("REMOTE_ADDR", "")):
        return given
    return secrets.token_hex(8)


def place_of(request: HttpRequest, status: int) -> str:
    """What a log may say of an address: its path where a page is, else the route it took; people type the rest."""
    match, path = request.resolver_match, request.path
    is_ours = path.startswith(settings.STATIC_URL) or (match and not ANYTHING & match.kwargs.keys())
    if is_ours and status < 400 and PLAIN_PATH.fullmatch(path):
        return path[:LONGEST]
    return f"/{match.route}" if match else "(no route)"


def _note(request, response, seconds):
    """Neither the query nor the address: both may tell of a person."""
    ms, status = round(seconds * 1000, 1), response.status_code
    facts = {"method": request.method, "path": place_of(request, status), "status": status, "ms": ms}
    log.info("%s %s %s in %s ms", *facts.values(), extra={"facts": facts})
