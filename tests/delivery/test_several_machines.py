"""Two copies on two addresses of loopback that share a database and a Redis, behind one balancer."""

import os
import shutil
import socket
from itertools import count
from unittest import skipUnless

from tests.delivery.companions import Companion, until
from tests.delivery.served import ServedTestCase

PAGE = "/kb/mailbox-full/"
SITE = "help.example.org"
SEARCHES = 3  # an hour
addresses = (f"2001:db8:{network:x}::1" for network in count(1))


class Redis(Companion):
    name = "Redis"

    def __init__(self, folder):
        self.folder = folder
        super().__init__()

    def command(self):
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        return ["redis-server", *place, "--save", ""]

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as talk:
                talk.sendall(b"PING\r\n")
                return talk.recv(100) == b"+PONG\r\n"
        except OSError:
            return False


@skipUnless(
    shutil.which("redis-server") or os.environ.get("CI") == "true",
    "redis-server is missing (apt install redis-server)",
)
class TwoMachines(ServedTestCase):
    servers = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.redis = Redis(cls.folder)
        cls.addClassCleanup(cls.redis.stop)
        shared = {
            "SECRET_KEY": "the same on all",
            "CACHE_URL": f"redis://127.0.0.1:{cls.redis.port}/0",
            "SITE_URL": f"http://{SITE}",
            "TRUSTED_PROXY": "127.0.0.0/8",
            "COMMENT_APPROVAL": "none",
            "LIMITS": "on",
            "LIMIT_SEARCH": f"{SEARCHES}/hour",
        }
        hosts = ("127.0.0.1", "127.0.0.2")
        cls.running = [cls.start(f"{cls.folder}/{host}", host=host, **shared) for host in hosts]

    def get(self, server, path, client=None):
        """As the balancer passes it on for this client, or for a new one."""
        return server.get(path, Host=SITE, X_Forwarded_For=client or next(addresses))

    def search(self, server, client):
        return self.get(server, "/search/?q=550", client)

    def comment(self, server, words):
        form = {"name": "Anna", "text": words}
        return server.post(f"{PAGE}comments/", form, Host=SITE, X_Forwarded_For=next(addresses))

    def refused_by_the_other(self):
        """The answer of the second to a client who has used up the limit through the first, once it is a refusal."""
        first, second = self.running
        client = next(addresses)
        for _ in range(SEARCHES):
            self.assertEqual(self.search(first, client).status, 200)
        answer = self.search(second, client)
        return answer if answer.status == 429 else None

    def test_count_a_limit_together(self):
        refused = until(self.refused_by_the_other)  # again where a busy machine kept Redis from answering
        self.assertTrue(refused, "what is used up through one goes on through the other")
        self.assertIn("A moment, please", refused.text)
        self.assertTrue(3000 < int(refused.getheader("Retry-After")) <= 3600)
        self.assertEqual(self.search(self.running[1], next(addresses)).status, 200)

    def test_show_strangers_what_was_written_through_the_other(self):
        first, second = self.running
        words = "Archive what is older than a year."
        for server in self.running:
            page = self.get(server, PAGE)
            self.assertTrue(page.getheader("ETag"))
            self.assertNotIn(words, page.text)
        self.assertEqual(self.comment(first, words).status, 303)
        self.assertTrue(until(lambda: words in self.get(second, PAGE).text))

    def test_go_on_while_redis_is_away_each_counting_by_itself(self):
        client = next(addresses)
        with self.redis.away():
            for server in self.running:
                for path in (PAGE, "/codes/smtp/554/", "/search/?q=mailbox+full", "/readyz"):
                    self.assertEqual(self.get(server, path).status, 200, path)
                self.assertEqual(self.comment(server, f"Through {server.host}.").status, 303)
                tries = [self.search(server, client).status for _ in range(SEARCHES + 1)]
                self.assertEqual(tries, [200] * SEARCHES + [429])
        self.assertTrue(until(self.refused_by_the_other), "they do not count together again")
