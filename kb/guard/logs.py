"""How log lines look: for people (`line`) or for programs (`json`). Neither tells what people wrote."""

import json
import logging
import traceback
from datetime import UTC, datetime

from kb.guard.tracing import current


class Private(logging.Formatter):
    """An exception is told by its kind and place: its message may quote what someone sent or stored."""

    def formatException(self, ei):
        kind, problem, _ = ei
        told = traceback.TracebackException(kind, problem, ei[2], lookup_lines=True)
        return "\n".join(_lines(told)).rstrip()


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
        number = current.get()
        record.request = f" [{number}]" if number else ""
        return super().format(record)


class JsonFormatter(Private):
    """One object a line: time, level, logger, message, and where there are any the request, facts and traceback."""

    def format(self, record):
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
