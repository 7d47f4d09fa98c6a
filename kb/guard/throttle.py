"""How often one may try: limits by name, counted for each client's networks or, once signed in, for each account.

Wider networks may try more often (`client.networks_of`), so that neither one address nor many neighbours try without end.
Counts live in memory, or in the shared cache where there is one; while that cannot be reached, memory counts again.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from functools import cache, wraps
from math import ceil

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from kb.guard.client import address_of, networks_of

# Counts of one limit in memory; with more, a tenth is forgotten, so that strangers cannot fill it.
MOST_KEPT = 20_000
MOST_OF_A_PAIR = 2  # times the limit of one address, for all of a /24 or /48 that try one name
REST = 5  # seconds until it is asked again after it failed

log = logging.getLogger(__name__)


class TooManyTries(Exception):
    """`wait`: the whole seconds until the next try."""

    def __init__(self, wait: int):
        super().__init__(f"Too many tries; wait {wait} s.")
        self.wait = wait


def wait_for(request: HttpRequest, name: str, *, about: str = "") -> int:
    """Count this try under the named limit: 0 if it may go on, else the seconds to wait.

    `about` is what else is counted wherever the tries come from, such as the name someone tries to sign in by; but no try
    that was refused for where it came from, so that nobody fills the memory with names.
    """
    if not settings.LIMITING:
        return 0
    return _wait_of_each(_callers(request), name) or (
        _wait_of(f"about {digest(about)}", name) if about else 0
    )


def wait_of(who: str, name: str) -> int:
    """The same for one that is no network, such as a browser: count this try of it under the named limit."""
    return _wait_of(who, name) if settings.LIMITING else 0


def wait_for_pair(request: HttpRequest, name: str, about: str) -> int:
    """Count this try by what it is about and where it comes from together: others may go on with the same from elsewhere."""
    if not settings.LIMITING:
        return 0
    networks = networks_of(address_of(request))
    pairs = [(f"about {about} from {network}", min(times, MOST_OF_A_PAIR)) for network, times in networks]
    return _wait_of_each(pairs, name)


def is_reached(who: str, name: str) -> bool:
    """Whether the named limit is used up, without counting a try."""
    if not settings.LIMITING:
        return False
    return not all(
        _with_storage(name, lambda by, limit=limit: by.test(limit, name, who))
        for limit in settings.LIMITS[name]
    )


def wait_of_network(request: HttpRequest, name: str) -> int:
    """The same for what is refused before it is asked who sent it: no session is read for it."""
    return _wait_of_each(_networks(request), name) if settings.LIMITING else 0


def let_in(request: HttpRequest, name: str, *, about: str = "") -> None:
    """The same for views: who has to wait is told so (`TooManyTries` becomes the page 429)."""
    if wait := wait_for(request, name, about=about):
        raise TooManyTries(wait)


def in_words(wait: int) -> str:
    """“20 seconds”, “5 minutes”: never less than it takes."""
    if wait <= 90:
        return f"{wait} second{'' if wait == 1 else 's'}"
    return f"{-(-wait // 60)} minutes"


def limited(name: str, methods: tuple[str, ...] = ("POST",)) -> Callable:
    """A view that is entered only as often as the named limit allows."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if request.method in methods:
                let_in(request, name)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _callers(request):
    """An office shares one address, so whoever is signed in is counted by the account alone."""
    user = getattr(request, "user", None)
    if user and user.is_authenticated:
        return [(f"account {user.pk}", 1)]
    return _networks(request)


def _networks(request):
    return [(f"network {network}", times) for network, times in networks_of(address_of(request))]


def digest(text: str) -> str:
    """Counts are kept by this, so that what was typed is not."""
    return hashlib.sha256(text.strip().casefold().encode("utf-8", "replace")).hexdigest()[:32]


def _wait_of_each(callers, name):
    """From the narrowest on: a try that one has to wait for uses up nothing of the wider ones."""
    for who, times in callers:
        if wait := _wait_of(who, name, times):
            return wait
    return 0


def _wait_of(who, name, times=1):
    return max(_wait(_raised(limit, times), name, who) for limit in settings.LIMITS[name])


def _raised(limit: RateLimitItem, times: int) -> RateLimitItem:
    return limit if times == 1 else type(limit)(limit.amount * times, limit.multiples)


def _wait(limit: RateLimitItem, name, who) -> int:
    def hit(counter):
        if counter.hit(limit, name, who):
            return 0
        reset = counter.get_window_stats(limit, name, who).reset_time
        return max(1, ceil(reset - time.time()))

    return _with_storage(name, hit, otherwise=0)


def _with_storage(name, ask, otherwise=True):
    """The answer of the shared counter, or of memory while that cannot be reached."""
    for counter in _counters(name):
        try:
            return ask(counter)
        except StorageError as problem:
            _shared_rest.begin(problem)
    return otherwise


def _counters(name: str) -> Iterator[MovingWindowRateLimiter]:
    """The one to count with, and what to fall back to."""
    if settings.CACHE_URL and _shared_rest.is_over():
        yield _shared(settings.CACHE_URL)
    memory = _memory(name)
    if len(memory.storage.events) > MOST_KEPT:
        _forget_some(memory.storage)
    yield memory


def _forget_some(storage: MemoryStorage) -> None:
    """First what has run out, then where least was tried, longest ago: a limit that was reached is the last to be lifted."""
    kept = sorted(
        (len(tries), tries[0].atime if tries else 0.0, key) for key, tries in list(storage.events.items())
    )
    for _, _, key in kept[: len(kept) - MOST_KEPT * 9 // 10]:
        with storage.locks[key]:
            storage.clear(key)


@cache
def _memory(name):
    """Each limit has its own: who fills one of them frees nobody from another."""
    return MovingWindowRateLimiter(MemoryStorage())


@cache
def _shared(url):
    storage = RedisStorage(url, key_prefix="codebook", wrap_exceptions=True, **settings.CACHE_PATIENCE)
    return MovingWindowRateLimiter(storage)


class Rest:
    """A pause after a failure, so that not every request waits for what is down."""

    def __init__(self):
        self.until = 0.0

    def is_over(self):
        return time.monotonic() >= self.until

    def begin(self, problem):
        self.until = time.monotonic() + REST
        log.warning(
            "CACHE_URL cannot be reached (%s): limits are counted in memory.",
            type(problem.__cause__ or problem).__name__,
        )


_shared_rest = Rest()
