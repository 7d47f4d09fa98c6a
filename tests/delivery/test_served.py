"""What `./run` starts, asked from outside."""

import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing
from unittest import skipUnless
from urllib.parse import urlencode

from django.db import connection

from kb.delivery.bodies import MOST_AT_ONCE
from tests.delivery.served import ROOT, ServedTestCase, Server, free_port

PAGE = "/kb/mailbox-full/"
POST = b"POST /ask/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
EDIT = """
import django; django.setup()
from kb.articles import publishing
from kb.articles.models import Article
article = Article.objects.get(slug="mailbox-full")
publishing.publish(article, revision=publishing.revise(article, words={"title": "Edited elsewhere"}))
import time; print(time.time(), flush=True)
"""


class TwoProcesses(ServedTestCase):
    servers = 2

    def test_show_an_edit_made_in_a_third_within_a_second(self):
        for server in self.running:
            self.assertNotIn("Edited elsewhere", server.get(PAGE).text)
            self.assertTrue(server.get(PAGE).getheader("ETag"))
        edited, waiting = self.edit(), list(self.running)
        while waiting and time.time() - edited < 10:
            waiting = [server for server in waiting if "Edited elsewhere" not in server.get(PAGE).text]
            time.sleep(0.02)
        self.assertEqual(waiting, [])
        self.assertLess(time.time() - edited, 2)  # a second, and one more for a busy machine

    def edit(self):
        """The moment at which the edit was stored."""
        environment = self.running[0].environment
        editor = subprocess.Popen(
            [sys.executable, "-c", EDIT], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        self.addCleanup(editor.communicate)
        return float(editor.stdout.readline())


@skipUnless(connection.vendor == "sqlite", "the copy is a SQLite file")
class OneServer(ServedTestCase):
    def setUp(self):
        [self.server] = self.running

    def test_speaks_http_as_it_should(self):
        page = self.server.get(PAGE)
        tag = page.getheader("ETag")
        for ask, status in (
            ({"If_None_Match": tag}, 304),
            ({"If_None_Match": '"another"'}, 200),
            ({"Range": "bytes=0-9"}, 200),
            ({"method": "HEAD"}, 200),
            ({"method": "TRACE"}, 405),
            ({"method": "BREW"}, 405),
            ({"method": "DELETE"}, 403),
            ({"Host": "evil.example"}, 400),
        ):
            with self.subTest(ask=ask):
                answer = self.server.get(PAGE, **ask)
                self.assertEqual(answer.status, status)
                if status == 304 or ask.get("method") == "HEAD":
                    self.assertEqual(answer.text, "")
                if status != 304:
                    self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")
        self.assertEqual(
            self.server.get(PAGE, method="HEAD").getheader("Content-Length"), str(len(page.text.encode()))
        )

    def test_tells_its_host_from_the_first_line_as_from_the_header(self):
        two = b"GET /kb/mailbox-full/ HTTP/1.1\r\nHost: evil.example\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        self.assertIn(b"400 Bad Request", self.server.raw(two).splitlines()[0])

    def test_has_no_static_file_for_a_foreign_host(self):
        for _ in range(2):  # from the disk, and from memory
            for host, status in (("127.0.0.1", 200), ("evil.example", 400)):
                self.assertEqual(self.server.get("/static/one.css", Host=host).status, status)

    def test_answers_an_ask_and_a_sign_in_page(self):
        answer = self.server.raw(
            POST + b"Sec-Fetch-Site: same-origin\r\nContent-Length: 20\r\n\r\nq=550+5.1.1+User+x.y"
        )
        self.assertIn(b"200 OK", answer.splitlines()[0])
        self.assertIn(b"no-store", answer.lower())
        self.assertIn("csrftoken", self.server.get("/account/login/").getheader("Set-Cookie"))

    def test_refuses_in_words_what_is_too_large(self):
        for size in (b"10485761", b"9" * 30):
            answer = self.server.raw(POST + b"Content-Length: " + size + b"\r\n\r\nq=")
            self.assertIn(answer.splitlines()[0].split(b" ")[1], (b"413", b"400"))
        self.assertEqual(self.server.get(PAGE).status, 200)

    def test_stores_nothing_of_a_body_that_does_not_say_how_long_it_is(self):
        """Of one sent in chunks granian does not tell whether it was whole."""
        form = b"text=half+of+what+I+wanted+to+say&name=Anna"
        chunk = b"%x\r\n%b\r\n" % (len(form), form)
        head = (
            b"POST /kb/mailbox-full/comments/ HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
        )
        head += b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n"
        before = self.comments()
        for name, more, body in (
            ("broken off", b"", chunk),
            ("a bad size", b"", chunk + b"ZZZ\r\n"),
            ("a bad size at first", b"", b"ZZZ\r\n" + form),
            ("no last line", b"", chunk + b"0\r\n"),
            ("shorter than its size", b"", b"ff\r\n" + form),
            ("whole", b"", chunk + b"0\r\n\r\n"),
            ("a length as well", b"Content-Length: 5\r\n", chunk + b"0\r\n\r\n"),
        ):
            with self.subTest(name):
                answer = self.sent(head + more + b"\r\n" + body)
                self.sent(head + more + b"\r\n" + body, breaks_off=True)  # no one is there for the answer
                self.assertIn(answer.split(b" ")[1], (b"411", b"400"))
        self.assertIn(b"how long it is", self.sent(head + b"\r\n" + chunk))
        self.assertEqual(self.comments(), before)
        self.assertEqual(self.server.get(PAGE).status, 200)

    def sent(self, everything, *, breaks_off=False):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as talk:
            talk.sendall(everything)
            if breaks_off:
                talk.shutdown(socket.SHUT_WR)
            return talk.recv(65536)

    def comments(self):
        with closing(sqlite3.connect(self.file)) as database:
            return database.execute("SELECT count(*) FROM comments_comment").fetchone()

    def test_refuses_whoever_names_two_hosts(self):
        for path in (PAGE, "/healthz", "/search/?q=550", "/static/one.css"):
            for other in ("127.0.0.1", "evil.example"):
                for first, second in (("127.0.0.1", other), (other, "127.0.0.1")):
                    asked = (
                        f"GET {path} HTTP/1.1\r\nHost: {first}\r\nHost: {second}\r\nConnection: close\r\n\r\n"
                    )
                    with self.subTest(asked):
                        self.assertIn(b"400 Bad Request", self.server.raw(asked.encode()).splitlines()[0])

    def test_lets_forms_in_while_others_hold_all_that_may_be_held(self):
        """Seven announce 10 MB each, send at once as much as all together may, and go quiet."""
        quiet = [socket.create_connection(("127.0.0.1", self.server.port)) for _ in range(7)]
        for talk in quiet:
            self.addCleanup(talk.close)
            talk.sendall(POST + b"Content-Length: 10000000\r\n\r\n" + b"a" * (MOST_AT_ONCE // 7))
        for words in (b"q=550+5.1.1+User+x.y", b"q=" + b"550+5.1.1+User+x.y%0A" * 20_000):
            head = POST + b"Sec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n\r\n" % len(words)
            self.assertIn(b"200 OK", self.server.raw(head + words).splitlines()[0])

    def test_goes_on_reading_while_all_who_write_wait_for_a_lock(self):
        """Such as a large import takes, or an open sqlite3 shell."""
        letter = urlencode(
            {"act": "send", "message": "Help!", "email": "anna@example.com", "subject": "Help"}
        )
        head = b"POST /contact/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        head += b"Sec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n\r\n" % len(letter)
        with closing(sqlite3.connect(self.file, isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            writers = [
                socket.create_connection(("127.0.0.1", self.server.port), timeout=30) for _ in range(3)
            ]
            for writer in writers:
                self.addCleanup(writer.close)
                writer.sendall(head + letter.encode())
            began = time.monotonic()
            for path in ("/search/?q=full", "/kb/mailbox-full/comments/?part=1", "/readyz", "/healthz") * 4:
                self.assertEqual(self.server.get(path).status, 200)
            self.assertLess(time.monotonic() - began, 5)
            lock.execute("ROLLBACK")
        self.assertEqual([writer.recv(12) for writer in writers], [b"HTTP/1.1 200"] * 3)

    def test_stands_slow_and_rude_clients(self):
        """Of each kind more than there are threads; others are answered as ever."""
        ask = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        begins = {
            "idle": b"",
            "slow headers": b"GET / HTTP/1.1\r\nX: ",
            "slow body": POST + b"Content-Length: 100000\r\n\r\nq=",
            "slow reader": ask % PAGE.encode() * 20,
            "cut off in a body": POST + b"Content-Length: 100000\r\n\r\nq=",
            "cut off before the answer": ask % b"/kb/mailbox-full/comments/?part=1",
        }
        for kind, begin in begins.items():
            rude = [socket.create_connection(("127.0.0.1", self.server.port)) for _ in range(60)]
            for talk in rude:
                talk.sendall(begin)
                if kind.startswith("cut off"):
                    talk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    talk.close()
            began = time.monotonic()
            for path in (PAGE, "/search/?q=full"):
                self.assertEqual(self.server.get(path).status, 200, kind)
            self.assertLess(time.monotonic() - began, 5, kind)  # a second, and more for a busy machine
            for talk in rude:
                talk.close()

    def test_answers_all_who_ask_at_once_for_a_page_that_changed(self):
        answers = []

        def ask():
            answers.append(self.server.get("/codes/smtp/554/").status)

        askers = [threading.Thread(target=ask) for _ in range(60)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        self.assertEqual(answers, [200] * 60)


@skipUnless(connection.vendor == "sqlite", "the copy is a SQLite file")
class AServerThatIsToldToStop(ServedTestCase):
    servers = 0

    def test_first_answers_what_it_was_asked(self):
        server, answers = Server(self.folder), []
        words = b"q=" + b"550+5.1.1+User+unknown%0A" * 4000
        head = POST + b"Sec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n\r\n" % len(words)
        talks = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(4)]
        for talk in talks:
            talk.sendall(head + words)
        time.sleep(0.05)
        server.end()
        for talk in talks:
            answers.append(talk.recv(100).split(b"\r\n")[0])
            talk.close()
        self.assertEqual(answers, [b"HTTP/1.1 200 OK"] * 4)


@skipUnless(connection.vendor == "sqlite", "the copy is a SQLite file")
class AServerWithoutItsDatabase(ServedTestCase):
    servers = 0

    def test_says_so_and_keeps_nobody_waiting(self):
        away = f"postgres://kb@127.0.0.1:{free_port()}/kb"
        server = Server(self.folder, DATABASE_URL=away)
        self.addCleanup(server.end)
        for path, status in ((PAGE, 503), ("/search/?q=full", 503), ("/readyz", 503), ("/healthz", 200)):
            began = time.monotonic()
            answer = server.get(path)
            self.assertEqual(answer.status, status, path)
            self.assertLess(time.monotonic() - began, 8, path)  # 3 for the pool, and more for a busy machine
