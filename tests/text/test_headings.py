from unittest import TestCase

from kb.text.markdown import headings, render


class Headings(TestCase):
    def test_are_read_back_from_the_stored_page(self):
        text = render("## One & *two*[^1]\n\n### `550` & more\n\n## One & two\n\n[^1]: Note.")
        self.assertEqual(
            [heading.id for heading in headings(text.html)], [heading.id for heading in text.toc]
        )
        self.assertEqual(headings(text.html)[0].title, "One & two")

    def test_name_each_table_apart(self):
        table = "| A |\n| --- |\n| b |\n\n"
        html = render(f"## Limits\n\n{table}Words.\n\n{table}").html
        self.assertIn('aria-label="Table: Limits"', html)
        self.assertIn('aria-label="Table: Limits, 2"', html)
