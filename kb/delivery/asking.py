"""Which stored page a request asks for, if any. Decided by the address and by who asks; nothing else of it counts."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from django.conf import settings
from django.http.request import split_domain_port, validate_host

READING = frozenset({"GET", "HEAD"})
METHODS = READING | {"POST", "OPTIONS", "PUT", "PATCH", "DELETE"}
KNOWN_KEYS = frozenset({"page", "sort", "print"})
PLAIN_PATH = re.compile(r"/[A-Za-z0-9._~/-]{0,200}")
PLAIN_VALUE = re.compile(r"[A-Za-z0-9_-]{1,20}")


class Key(NamedTuple):
    scheme: str
    host: str
    path: str
    query: str


def key_of(scheme: str, host: str, path: str, query: str) -> Key | None:
    """The page's key in one form, or None for what is never stored: odd hosts, paths and query keys."""
    asked = plain_query(query)
    host = host.lower()
    if asked is None or not PLAIN_PATH.fullmatch(path) or not is_our_host(host):
        return None
    return Key(scheme, host, path, asked)


def plain_query(text: str) -> str | None:
    """The known keys in order, each once; None if there is anything else."""
    if not text:
        return ""
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=10) if text.count("&") < 10 else [("", "")]
    fits = all(name in KNOWN_KEYS and PLAIN_VALUE.fullmatch(value) for name, value in pairs)
    if not fits or len(dict(pairs)) < len(pairs):
        return None
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


@lru_cache(maxsize=64)
def is_our_host(host: str) -> bool:
    """As Django asks; where debugging, it lets loopback names in, which are not stored then."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def may_be_known(cookies: str) -> bool:
    """True if this cookie header could name a person to us; anywhere in it is enough."""
    return settings.SESSION_COOKIE_NAME in cookies or settings.VISITOR_COOKIE_NAME in cookies


@lru_cache(maxsize=256)
def best_encoding(accepted: str) -> str:
    """`br`, `gzip`, or nothing."""
    named = dict(_named(part) for part in accepted.lower().split(",")[:20])
    return next((coding for coding in ("br", "gzip") if named.get(coding, named.get("*", False))), "")


def _named(part):
    coding, _, weight = part.partition(";")
    return coding.strip(), not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight)


def has_it_already(none_match: str, etag: str) -> bool:
    """Whether a browser's If-None-Match names this page; compared weakly, as for reading it must be."""
    named = {name.strip().removeprefix("W/") for name in none_match.split(",")}
    return "*" in named or etag.removeprefix("W/") in named
