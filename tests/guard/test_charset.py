from io import BytesIO
from unittest import mock

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import SimpleTestCase, TestCase
from django.test.client import BOUNDARY, MULTIPART_CONTENT, FakePayload, RequestFactory, encode_multipart

from kb.guard.charset import known_charset_only, with_known_charset

NO_TEXT = ["rot13", "hex", "zlib", "base64", "bz2", "quopri", "uu", "undefined", "idna", "punycode"]
ODD = ["utf-16", "utf-7", "unicode_escape", "no-such-thing", "", "\0", "ü", "a" * 20000, '"rot13"']


class ACharset(TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.application = staticmethod(with_known_charset(WSGIHandler()))

    def knock(self, method, path, content_type, body=b"", query=""):
        environ = RequestFactory().generic(method, path).environ
        environ |= {
            "CONTENT_TYPE": content_type,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "wsgi.input": FakePayload(body) if body else BytesIO(),
        }
        said = []
        with mock.patch.object(
            connection, "close_if_unusable_or_obsolete"
        ):  # it holds the test's transaction
            for _ in self.application(environ, lambda status, headers: said.append(status)):
                pass
        return int(said[0].split()[0])

    def test_never_breaks_an_answer(self):
        form = encode_multipart(BOUNDARY, {"q": "550 5.1.1 user unknown"})
        for charset in [*NO_TEXT, *ODD]:
            with self.subTest(charset=charset[:20]):
                text = f"text/plain; charset={charset}"
                self.assertEqual(self.knock("GET", "/search/", text, query="q=full"), 200)
                self.assertLess(self.knock("GET", "/ask/", text, query="q=full"), 400)
                self.assertLess(self.knock("POST", "/ask/", text, b"q=550"), 500)
                self.assertLess(
                    self.knock("POST", "/ask/", f"{MULTIPART_CONTENT}; charset={charset}", form), 500
                )
                urlencoded = f"application/x-www-form-urlencoded; charset={charset}"
                self.assertLess(self.knock("POST", "/ask/", urlencoded, b"q=550"), 500)

    def test_of_no_use_leaves_the_form_readable(self):
        form = encode_multipart(BOUNDARY, {"q": "550 5.1.1 user unknown"})
        for charset in NO_TEXT:
            with self.subTest(charset=charset):
                content_type = f"{MULTIPART_CONTENT}; charset={charset}"
                self.assertEqual(self.knock("POST", "/ask/", content_type, form), 200)


class AContentType(SimpleTestCase):
    def test_stays_as_it_is_with_a_charset_of_ours(self):
        for given in (
            "",
            "text/plain",
            "Text/Plain; charset=UTF8",
            'text/html;charset="us-ascii"',
            "text/plain; charset=latin-1",
            "multipart/form-data; boundary=x",
        ):
            self.assertEqual(known_charset_only(given), given)

    def test_loses_another_charset_and_keeps_the_rest(self):
        self.assertEqual(
            known_charset_only('multipart/form-data; charset=hex; boundary="a b"'),
            'multipart/form-data; boundary="a b"',
        )
        self.assertEqual(known_charset_only("text/plain; charset*=rot13''x"), "text/plain")
        self.assertEqual(known_charset_only("text/plain; charset*=nothing''x"), "text/plain")
