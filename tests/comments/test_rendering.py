from unittest import TestCase

from kb.comments.rendering import html_of, links_in


class TheHtml(TestCase):
    def test_keeps_paragraphs_and_line_breaks(self):
        self.assertEqual(html_of("One\ntwo\n\n\nthree\n"), "<p>One<br>two</p><p>three</p>")

    def test_takes_nothing_for_markup(self):
        html = html_of(
            '<b>bold</b> & **stars** <script>alert(1)</script> <span data-kb="code - 550">1</span>'
        )
        self.assertNotIn("<b>", html)
        self.assertNotIn("<script", html)
        self.assertNotIn('data-kb="', html)
        self.assertIn("&lt;b&gt;bold&lt;/b&gt; &amp; **stars**", html)

    def test_links_addresses_and_lets_them_gain_nothing(self):
        self.assertEqual(
            html_of("See https://example.org/a?b=1&c=2."),
            '<p>See <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc noopener">'
            "https://example.org/a?b=1&amp;c=2</a>.</p>",
        )

    def test_knows_where_an_address_ends(self):
        for text, link in (
            ("(https://example.org/a)", "https://example.org/a"),
            ("https://example.org/a_(b)", "https://example.org/a_(b)"),
            ("“https://example.org/a”", "https://example.org/a"),
            ("Really? https://example.org/a?!", "https://example.org/a"),
            ("<https://example.org/a>", "https://example.org/a"),
        ):
            with self.subTest(text=text):
                self.assertEqual(links_in(text), [link])
                self.assertIn(f'<a href="{link}" rel', html_of(text))

    def test_links_nothing_that_could_run(self):
        for text in ("javascript:alert(1)", "data:text/html,x", "ftp://example.org", "xhttps://example.org"):
            self.assertNotIn("<a ", html_of(text), text)

    def test_shortens_what_is_shown_of_a_long_address(self):
        link = "https://example.org/" + "a" * 200
        self.assertIn(f'href="{link}"', html_of(link))
        self.assertIn("a…</a>", html_of(link))

    def test_marks_codes_for_their_stamps_but_not_inside_links(self):
        html = html_of("I get 550 5.1.1 from https://example.org/550-5.1.1/ today")
        self.assertIn('<span data-kb="code - 5.1.1">5.1.1</span>', html)
        self.assertEqual(html.count("data-kb"), 2)
