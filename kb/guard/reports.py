"""What browsers report of breaches of our content security policy: counted by directive, never kept."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

MOST_IN_ONE = 20  # reports of one post that are looked at
KEYWORDS = {"inline", "eval", "wasm-eval", "data", "blob", "self"}

log = logging.getLogger(__name__)
counts: Counter[str] = Counter()


def take(body: bytes) -> None:
    """Count the reports in this body; what is no report is passed over."""
    for report in _reports(body):
        directive = _directive(report)
        counts[directive] += 1
        if str(counts[directive]).rstrip("0") == "1":  # the 1st, the 10th, the 100th …
            log.warning(
                "Content policy: %s blocked %s (%s so far)", directive, _blocked(report), counts[directive]
            )


def _reports(body) -> Iterator[dict[str, Any]]:
    """Both forms: one object under `csp-report`, or a list of objects with a `body`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return
    if isinstance(found, dict):
        found = [{"body": found.get("csp-report")}]
    for one in found[:MOST_IN_ONE] if isinstance(found, list) else ():
        if isinstance(one, dict) and isinstance(one.get("body"), dict):
            yield one["body"]


def _directive(report):
    """A name of ours, so that a stranger cannot fill the memory with others."""
    said = (
        report.get("effectiveDirective")
        or report.get("effective-directive")
        or report.get("violated-directive")
    )
    name = str(said).split(" ")[0].removesuffix("-elem").removesuffix("-attr")
    return name if name in settings.CONTENT_SECURITY_POLICY else "other"


def _blocked(report):
    """A keyword or a host; the rest of an address may tell of a person."""
    said = str(report.get("blockedURL") or report.get("blocked-uri"))
    if said in KEYWORDS:
        return said
    try:
        host = urlsplit(said).hostname or ""
    except ValueError:
        host = ""
    return host[:100] if host.isascii() and host.isprintable() and host else "something"
