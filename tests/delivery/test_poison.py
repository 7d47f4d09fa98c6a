"""Whatever comes through the real door with a request for a page, the next stranger finds the page as it is."""

from unittest import skipUnless

from django.db import connection

from kb.codes.models import Code
from tests.delivery.poisons import POISONS, unmoved
from tests.delivery.served import ServedTestCase, Server

OF_THE_MOMENT = {"date", "etag"}
HOST = b"Host: 127.0.0.1"
# What only bytes can say: two of a kind, and what is no text.
TWICE = [
    [HOST, b"Host: evil.example"],
    [b"Host: evil.example", HOST],
    [HOST, b"Cookie: theme=dark", b"Cookie: csrftoken=evil; messages=evil"],
    [HOST, b"Accept-Encoding: gzip", b"Accept-Encoding: identity;q=0"],
    [HOST, b"Cookie: theme=\xff\xfe"],
    [HOST, b"User-Agent: \xff", b"Referer: \xff"],
    [HOST, b"X-Forwarded-Host: \xff.example"],
    [b"Host: 127.0.0.1\xff"],
]
QUERIES = (b"", b"?utm=<script>", b"?page=1&page=2", b"?page=\xff", b"?print=1&page=1")


def lines_of(poison):
    sent = {"host": "127.0.0.1", **poison}
    return [f"{name.replace('_', '-')}: {value}".encode() for name, value in sent.items()]


@skipUnless(connection.vendor == "sqlite", "the copy is a SQLite file")
class APoisonedDoor(ServedTestCase):
    servers = 0

    def test_shows_everybody_else_what_another_shows(self):
        alike = {
            "SITE_URL": "http://127.0.0.1:8000",
            "PYTHONHASHSEED": "0",
        }  # the policy's order follows that
        clean, poisoned = [Server(self.folder, **alike) for _ in range(2)]
        for server in (clean, poisoned):
            self.addCleanup(server.end)
        poisons = [*map(lines_of, POISONS), *TWICE]
        values = Code.objects.filter(registry__slug="smtp", value__regex=r"^[245]").values_list(
            "value", flat=True
        )
        for poison, value in zip(poisons, values[: len(poisons)], strict=True):
            path = f"/codes/smtp/{value}/"
            for query in QUERIES:
                head = [
                    b"GET " + path.encode() + query + b" HTTP/1.1",
                    *poison,
                    b"Connection: close",
                    b"",
                    b"",
                ]
                poisoned.raw(b"\r\n".join(head))
            with self.subTest(poison=poison):
                self.assertEqual(self.seen(poisoned, path), self.seen(clean, path))

    def seen(self, server, path):
        answer = server.get(path, Host="127.0.0.1")
        headers = {name.lower(): value for name, value in answer.getheaders()}
        said = {name: value for name, value in headers.items() if name not in OF_THE_MOMENT}
        return answer.status, said, unmoved(answer.text)
