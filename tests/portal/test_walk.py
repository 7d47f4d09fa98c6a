"""Every page there is, and every link on them."""

from html.parser import HTMLParser
from urllib.parse import urldefrag, urlsplit

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from kb.articles.models import Article, Topic
from kb.codes.models import Cause, Code, Provider

MOST_QUERIES = 12
AIM = 12  # of article and code pages; the stored pages of strangers will cost none


def asked(queries):
    """Without the savepoints: the comments set one only where there is a transaction, as in these tests."""
    return [query["sql"][:150] for query in queries if "SAVEPOINT" not in query["sql"]]


class Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.links, self.ids, self.doubled = set(), set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a" and attrs.get("href"):
            self.links.add(attrs["href"])
        if attrs.get("id") in self.ids:
            self.doubled.add(attrs["id"])
        if attrs.get("id"):
            self.ids.add(attrs["id"])


def addresses():
    """Every record's page; an enhanced code in each of its classes."""
    yield from (
        "/",
        "/kb/",
        "/codes/",
        "/codes/smtp/",
        "/codes/smtp/card/",
        "/codes/smtp/557/",
        "/codes/smtp/5.7.606/",
    )
    for model in (Cause, Provider, Topic, Article):
        yield from (row.get_absolute_url() for row in model.objects.all())
    for code in Code.objects.select_related("registry"):
        digits = "245" if code.is_general else code.value[0]
        yield from (f"/codes/smtp/{digit}{code.value[1:]}/" for digit in digits)
    yield from (f"/codes/smtp/{digit}xx/" for digit in "2345")


class Walk(TestCase):
    def test_finds_every_page_whole_and_every_link_alive(self):
        pages, waiting, dead = {}, dict.fromkeys(addresses()), []
        while waiting:
            address = waiting.popitem()[0]
            pages[address] = self.open(address)
            for link in pages[address].links:
                path = urldefrag(link)[0]
                if (
                    link.startswith("/")
                    and path.split("?")[0] not in pages
                    and not path.startswith(("/static/", "/admin/"))
                ):
                    waiting[path.split("?")[0]] = None
        for address, page in pages.items():
            dead += [f"{address} → {link}" for link in page.links if self.leads_nowhere(link, address, pages)]
        self.assertGreater(len(pages), 400)
        self.assertEqual(dead, [])

    def open(self, address):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = self.client.get(address, follow=False)
        self.assertIn(page.status_code, {200, 301, 302}, address)
        self.assertLessEqual(len(asked(queries)), MOST_QUERIES, f"{address}: {len(queries)} queries")
        found = Links(page.content.decode())
        self.assertEqual(found.doubled, set(), f"{address} has an id twice")
        self.assertNotIn("data-kb", page.content.decode(), address)
        if page.status_code != 200:
            found.links.add(page["Location"])
        return found

    def leads_nowhere(self, link, address, pages):
        path, fragment = urldefrag(link)
        parts = urlsplit(path or address)
        if parts.scheme or parts.path.startswith(("/static/", "/admin/")) or not fragment:
            return False
        return fragment not in pages[parts.path].ids


class Queries(TestCase):
    def test_stay_few_on_the_pages_people_read_most(self):
        for address in ("/codes/smtp/550/", "/codes/smtp/5.1.1/", "/kb/email-error-messages-explained/"):
            with self.subTest(address=address), CaptureQueriesContext(connection) as queries:
                self.client.get(address)
            self.assertLessEqual(len(asked(queries)), AIM, asked(queries))
