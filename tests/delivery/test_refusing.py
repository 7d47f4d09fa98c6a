"""What the door refuses by itself carries the headers that Django's answers carry."""

from django.test import TestCase, override_settings

from kb.delivery.refusing import WORDS, refusal

OF_THE_PAGE = {
    "cache-control",
    "content-length",
    "content-type",
    "etag",
    "vary",
    "x-request-id",
    "x-robots-tag",
}


@override_settings(SECURE_HSTS_SECONDS=31536000)
class ARefusal(TestCase):
    def test_has_every_header_that_a_page_has(self):
        for scheme in ("http", "https"):
            page = self.client.get("/nothing/", secure=scheme == "https")
            wanted = {name.lower(): value for name, value in page.items() if name.lower() not in OF_THE_PAGE}
            del wanted["content-security-policy"]  # a line of text needs nothing of what a page may load
            for status in WORDS:
                _, headers, _ = refusal(status, scheme)
                self.assertLessEqual(wanted.items(), dict(headers).items(), status)
                self.assertIn("default-src 'none'", dict(headers)["content-security-policy"])

    def test_keeps_to_https_those_alone_who_came_by_it(self):
        self.assertNotIn("strict-transport-security", dict(refusal(503, "http")[1]))
        with override_settings(SECURE_HSTS_INCLUDE_SUBDOMAINS=True, SECURE_HSTS_PRELOAD=True):
            page = self.client.get("/nothing/", secure=True)
            self.assertEqual(
                dict(refusal(503, "https")[1])["strict-transport-security"], page["Strict-Transport-Security"]
            )
