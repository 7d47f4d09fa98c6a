"""What Django is told of a request that came in through granian's own interface (RSGI)."""

import io
import sys
from collections.abc import Mapping
from typing import Any

# Sent in pieces it is one value with semicolons, everything else with commas.
ONCE = frozenset({"HTTP_COOKIE"})
NAMED_APART = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def environ_of(scope: Any, body: bytes) -> dict[str, Any]:
    address, _, _ = scope.client.rpartition(":")
    server, _, port = scope.server.rpartition(":")
    return {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": address.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **_headers(scope.headers.items(), len(body)),
    }


def _headers(pairs, length) -> Mapping[str, str]:
    """A name with an underscore could pass for another with a hyphen, so it is left out, as other servers do."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if "_" in name or name == "transfer-encoding":
            continue
        key = NAMED_APART.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        glue = "; " if key in ONCE else ","
        found[key] = f"{found[key]}{glue}{value}" if key in found else value
    if length or "CONTENT_LENGTH" in found:
        found["CONTENT_LENGTH"] = str(length)
    return found
