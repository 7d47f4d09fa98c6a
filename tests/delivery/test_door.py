"""The server door's threads: who waits for whom."""

import asyncio
import threading
from types import SimpleNamespace

from django.test import SimpleTestCase

from kb.delivery.door import QUICK, Door


class FakeMaker:
    """Makes a page of nothing, in the thread that it is given."""

    handler = None

    def wanted(self, key, run):
        return run(lambda: f"the page {key}")


class WhoPostsAndWhoReads(SimpleTestCase):
    def test_a_page_is_made_while_every_thread_for_posts_is_taken(self):
        self.assertEqual(asyncio.run(self.made_meanwhile()), "the page /kb/")

    async def made_meanwhile(self):
        door = Door(SimpleNamespace(maker=FakeMaker()), None)
        door.__rsgi_init__(asyncio.get_running_loop())
        written = threading.Event()
        posts = [asyncio.wrap_future(door._run(door.quick, written.wait, 20)) for _ in range(QUICK[0] + 1)]
        try:
            return await asyncio.wait_for(asyncio.wrap_future(door._wanted("/kb/")), 5)
        finally:
            written.set()
            await asyncio.gather(*posts)
