"""A number for each request, in the answer and in every line that is logged meanwhile."""

import logging
import re
import secrets
import time
from contextvars import ContextVar

from django.conf import settings

from kb.guard.proxy import is_trusted

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


def _note(request, response, seconds):
    """Neither the query nor the address: both may tell of a person."""
    ms = round(seconds * 1000, 1)
    facts = {"method": request.method, "path": request.path, "status": response.status_code, "ms": ms}
    log.info("%s %s %s in %s ms", *facts.values(), extra={"facts": facts})
