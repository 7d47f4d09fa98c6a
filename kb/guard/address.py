"""Where to listen: `python -m kb.guard.address SERVER …` starts the server at HOST and PORT, or says why not there."""

import errno
import os
import resource
import socket
import sys
from contextlib import suppress
from time import monotonic, sleep

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ARENAS = 2  # of the C library, which gives each thread its own else: the same load took 180 MB instead of 150
FILES = 65_536  # open at once, as far as the system lets us: the server takes 2048 connections, and idle ones wait beside them
PATIENCE = 3  # seconds: a server that was killed a moment ago is still letting go of its port


class CannotListen(Exception):
    """Says what stands in the way, and what to change."""


def place(host: str, port: int) -> tuple[str, socket.socket]:
    """The numeric address and what keeps others from it; waits a moment where another is just leaving."""
    end = monotonic() + PATIENCE
    while True:
        try:
            address = find_address(host, port)
            return address, reserve(address, port)
        except CannotListen as problem:
            if monotonic() > end or getattr(problem.__context__, "errno", 0) != errno.EADDRINUSE:
                raise
        sleep(0.1)


def find_address(host, port):
    """The numeric address of the host. The server would share a taken port, so a plain socket asks first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotListen(
            f"HOST is “{host}”, and nothing by that name is known here. Write an address of this machine."
        ) from None
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        raise CannotListen(_reason(problem, host, port)) from None
    return str(address[0])


def reserve(host, port):
    """Held until the server ends: of two starts at once, each finding the port free, only one goes on (on Linux)."""
    held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    held.set_inheritable(True)
    if sys.platform == "linux":
        try:
            held.bind(f"\0codebook-{host}-{port}")  # a name without a file, gone with its last holder
        except OSError as problem:
            held.close()
            raise CannotListen(_reason(problem, host, port)) from None
    return held


def raise_limit_of_files():
    """Where connections use up what may be open, nothing can be read any more, not even the change log."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # some systems allow less than they say
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _reason(problem, host, port):
    if problem.errno == errno.EADDRINUSE:
        return (
            f"PORT {port} is taken: something already listens there, perhaps another Codebook. "
            "Stop that, or choose another port: PORT=8001 ./run"
        )
    if problem.errno == errno.EACCES:
        return (
            f"PORT {port} is open to the system's own services only. Choose one above 1023: PORT=8000 ./run"
        )
    return (
        f"HOST {host}, PORT {port}: {problem.strerror}. Write an address of this machine, such as 127.0.0.1."
    )


def main(server):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    given = {**os.environ}  # without what stands in .env: the server reads that itself, at each reload anew
    try:
        host, port = settings.HOST, settings.PORT
        if not settings.HAS_SECRET_KEY or not settings.DATA_DIR.is_dir():
            raise ImproperlyConfigured(f"there is no Codebook in {settings.DATA_DIR} yet. ./run makes it.")
        address, held = place(host, port)
    except (ImproperlyConfigured, CannotListen) as problem:
        sys.exit(f"Codebook cannot start: {problem}")
    shown = f"[{host}]" if ":" in host else host
    url = settings.SITE_URL if settings.OPEN_TO_OTHERS else f"http://{shown}:{port}"
    sys.stdout.write(f"Codebook is at {url}/  (stop it with Ctrl+C)\n")
    sys.stdout.flush()
    raise_limit_of_files()
    given.setdefault("MALLOC_ARENA_MAX", str(ARENAS))
    with held:
        os.execvpe(server[0], [*server, "--host", address, "--port", str(port)], given)  # noqa: S606 -- ./run names it


if __name__ == "__main__":
    main(sys.argv[1:])
