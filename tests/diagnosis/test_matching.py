"""All patterns in one pass find what each would find alone."""

from django.test import SimpleTestCase, TestCase

from kb.codes.models import Wording
from kb.codes.patterns import compiled
from kb.diagnosis.book import book
from kb.diagnosis.matching import Phrase, plain
from kb.diagnosis.speakers import Speaker, Speakers


def phrase(pattern, samples=(), pk=1, codes=(), provider=None):
    return Phrase(pk, pattern, tuple(samples), provider, 1, frozenset(codes))


class AllAtOnce(TestCase):
    def test_finds_what_each_pattern_finds_alone(self):
        matcher = book().matcher
        samples = [sample for wording in Wording.objects.all() for sample in wording.sample_list]
        for text in samples[::7] + [sample.upper() for sample in samples[3::7]]:
            alone = [each.pk for each in matcher.phrases if compiled(each.pattern).search(plain(text))]
            self.assertEqual([each.pk for each in matcher.found_in(plain(text))], alone, text)

    def test_copes_with_any_text(self):
        for text in ("", "\x00", "\ud800", "(" * 70_000, "é" * 20_000, "mailbox " * 20_000):
            book().matcher.found_in(plain(text))


class Plain(TestCase):
    def test_is_one_line(self):
        self.assertEqual(plain("550 5.1.1\r\n  user\tunknown "), "550 5.1.1 user unknown")

    def test_drops_the_code_that_each_line_repeats(self):
        long = "550-5.7.26 This mail is\n550-5.7.26 unauthenticated, which\n550 5.7.26 poses a risk"
        self.assertEqual(plain(long), "550-5.7.26 This mail is unauthenticated, which poses a risk")

    def test_keeps_another_code(self):
        self.assertEqual(plain("550-first 551 second"), "550-first 551 second")


class Telling(TestCase):
    def test_counts_the_letters_of_the_longest_branch(self):
        self.assertEqual(phrase(r"ab|c(d|efg)\d+").length, 3)

    def test_knows_a_cue(self):
        self.assertTrue(phrase("a").is_cue)
        self.assertFalse(phrase("a", codes=["550"]).is_cue)
        self.assertFalse(phrase("a", provider=3).is_cue)


class MarksOfProviders(SimpleTestCase):
    def test_may_be_very_many(self):
        hosts = tuple(f"mx{number}.a-rather-long-name.example.net" for number in range(8000))
        one, other = Speaker(1, "mailbox", hosts), Speaker(2, "mailbox", ("mail.example.org",))
        heard = Speakers([one, other]).heard_in(f"From mail.example.org \ud800 via {hosts[-1].upper()}")
        self.assertEqual(heard, [other, one])
