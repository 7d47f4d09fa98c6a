"""A request's body is taken in whole before it takes a thread: bounded in bytes, in time, and over all clients."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

LARGEST = 10 * 1024 * 1024  # where a mail may be sent
LARGEST_FORM = 512 * 1024  # anywhere else
SILENCE = 20  # seconds until the first bytes, and between any two pieces
SLOWEST = 50_000  # bytes a second
SMALL = 64 * 1024  # bytes: so little is taken in however much others send
MOST_AT_ONCE = 64 * 1024 * 1024  # bytes of all larger bodies, from their coming in until they are answered


class TooLarge(Exception):
    pass


class NoLength(Exception):
    """A body whose end cannot be told from where it broke off: granian ends either without a word."""


class TooSlow(Exception):
    """Also what broke off."""


class TooMany(Exception):
    pass


class Body:
    """What has come of one; `counted` are its bytes once they are more than a few."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = self.counted = 0
        self.had_to_go = False


class Intake:
    def __init__(self) -> None:
        self.counted = 0
        self.coming: dict[Body, asyncio.Timeout] = {}  # the larger ones; the longest silent first

    @asynccontextmanager
    async def taken(self, proto: Any, announced: str | None, largest: int) -> AsyncIterator[bytes]:
        """The whole body, counted until this is left. Raises TooLarge, TooSlow or TooMany."""
        length = int(announced[:20]) if announced and announced.isdecimal() else 0
        if length > largest:
            raise TooLarge
        body = Body()
        try:
            whole = await self._all(proto, body, largest)
            if len(whole) < length:  # nobody waits for the answer, and half a form is none
                raise TooSlow
            yield whole
        finally:
            self._uncount(body)

    async def _all(self, proto, body, largest):
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(SILENCE) as limit:
                async for piece in proto:
                    body.pieces.append(piece)
                    body.size += len(piece)
                    if body.size > largest:
                        raise TooLarge
                    self._count(body, limit)
                    now = asyncio.get_running_loop().time()
                    limit.reschedule(SILENCE + min(now, began + body.size / SLOWEST))
        except TimeoutError:
            raise TooMany if body.had_to_go else TooSlow from None
        finally:
            self.coming.pop(body, None)
            pieces, body.pieces = body.pieces, []
        return b"".join(pieces)

    def _count(self, body, limit):
        if body.size <= SMALL:
            return
        self.counted += body.size - body.counted
        body.counted = body.size
        self.coming.pop(body, None)
        self.coming[body] = limit  # spoke last
        while self.counted > MOST_AT_ONCE:
            self._refuse(next(iter(self.coming)), body)

    def _refuse(self, silent, speaking):
        """Whoever sent a lot and then keeps its place in silence makes way for who is sending."""
        if silent is speaking:
            raise TooMany
        limit = self.coming.pop(silent)
        self._uncount(silent)
        if not limit.expired():
            silent.had_to_go = True
            limit.reschedule(0)

    def _uncount(self, body):
        self.counted -= body.counted
        body.counted = 0
