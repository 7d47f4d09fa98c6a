"""The threads that Django runs in: few, with a bounded queue, and those for slow work apart from the others."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Full(Exception):
    """So many wait already that one more would only wait in vain."""


class Threads:
    def __init__(self, name: str, most: int, waiting: int):
        self.pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self.room = most + waiting
        self.taken = 0  # counted in the event loop alone

    def run(self, work: Callable, *arguments: Any) -> Future:
        if self.taken >= self.room:
            raise Full
        self.taken += 1
        return self.pool.submit(work, *arguments)

    def done(self) -> None:
        self.taken -= 1
