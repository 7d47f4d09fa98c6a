import re

from django.test import TestCase, override_settings
from limits import parse_many

from kb.feedback.models import Vote
from tests.makers import make_article


class Sharing(TestCase):
    def test_passes_on_the_short_address_of_an_article(self):
        article = make_article("Ports & rules")
        page = self.client.get(article.get_absolute_url())
        short = f"http://127.0.0.1:8000/a/{article.number}/"
        for attribute in ("data-copy", "data-web-share"):
            self.assertContains(page, f'{attribute}="{short}"')
        self.assertContains(
            page,
            f"mailto:?subject=Ports%20%26%20rules&amp;body=http%3A%2F%2F127.0.0.1%3A8000%2Fa%2F{article.number}%2F",
        )

    def test_passes_on_a_codes_own_address(self):
        for value in ("550", "4.1.1", "5.1.1"):
            page = self.client.get(f"/codes/smtp/{value}/")
            for attribute in ("data-copy", "data-web-share"):
                self.assertContains(page, f'{attribute}="http://127.0.0.1:8000/codes/smtp/{value}/"')
            self.assertContains(page, f"mailto:?subject={value}%20")


class OnPaper(TestCase):
    def test_has_the_short_address_as_a_picture_that_is_not_read_aloud(self):
        pages = [self.client.get(make_article().get_absolute_url()).content.decode() for _ in range(2)]
        drawn = [
            re.findall(r'<svg aria-hidden="true" viewBox="0 0 (\d+) \1" class="qr">.*?</svg>', page)
            for page in pages
        ]
        self.assertEqual([len(one) for one in drawn], [1, 1])
        squares = [
            re.search(r'class="qr"><path stroke="#000" d="([^"]+)"/></svg>', page)[1] for page in pages
        ]
        self.assertNotEqual(*squares)  # each has its own
        for page in pages:
            self.assertLess(page.index('class="on-paper"'), page.index('class="qr"'))
            self.assertNotIn("style=", page)


class Votes(TestCase):
    @override_settings(LIMITING=True, LIMITS={"vote": parse_many("2/minute")})
    def test_are_limited(self):
        pages = [make_article().get_absolute_url(), "/codes/smtp/550/", "/codes/smtp/421/"]
        answers = [self.client.post(f"{page}vote/", {"useful": "yes"}) for page in pages]
        self.assertEqual([answer.status_code for answer in answers], [303, 303, 429])
        self.assertGreater(int(answers[2]["Retry-After"]), 0)
        self.assertEqual(Vote.objects.count(), 2)
