from unittest import TestCase

from kb.search.query import parse, plain, telling, words_of
from kb.search.snippets import marked, pattern_of
from kb.search.words import near, slips, words_in


class AQuery(TestCase):
    def wanted(self, text):
        return [term[0] for term in telling(parse(text)).wanted]

    def test_keeps_codes_and_hyphened_words_together(self):
        self.assertEqual(self.wanted("5.1.1 e-mail"), [("5", "1", "1"), ("e", "mail")])

    def test_falls_apart_into_words_at_other_signs(self):
        self.assertEqual(self.wanted("spf/dkim,dmarc"), [("spf",), ("dkim",), ("dmarc",)])

    def test_has_phrases_in_any_quotes(self):
        for text in ('"user unknown"', "“User unknown”", '"user unknown'):
            self.assertEqual(parse(text).required, (("user", "unknown"),))

    def test_leaves_out_what_follows_a_minus(self):
        query = parse('spf -dkim -"mail from" well-known')
        self.assertEqual(query.refused, (("dkim",), ("mail", "from")))
        self.assertEqual(self.wanted("spf -dkim well-known"), [("spf",), ("well", "known")])

    def test_drops_words_that_say_little_unless_there_are_no_others(self):
        self.assertEqual(self.wanted("how do I get off a blacklist"), [("off",), ("blacklist",)])
        self.assertEqual(self.wanted("how do I"), [("how",), ("do",), ("i",)])

    def test_reads_so_many_words_and_no_more(self):
        self.assertEqual(
            sum(len(phrase) for phrase in self.wanted("word " * 3 + " ".join(map(str, range(99))))), 14
        )

    def test_holds_nothing_a_database_cannot(self):
        self.assertEqual(plain("a\x00b \ud800 c\nd"), "a b c d")
        self.assertEqual(words_of("Straße über-all"), ("straße", "über", "all"))


class ASnippet(TestCase):
    def of(self, query, text, **options):
        return marked(text, pattern_of(parse(query)), **options)

    def test_marks_other_forms_and_accents(self):
        self.assertEqual(self.of("deliver", "It was delivered."), "It was <mark>delivered</mark>.")
        self.assertEqual(self.of("uber", "Das ist über."), "Das ist <mark>über</mark>.")

    def test_marks_no_part_of_another_word(self):
        self.assertEqual(self.of("spf", "spfx and xspf"), "spfx and xspf")

    def test_is_cut_where_most_stands_together(self):
        text = f"quota {'filler ' * 60} the mailbox is over its quota now {'more ' * 60}"
        piece = self.of("mailbox quota", text)
        self.assertIn("<mark>mailbox</mark> is over its <mark>quota</mark>", piece)
        self.assertTrue(piece.startswith("…") and piece.endswith("…"))

    def test_escapes_what_it_cuts(self):
        self.assertEqual(self.of("b", "<b> & b"), "&lt;<mark>b</mark>&gt; &amp; <mark>b</mark>")


class Words(TestCase):
    def test_are_one_slip_apart_if_they_share_one(self):
        for typed, word in (
            ("recipeint", "recipient"),
            ("mailbx", "mailbox"),
            ("quotta", "quota"),
            ("grext", "great"),
        ):
            self.assertTrue(slips(typed) & slips(word), typed)
        self.assertFalse(slips("mailbox") & slips("message"))

    def test_are_letters_alone_and_not_too_short(self):
        self.assertEqual(words_in("The 550 mailbox of x1y and Überall"), {"mailbox", "überall"})

    def test_of_no_use_are_near_nothing(self):
        self.assertEqual([near(""), near("abc"), near("a" * 100)], [[], [], []])
