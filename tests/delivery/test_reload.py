"""A new version without a dropped request: what `systemctl reload` does to a server that is being asked."""

import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from unittest import skipUnless

from django.db import connection

from kb.articles.models import Article
from tests.delivery.served import ServedTestCase

PAGE = "/kb/mailbox-full/"
WORDS = b"q=" + b"550+5.1.1+User+unknown%0A" * 4000
POST = (
    b"POST /ask/ HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(WORDS)
)
SETTINGS = "from tests.delivery.serving_settings import *\nSITE_NAME = {!r}\n"
LISTENING = "0A"
SLOW_START = "import time\ntime.sleep(2)\n"


@skipUnless(connection.vendor == "sqlite", "the copy is a SQLite file")
@skipUnless(Path("/proc/net/tcp").exists(), "who listens is read where Linux tells it")
class AServerThatIsReloaded(ServedTestCase):
    servers = 0

    def setUp(self):
        self.call_it("The old name")
        names = {"DJANGO_SETTINGS_MODULE": "settings_that_change", "PYTHONPATH": self.folder}
        self.server = self.start(self.folder, LIMITS="off", **names)
        self.read, self.posted, self.reloaded = [], [], threading.Event()
        self.addCleanup(self.reloaded.set)

    def call_it(self, name, more=""):
        (Path(self.folder) / "settings_that_change.py").write_text(SETTINGS.format(name) + more)

    def test_loses_no_request_and_serves_what_is_new(self):
        body = self.half_a_body()
        askers = [
            threading.Thread(target=work)
            for work in (self.go_on_reading, self.go_on_reading, self.go_on_posting)
        ]
        for asker in askers:
            asker.start()
        self.call_it("An entirely new name", SLOW_START)
        self.server.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda: self.listening() == 2)
        self.wait_until(lambda: self.listening() == 1)
        body.sendall(WORDS[1000:])  # the old worker is leaving, and still reads it
        self.assertEqual(body.recv(100).split(b"\r\n")[0], b"HTTP/1.1 200 OK")
        self.reloaded.set()
        for asker in askers:
            asker.join()
        self.assertIn("An entirely new name", self.server.get("/codes/").text)
        self.assertEqual({*self.read, *self.posted}, {200})
        self.assertEqual(self.server.end(), 0)
        self.assertEqual(self.views(), len(self.read))

    def half_a_body(self):
        talk = socket.create_connection(("127.0.0.1", self.server.port), timeout=30)
        self.addCleanup(talk.close)
        talk.sendall(POST + WORDS[:1000])
        return talk

    def go_on_reading(self):
        self.go_on(self.read, lambda: self.server.get(PAGE).status)

    def go_on_posting(self):
        self.go_on(self.posted, lambda: int(self.server.raw(POST + WORDS).split(b" ")[1]))

    def go_on(self, answers, ask):
        while not self.reloaded.is_set():
            try:
                answers.append(ask())
            except (OSError, HTTPException, IndexError) as problem:
                answers.append(type(problem).__name__)

    def listening(self):
        """How many sockets wait for connections at the server's port."""
        port = f":{self.server.port:04X}"
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(port) and row[3] == LISTENING for row in rows)

    def wait_until(self, is_so):
        end = time.monotonic() + 60
        while not is_so():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def views(self):
        number = Article.objects.get(slug="mailbox-full").pk
        with closing(sqlite3.connect(self.file)) as copy:
            [[count]] = copy.execute(
                "SELECT SUM(count) FROM delivery_views WHERE target = ?", [f"article:{number}"]
            )
        return count
