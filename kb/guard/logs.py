"""How log lines look: for people (`line`) or for programs (`json`). Neither tells what people wrote."""

import json
import logging
import traceback
from datetime import UTC, datetime

from django.http import HttpRequest

from kb.guard.tracing import current, place_of

SECURITY, CSRF = "django.security.", "django.security.csrf"


class Private(logging.Formatter):
    """An exception is told by its kind and place: its message may quote what someone sent or stored. So may an address."""

    def format(self, record):
        record.exc_text = None  # as another formatter wrote it
        return super().format(record)

    def formatException(self, ei):
        kind, problem, _ = ei
        told = traceback.TracebackException(kind, problem, ei[2], lookup_lines=True)
        return "\n".join(_lines(told)).rstrip()


def _tell_place(record):
    """Django's own lines end in the path. Of what was refused they say no more than what it was and where: no traceback,
    which strangers could fill a disk with, and none of the client's own words.
    """
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return
    status = getattr(record, "status_code", 400)
    place = place_of(request, status)
    if 400 <= status < 500:
        record.exc_info = record.exc_text = record.stack_info = None
        if record.name.startswith(SECURITY) and record.name != CSRF:
            record.msg, record.args = "%s: %s", (record.name.removeprefix(SECURITY), place)
        elif status == 400:  # Django's own line may be the exception's message
            record.msg, record.args = "Bad Request: %s", (place,)
    if isinstance(record.args, tuple):
        typed = {request.path, request.path.encode("unicode_escape").decode("ascii")}  # Django writes either
        record.args = tuple(place if str(argument) in typed else argument for argument in record.args)
        if record.name == CSRF:  # “Origin checking failed - https://… does not match any trusted origins.”
            record.args = tuple(str(argument).partition(" - ")[0] for argument in record.args)


def _lines(told):
    before = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
    if before:
        yield from _lines(before)
        yield "which led to:"
    yield from (line.rstrip("\n") for line in told.stack.format())
    yield told.exc_type.__qualname__


class LineFormatter(Private):
    def __init__(self):
        super().__init__("{asctime} {levelname} {name}{request}: {message}", style="{")

    def format(self, record):
        _tell_place(record)
        number = current.get()
        record.request = f" [{number}]" if number else ""
        return super().format(record)

    def formatMessage(self, record):
        """On one line, whatever is in it."""
        record.message = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in record.message)
        return super().formatMessage(record)


class JsonFormatter(Private):
    """One object a line: time, level, logger, message, and where there are any the request, facts and traceback."""

    def format(self, record):
        _tell_place(record)
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request": current.get(),
            **getattr(record, "facts", {}),
            "traceback": self.formatException(record.exc_info) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in told.items() if value != ""}, ensure_ascii=False)
