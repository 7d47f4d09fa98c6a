from time import perf_counter

from django.test import SimpleTestCase

from kb.diagnosis.answers import Diagnosis
from kb.diagnosis.reading import Reading, Recipient, Spoken
from kb.portal.marking import covered_pieces, own_text

LONG = 256 * 1024


def diagnosed(text, *places, host=""):
    said = tuple(Spoken("550", "", "", start, start + 3, host=host) for start in places)
    return Diagnosis(Reading(text, recipients=(Recipient("", said),)))


def covered(text):
    return "".join(piece.covered if piece.kind else piece.text for piece in covered_pieces(text))


class Addresses(SimpleTestCase):
    def test_are_covered_however_they_stand(self):
        for text, shown in (
            ("to=<anna@example.com>, relay", "to=<a•••@example.com>, relay"),
            ("to=anna@example.com", "to=a•••@example.com"),
            ("550 5.1.1 anna.b+c@mail.example.com... User", "550 5.1.1 a•••@mail.example.com... User"),
            ("bounce-7-anna=example.com@lists.example.org", "b•••@lists.example.org"),
            ("Anna Berg <ännä@bücher.example>", "Anna Berg <ä•••@bücher.example>"),
            ("carl@example.com,dora@example.com", "c•••@example.com,d•••@example.com"),
            ("To anna.{x}@example.com.", "To a•••@example.com."),
            ('"anna berg"@example.com', '"anna b•••@example.com'),
            ("{anna@example.com} (anna@example.com)", "{a•••@example.com} (a•••@example.com)"),
            ("} @example.com and (@example.com)", "} @example.com and (@example.com)"),
            ("no @ address, 5 @ 3", "no @ address, 5 @ 3"),
        ):
            self.assertEqual(covered(text), shown)

    def test_by_the_thousand_are_covered_for_good_in_few_pieces(self):
        pieces = covered_pieces("anna@example.com, " * 10_000)
        self.assertLess(len(pieces), 2100)
        self.assertEqual(
            "".join(piece.covered if piece.kind else piece.text for piece in pieces).count("•••"), 10_000
        )
        self.assertNotIn("anna@", pieces[-1].text)


class OwnText(SimpleTestCase):
    def test_is_whole_whatever_is_marked(self):
        text = "host mx.example.com[192.0.2.1] said: 550 5.1.1 <anna@mx.example.com> at 2026-11-26 08:15:02\n  end "
        found = own_text(diagnosed(text, text.index("550"), host="mx.example.com"))
        self.assertEqual("".join(piece.text for piece in found.whole), text)
        self.assertEqual(
            [(piece.kind, piece.text) for piece in found.whole if piece.kind],
            [
                ("server", "mx.example.com[192.0.2.1]"),
                ("reply", "550"),
                ("address", "anna@mx.example.com"),
                ("time", "2026-11-26 08:15:02"),
            ],
        )

    def test_is_marked_where_it_stands_after_letters_that_grow_when_small(self):
        for before in ("İİİİ ", "ẞK ", "ŉǰ "):
            text = f"{before}host MX.example.com said: 550"
            found = own_text(diagnosed(text, text.index("550"), host="mx.example.com"))
            self.assertIn(
                ("server", "MX.example.com"), [(piece.kind, piece.text) for piece in found.whole], before
            )

    def test_of_any_length_is_marked_in_linear_time(self):
        for piece in (
            "a@b.example ",
            "@",
            "x@",
            "x",
            "mx.example.com ",
            "a.",
            "550 5.1.1 ",
            "a=",
            "2026-11-",
            "[",
            "\n",
        ):
            text = (piece * LONG)[:LONG]
            for host in ("", "mx.example.com"):
                with self.subTest(piece=piece, host=host):
                    start = perf_counter()
                    own_text(diagnosed(text, *range(0, 4000, 40), host=host))
                    self.assertLess(perf_counter() - start, 5)  # seconds; quadratic work would take minutes
