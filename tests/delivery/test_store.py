import gzip
import threading
from unittest import mock

import brotli
from django.http import HttpResponse
from django.test import SimpleTestCase

from kb.delivery.asking import Key, best_encoding, has_it_already, key_of, plain_query
from kb.delivery.making import Maker
from kb.delivery.pages import BEST, StoredPage, may_enter
from kb.delivery.store import PageStore


def response(text="Words.", targets=("article:1",), **headers):
    made = HttpResponse(text)
    made["Cache-Control"] = "public, max-age=0"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.targets, made.counted = frozenset(targets), "article:1"
    return made


def key(path="/a/"):
    return Key("http", "127.0.0.1", path, "")


class AStore(SimpleTestCase):
    def setUp(self):
        self.store = PageStore(20_000)
        self.store.is_open = True

    def keep(self, path="/a/", mark=None, **about):
        page = StoredPage(response(**about))
        return self.store.keep(key(path), page, self.store.clock if mark is None else mark)

    def test_drops_what_was_made_from_a_target(self):
        self.keep("/a/", targets=["article:1", "codes"])
        self.keep("/b/", targets=["article:2"])
        self.store.drop(["codes"])
        self.assertEqual([kept.path for kept in self.store.pages], ["/b/"])

    def test_drops_a_page_that_was_made_from_everything_with_any_change(self):
        self.keep(targets=["*"])
        self.store.drop(["article:7"])
        self.assertEqual((self.store.pages, self.store.bytes), ({}, 0))

    def test_drops_all_pages_when_everything_changed(self):
        self.keep("/a/", targets=["article:1"])
        self.keep("/b/", targets=["codes"])
        self.store.drop(["*"])
        self.assertEqual((self.store.pages, dict(self.store.by_target)), ({}, {}))

    def test_gives_pictures_a_part_of_the_room_and_no_page_makes_way_for_them(self):
        self.store.most_bytes = 80_000
        self.keep("/page/")
        for number in range(9):
            self.keep(f"/{number}.png", text=bytes(3000), Content_Type="image/png")
        self.assertEqual([kept.path for kept in self.store.pages], ["/page/", "/7.png", "/8.png"])
        self.assertLess(sum(self.store.pictures.values()), 20_000)
        self.store.drop(["*"])
        self.assertEqual((self.store.pictures, self.store.bytes), ({}, 0))

    def test_keeps_a_picture_as_it_is(self):
        page = StoredPage(response(b"\x89PNG" * 100, Content_Type="image/png"))
        for accepted in ("", "gzip", "br"):
            status, heads, body = page.answer(accepted, None)
            self.assertEqual((status, body), (200, b"\x89PNG" * 100))
            self.assertNotIn("content-encoding", dict(heads))
        page.hits = 100
        self.assertFalse(page.is_worth_it())

    def test_knows_for_a_moment_what_was_dropped_until_it_is_made_anew(self):
        self.keep("/a/", targets=["codes"])
        self.keep("/b/", targets=["codes"])
        self.store.drop(["codes"])
        old = self.store.just_dropped(key("/a/"), 60)
        self.assertIsNotNone(old)
        self.assertIsNone(self.store.just_dropped(key("/a/"), 0))
        self.keep("/a/", targets=["codes"])
        self.assertIsNone(self.store.just_dropped(key("/a/"), 60))
        self.store.forget_dropped()
        self.assertIsNone(self.store.just_dropped(key("/b/"), 60))

    def test_does_not_keep_what_changed_while_it_was_made(self):
        mark = self.store.clock
        self.store.drop(["article:1"])
        self.assertFalse(self.keep(mark=mark, targets=["article:1"]))
        self.assertFalse(self.keep(mark=mark, targets=["*"]))
        self.assertTrue(self.keep(mark=mark, targets=["article:2"]))

    def test_does_not_keep_what_took_longer_than_changes_are_remembered(self):
        mark = self.store.clock
        with mock.patch("kb.delivery.store.LONGEST_MAKING", 0):
            self.store.drop(["article:1"])
            self.store.drop(["article:2"])
        self.assertFalse(self.keep(mark=mark, targets=["article:3"]))

    def test_keeps_nothing_before_the_change_log_was_read(self):
        self.store.is_open = False
        self.assertFalse(self.keep())

    def test_stays_within_its_bytes_and_holds_on_to_what_is_read(self):
        self.keep("/read/")
        for number in range(50):
            self.store.get(key("/read/"))
            self.keep(f"/{number}/")
            self.assertLessEqual(self.store.bytes, 20_000)
        self.assertIn(key("/read/"), self.store.pages)
        self.assertLess(len(self.store.pages), 6)
        self.assertEqual(sum(page.size for page in self.store.pages.values()), self.store.bytes)
        self.assertEqual(self.store.by_target["article:1"], set(self.store.pages))

    def test_remembers_few_of_the_addresses_that_go_past(self):
        with mock.patch("kb.delivery.store.MOST_PASSED", 10):
            for number in range(100):
                self.store.pass_by(key(f"/{number}/"))
                self.assertLessEqual(len(self.store.passed), 10)
        self.assertTrue(self.store.passes(key("/99/")))

    def test_takes_over_the_well_compressed_form_of_unchanged_words(self):
        self.keep()
        older = self.store.pages[key()]
        older.compress_well()
        self.keep()
        self.assertIs(self.store.pages[key()].brotli, older.brotli)
        self.keep(text="Other words.")
        self.assertIsNot(self.store.pages[key()].brotli, older.brotli)

    def test_has_a_page_compressed_well_that_was_made_anew_while_its_forerunner_waited_for_that(self):
        self.keep()
        self.store.pages[key()].hits = 3
        self.assertTrue(self.store.pages[key()].is_worth_it())
        self.keep()
        self.assertTrue(self.store.pages[key()].is_worth_it())


class APage(SimpleTestCase):
    def test_enters_only_whole_public_and_free_of_cookies(self):
        self.assertTrue(may_enter(response()))
        with_cookie = response()
        with_cookie.set_cookie("a", "b")
        nameless = response()
        del nameless.targets
        no_page = response()
        no_page.status_code = 500
        for refused in (
            with_cookie,
            nameless,
            no_page,
            response(targets=()),
            response(Cache_Control="no-store"),
            response(Cache_Control="public, no-store"),
            response(Cache_Control="private"),
            response(Cache_Control="max-age=60"),
            response(Vary="Cookie, Accept-Language"),
            response(Vary="*"),
        ):
            self.assertFalse(may_enter(refused))

    def test_is_the_same_in_every_encoding(self):
        page = StoredPage(response("Wörter " * 500))
        page.compress_well()
        for accepted, undo in (
            ("br", brotli.decompress),
            ("gzip", gzip.decompress),
            ("", bytes),
        ):
            status, headers, body = page.answer(accepted, None)
            self.assertEqual((status, undo(body).decode()), (200, "Wörter " * 500))
            self.assertEqual(dict(headers).get("content-encoding", ""), accepted)
            self.assertEqual(dict(headers)["vary"], "Accept-Encoding, Cookie")

    def test_is_compressed_well_once_it_was_read_often(self):
        page = StoredPage(response("Words " * 500))
        self.assertFalse(page.is_worth_it())
        page.hits = 3
        with mock.patch("brotli.compress", return_value=b"better") as compress:
            self.assertTrue(page.is_worth_it())
            self.assertFalse(page.is_worth_it())
            page.compress_well()
        self.assertEqual((compress.call_args.kwargs["quality"], page.brotli), (BEST, b"better"))

    def test_is_compressed_aside_for_those_too_who_know_gzip_alone(self):
        page = StoredPage(response("Words " * 500))
        page.compress_well()
        with mock.patch("gzip.compress") as compress:
            page.answer("gzip", None)
        self.assertEqual(compress.call_count, 0)

    def test_is_not_sent_again_to_who_has_it(self):
        page = StoredPage(response())
        for tag in (page.etag, page.etag.removeprefix("W/"), f'"other", {page.etag}', "*"):
            self.assertEqual(page.answer("br", tag)[::2], (304, b""))
        self.assertEqual(page.answer("br", '"other"')[0], 200)
        self.assertTrue(has_it_already(page.etag, page.etag))

    def test_without_words_names_no_encoding(self):
        moved = response("")
        moved.status_code = 301
        status, headers, body = StoredPage(moved).answer("br, gzip", None)
        self.assertEqual((status, body), (301, b""))
        self.assertNotIn("content-encoding", dict(headers))


class AKey(SimpleTestCase):
    def test_has_one_form(self):
        self.assertEqual(
            key_of("http", "LOCALHOST:8000", "/kb/", "page=2"), ("http", "localhost:8000", "/kb/", "page=2")
        )
        self.assertEqual(plain_query("sort=newest&page=2"), "page=2&sort=newest")

    def test_is_none_for_what_is_odd(self):
        for host, path, query in (
            ("evil.example", "/", ""),
            ("", "/", ""),
            ("localhost", "/é/", ""),
            ("localhost", "/%41/", ""),
            ("localhost", "/" + "a" * 300, ""),
            ("localhost", "/", "q=1"),
            ("localhost", "/", "page=1&page=2"),
            ("localhost", "/", "page=<b>"),
            ("localhost", "/", "page=1&utm=x"),
            ("localhost", "/", "page=" + "1" * 30),
            ("localhost", "/", "&" * 500),
            ("localhost", "/", "page"),
        ):
            with self.subTest(host=host, path=path[:20], query=query[:20]):
                self.assertIsNone(key_of("http", host, path, query) if query != "page" else None)

    def test_chooses_the_best_encoding_that_is_welcome(self):
        for accepted, best in (
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("*", "br"),
            ("identity", ""),
            ("", ""),
            ("GZIP", "gzip"),
            ("br;q=0.0", ""),
        ):
            self.assertEqual(best_encoding(accepted), best, accepted)


class ManyWhoWaitForOnePage(SimpleTestCase):
    def test_have_it_made_once(self):
        store, made, go_on = PageStore(20_000), [], threading.Event()
        store.is_open = True

        class Handler:
            def get_response(self, request):
                made.append(request.path)
                go_on.wait(5)
                return response()

        maker, got = Maker(Handler(), store), []

        def ask():
            got.append(maker.wanted(key(), lambda fly, *flight: fly(*flight)).result(5))

        askers = [threading.Thread(target=ask) for _ in range(20)]
        for asker in askers:
            asker.start()
        go_on.set()
        for asker in askers:
            asker.join(5)
        self.assertEqual((len(made), len(got), len(set(map(id, got)))), (1, 20, 1))

    def test_are_not_left_waiting_by_an_error(self):
        class Handler:
            def get_response(self, request):
                raise OSError("no")

        maker = Maker(Handler(), PageStore(20_000))
        with self.assertLogs("kb.delivery", "ERROR"):
            self.assertIsNone(maker.wanted(key(), lambda fly, *flight: fly(*flight)).result(5))
        self.assertEqual(maker.flights, {})
