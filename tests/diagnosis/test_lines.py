from time import process_time
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from kb.diagnosis.lines import codes_in, is_plain_question


def codes(text):
    return [(pair.reply, pair.enhanced) for pair in codes_in(text)]


class ReadALine(TestCase):
    def test_finds_the_pair_a_server_spoke(self):
        for text in (
            "550 5.1.1 <anna@example.com>: Recipient address rejected",
            "550-5.1.1 The email account that you tried to reach does not exist",
            "(550, b'5.1.1 User unknown')",
            "550 #5.1.1 SMTP; mailbox unavailable",
            "550: 5.1.1 no such user",
        ):
            with self.subTest(text=text):
                self.assertEqual(codes(text), [("550", "5.1.1")])

    def test_finds_codes_that_stand_alone(self):
        self.assertEqual(codes("dsn=5.1.1, stat=User unknown"), [("", "5.1.1")])
        self.assertEqual(codes("Error 421 from the server"), [("421", "")])

    def test_keeps_their_order_and_names_each_once(self):
        text = "421 4.7.0 try later; then 550 5.7.1 refused; again 550 5.7.1 refused"
        self.assertEqual(codes(text), [("421", "4.7.0"), ("550", "5.7.1")])

    def test_says_where_they_stand(self):
        text = "host said: 550 5.1.1 unknown"
        (pair,) = codes_in(text)
        self.assertEqual(text[pair.start : pair.end], "550 5.1.1")

    def test_passes_over_numbers_that_are_no_codes(self):
        for text in (
            "from 192.0.2.250 to 203.0.113.25",
            "smtp.rb:550:in `start'",
            "size=552960 relay=mx[192.0.2.1]:25",
            "version 2.5.1.1",
            "at 12:34:554",
            "250 KB of 500 MB used",
            "try again in 300 seconds",
            "1550 recipients, 5501 mails",
            "55٠ and ٥٥٠ and 5.٧.1",
            "٥550 and 550٥",
        ):
            with self.subTest(text=text):
                self.assertEqual(codes(text), [])

    def test_reads_hostile_text_in_linear_time(self):
        for piece in ("550 ", "5.1.1.", "5.1.1 ", "550-", "5" * 9, "4.4.", "2", "[" * 8):
            text = piece * (1_000_000 // len(piece))
            start = process_time()
            codes_in(text)
            self.assertLess(process_time() - start, 20, piece)  # seconds; quadratic work would take minutes

    @given(st.text())
    def test_never_raises(self, text):
        codes_in(text)
        is_plain_question(text)


class ThePlainQuestion(TestCase):
    def test_is_a_bare_code_or_words(self):
        for text in ("550", "5.1.1", "550 5.1.1", "mailbox full", "why is my mail late?", "  421  "):
            with self.subTest(text=text):
                self.assertTrue(is_plain_question(text))

    def test_is_nothing_long_or_private(self):
        for text in (
            "550 5.1.1 user unknown",
            "anna@example.com",
            "mail from 192.0.2.1",
            "cannot reach mx.example.com",
            "order 12345",
            "two\nlines",
            "word " * 20,
        ):
            with self.subTest(text=text):
                self.assertFalse(is_plain_question(text))
