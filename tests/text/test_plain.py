import time
import unittest

from kb.text.plain import excerpt, fold_spaces, from_html, reading_minutes


class FromHtml(unittest.TestCase):
    def test_gives_each_block_a_line(self):
        self.assertEqual(
            from_html("<h2>A</h2><p>b <em>c</em></p><ul><li>d</li><li>e</li></ul>"), "A\nb c\nd\ne"
        )

    def test_reads_entities(self):
        self.assertEqual(from_html("a &amp; b &lt;c&gt;&nbsp;d"), "a & b <c> d")

    def test_leaves_out_scripts_styles_and_comments(self):
        self.assertEqual(from_html("a<script>b()</script><STYLE>c</style><!-- d > -->e"), "ae")

    def test_is_not_misled_by_a_bracket_in_an_attribute(self):
        self.assertEqual(from_html('<a title="x>y">z</a>'), "z")

    def test_holds_nothing_a_database_refuses(self):
        self.assertNotIn("\x00", from_html("a\x00b"))

    def test_takes_no_longer_for_hostile_text(self):
        for unit in [
            "<div>",
            "<",
            "<a ",
            '<a "',
            "<a '",
            "<!--",
            "<script>",
            " ",
            "\n",
            '<a class="anchor"',
            "&",
            "<b id=1><p>",
        ]:
            start = time.process_time()
            from_html(unit * (200_000 // len(unit)))
            self.assertLess(time.process_time() - start, 1, unit)


class Shortening(unittest.TestCase):
    def test_folds_spaces(self):
        self.assertEqual(fold_spaces(" a\n\t b "), "a b")

    def test_leaves_a_short_text_whole(self):
        self.assertEqual(excerpt("a  b", 10), "a b")

    def test_cuts_between_words(self):
        self.assertEqual(excerpt("one two, three", 10), "one two…")

    def test_cuts_a_word_longer_than_all(self):
        self.assertEqual(excerpt("abcdefgh", 4), "abc…")

    def test_is_never_longer_than_asked(self):
        for length in range(1, 30):
            self.assertLessEqual(len(excerpt("some words of various lengths, and more", length)), length)


class ReadingTime(unittest.TestCase):
    def test_counts_220_words_a_minute(self):
        self.assertEqual(reading_minutes("word " * 660), 3)

    def test_is_at_least_a_minute(self):
        self.assertEqual(reading_minutes("short"), 1)
