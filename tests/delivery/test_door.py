"""The server door: who waits for whose thread, and what it holds meanwhile."""

import asyncio
import threading
import time
from types import SimpleNamespace
from unittest import mock

from django.test import SimpleTestCase

from kb.delivery.asking import Key
from kb.delivery.bodies import TooLarge
from kb.delivery.door import FAR, PATIENCE, QUICK, Door
from kb.delivery.store import PageStore
from kb.delivery.threads import Full


class FakeMaker:
    """Makes a page of nothing, in the thread that it is given."""

    handler = None

    def wanted(self, key, run):
        return run(lambda: self.made(key))

    def made(self, key):
        return f"the page {key.path}"


class SlowForPictures(FakeMaker):
    come = threading.Event()

    def made(self, key):
        if key.path.startswith("/pictures/"):
            self.come.wait(20)
        return super().made(key)


def page(path):
    return Key("http", "127.0.0.1", path, "")


class WhoPostsAndWhoReads(SimpleTestCase):
    def test_a_page_is_made_while_every_thread_for_posts_is_taken(self):
        self.assertEqual(asyncio.run(self.made_meanwhile()), "the page /kb/")

    async def made_meanwhile(self):
        door = Door(SimpleNamespace(maker=FakeMaker()), None)
        door.__rsgi_init__(asyncio.get_running_loop())
        written = threading.Event()
        posts = [asyncio.wrap_future(door._run(door.quick, written.wait, 20)) for _ in range(QUICK[0] + 1)]
        try:
            return await asyncio.wait_for(asyncio.wrap_future(door._wanted(page("/kb/"))), 5)
        finally:
            written.set()
            await asyncio.gather(*posts)

    def test_a_page_is_made_while_every_picture_is_waited_for(self):
        self.assertEqual(asyncio.run(self.made_beside_pictures()), "the page /kb/")

    async def made_beside_pictures(self):
        door = Door(SimpleNamespace(maker=SlowForPictures()), None, far=("/pictures/",))
        door.__rsgi_init__(asyncio.get_running_loop())
        pictures = [asyncio.wrap_future(door._wanted(page(f"/pictures/{n}"))) for n in range(FAR[0] + 1)]
        try:
            return await asyncio.wait_for(asyncio.wrap_future(door._wanted(page("/kb/"))), 5)
        finally:
            SlowForPictures.come.set()
            await asyncio.gather(*pictures)

    def test_whoever_writes_waits_with_those_who_write(self):
        about = {
            "slow": ("/ask/",),
            "passwords": ("/account/",),
            "far": ("/pictures/", "/admin/articles/picture/"),
        }
        door = Door(SimpleNamespace(maker=FakeMaker()), None, **about)
        for method, path, threads in (
            ("POST", "/kb/mailbox-full/comments/", door.posting),
            ("GET", "/kb/mailbox-full/comments/", door.quick),
            ("POST", "/desk/comments/", door.posting),
            ("POST", "/admin/codes/wording/1/change/", door.posting),
            ("POST", "/contact/", door.posting),
            ("POST", "/account/login/", door.checking),
            ("GET", "/account/login/", door.quick),
            ("POST", "/ask/", door.careful),
            ("HEAD", "/desk/", door.quick),
            ("GET", "/pictures/a.png", door.fetching),
            ("GET", "/admin/articles/picture/", door.fetching),
            ("POST", "/admin/articles/picture/add/", door.sending),
        ):
            self.assertIs(door._threads(SimpleNamespace(method=method, path=path)), threads, path)

    def test_nobody_is_kept_for_what_comes_too_late(self):
        asked = []
        door = Door(SimpleNamespace(maker=FakeMaker()), lambda *said: asked.append(said))
        with self.assertRaises(Full):
            door._respond({"REQUEST_METHOD": "POST"}, None, time.monotonic() - PATIENCE - 1)
        self.assertEqual(asked, [])


class WhoAsksWhetherItLives(SimpleTestCase):
    def test_is_told_so_while_every_thread_is_taken(self):
        layer = SimpleNamespace(maker=FakeMaker(), look_up=lambda key: None)
        door = Door(layer, None, alive="/healthz")
        for headers in ({"host": "10.0.0.11"}, {"host": "10.0.0.11", "authorization": "Basic YTpi"}):
            scope = SimpleNamespace(
                method="GET", path="/healthz", query_string="", headers=headers, scheme="http"
            )
            status, said, body = door._at_hand(scope)
            self.assertEqual((status, body), (200, b"alive\n"))
            self.assertEqual(dict(said)["cache-control"], "no-store")
        scope.method = "POST"
        self.assertIsNone(door._at_hand(scope))


class WhatIsNoPageForTheStore(SimpleTestCase):
    async def test_is_made_once_for_the_person_alone(self):
        door = Door(SimpleNamespace(maker=FakeMaker(), store=PageStore(0)), None, unshared=("/c/",))
        with mock.patch.object(FakeMaker, "wanted") as wanted:
            headers = {"host": "127.0.0.1"}
            scope = SimpleNamespace(
                method="GET", path="/c/confirm/token/", query_string="", headers=headers, scheme="http"
            )
            self.assertIsNone(await door._made(scope))
        self.assertEqual(wanted.call_count, 0)


class WhoWaitsWithMuch(SimpleTestCase):
    async def test_is_counted_until_django_has_answered(self):
        door = Door(SimpleNamespace(maker=FakeMaker()), None, large=("/ask/",))
        counted = []

        async def answered(scope, proto, body):
            counted.append(door.intake.counted)

        door._answered = answered
        scope = SimpleNamespace(path="/ask/", headers={"content-length": "1000000"})
        await door._asked(scope, pieces_of(b"a" * 1_000_000))
        self.assertEqual((counted, door.intake.counted), ([1_000_000], 0))

    async def test_may_send_it_only_where_a_mail_may_be_sent(self):
        door = Door(SimpleNamespace(maker=FakeMaker()), None, large=("/ask/",))
        scope = SimpleNamespace(path="/kb/mailbox-full/comments/", headers={"content-length": "600000"})
        with self.assertRaises(TooLarge):
            await door._asked(scope, pieces_of(b""))


async def pieces_of(body):
    yield body
