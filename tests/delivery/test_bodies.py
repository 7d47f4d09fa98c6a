"""What comes in with a request: how much of it, how fast, and who has to go when there is no more room."""

import asyncio
from unittest import mock

from django.test import SimpleTestCase

from kb.delivery import bodies
from kb.delivery.bodies import LARGEST, Intake, TooLarge, TooMany, TooSlow

KB = 1024
PIECE = b"a" * 64 * KB


class Sender:
    """Sends these pieces; then it goes on, or keeps silent until it is told to."""

    def __init__(self, *pieces, then_silent=False):
        self.pieces, self.goes_on = pieces, asyncio.Event()
        self.sent = asyncio.Event()
        if not then_silent:
            self.goes_on.set()

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece
        self.sent.set()
        await self.goes_on.wait()


class ABody(SimpleTestCase):
    def setUp(self):
        self.intake = Intake()

    async def taken(self, sender, largest=LARGEST, announced=None):
        async with self.intake.taken(sender, announced, largest) as body:
            return body

    async def silent_ones(self, count, size):
        """Larger bodies that begin, and then hold what they have."""
        tasks = []
        for _ in range(count):
            sender = Sender(*[PIECE] * (size // len(PIECE)), then_silent=True)
            tasks.append(asyncio.create_task(self.taken(sender)))
            await sender.sent.wait()
        return tasks

    async def test_comes_in_whole(self):
        self.assertEqual(await self.taken(Sender(b"one ", b"two")), b"one two")
        self.assertEqual(await self.taken(Sender(*[PIECE] * 9)), PIECE * 9)
        self.assertEqual((self.intake.counted, self.intake.coming), (0, {}))

    async def test_is_refused_where_it_is_too_large(self):
        for sender, announced in ((Sender(PIECE), str(LARGEST)), (Sender(*[PIECE] * 3), None)):
            with self.assertRaises(TooLarge):
                await self.taken(sender, 2 * len(PIECE), announced)

    async def test_is_nothing_where_it_broke_off(self):
        with self.assertRaises(TooSlow):
            await self.taken(Sender(b"half a form"), announced="100")

    async def test_is_refused_where_it_falls_silent(self):
        with mock.patch.object(bodies, "SILENCE", 0.05), self.assertRaises(TooSlow):
            await self.taken(Sender(*[PIECE] * 150, then_silent=True))
        self.assertEqual((self.intake.counted, self.intake.coming), (0, {}))

    async def test_that_is_small_comes_in_however_much_others_hold(self):
        silent = await self.silent_ones(7, 9 * KB * KB)
        self.assertEqual(await self.taken(Sender(PIECE)), PIECE)
        for task in silent:
            task.cancel()

    async def test_that_is_larger_sends_away_who_was_silent_longest(self):
        silent = await self.silent_ones(7, 9 * KB * KB)
        self.assertEqual(len(await self.taken(Sender(*[PIECE] * 100))), 100 * len(PIECE))
        with self.assertRaises(TooMany):
            await silent[0]
        self.assertFalse(any(task.done() for task in silent[1:]))
        for task in silent:
            task.cancel()

    async def test_is_counted_until_it_was_answered(self):
        async with self.intake.taken(Sender(*[PIECE] * 9), None, LARGEST):
            self.assertEqual(self.intake.counted, 9 * len(PIECE))
            with mock.patch.object(bodies, "MOST_AT_ONCE", 10 * len(PIECE)), self.assertRaises(TooMany):
                await self.taken(Sender(*[PIECE] * 2))
        self.assertEqual(self.intake.counted, 0)
