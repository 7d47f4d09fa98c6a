"""A request's body is taken in whole before it takes a thread: bounded in bytes, in time, and over all clients."""

import asyncio
from typing import Any

LARGEST = 10 * 1024 * 1024
FIRST_SECONDS = 20  # for the first bytes; then as long as SLOWEST takes for what has come
SLOWEST = 50_000  # bytes a second
MOST_AT_ONCE = 64 * 1024 * 1024  # bytes of all bodies that are still coming in


class TooLarge(Exception):
    pass


class TooSlow(Exception):
    pass


class TooMany(Exception):
    pass


class Intake:
    def __init__(self) -> None:
        self.held = 0

    async def take(self, proto: Any, announced: str | None) -> bytes:
        """The whole body. Raises TooLarge, TooSlow or TooMany."""
        if announced and announced.isdecimal() and int(announced[:20]) > LARGEST:
            raise TooLarge
        pieces: list[bytes] = []
        try:
            return await self._all(proto, pieces)
        except TimeoutError:
            raise TooSlow from None
        finally:
            self.held -= sum(map(len, pieces))

    async def _all(self, proto, pieces):
        size, began = 0, asyncio.get_running_loop().time()
        async with asyncio.timeout(FIRST_SECONDS) as limit:
            async for piece in proto:
                pieces.append(piece)
                size += len(piece)
                self.held += len(piece)
                if size > LARGEST:
                    raise TooLarge
                if self.held > MOST_AT_ONCE:
                    raise TooMany
                limit.reschedule(began + FIRST_SECONDS + size / SLOWEST)
        return b"".join(pieces)
