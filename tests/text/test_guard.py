"""No text may hold the site: whatever comes is rendered or refused, soon."""

import time
import unittest
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.text import bounds
from kb.text.markdown import TextError, render
from tests.text.test_sanitiser import harm_in

UNITS = ["[", "]", "[[", "![", "[x][", "[a](", "[a](b", '[a](b")', "[a](<", "![a](", "[^1]", "[^", "(", "*", "_", "**", "*_", "*a*", "*a_", "**a", "**_", "~~", "~~a", "`", "``a`", "\\", "\\`", ">", "<", "<a", "<b>", "<b>x</b>", "<!--", "<![CDATA[", "<?", "<a@b", "<a@b>", "<http://a>", "&", "&amp;", "!!!", "|", "#", "-", "+", "1.", ":", '"', "[]", "[]()", "[](/b)", "[[code", "[[x]]", "<br>", "550", "5.1.1"]  # fmt: skip
LINES = [
    *[
        "\n",
        "a\n",
        "a\n\n",
        "# a\n",
        "# a\n\n",
        "a\n=\n",
        "a\n-\n",
        "---\n",
        "***\n",
        "- a\n",
        "- a\n\n",
        "1. a\n",
        "* * * ",
    ],
    *[
        "- - ",
        "1. 1. ",
        "> ",
        "> a\n",
        "> > ",
        ": ",
        "a\n: b\n",
        "a\n: b\n\n",
        "[a]: b\n",
        "[a]:\n",
        "[^1]: a\n",
        "[^1] ",
    ],
    *[
        "[[code 550]] ",
        "[[codes smtp 5xx]]\n",
        "550 5.1.1 ",
        "codes 550, ",
        "error 550/",
        "```\n",
        "```\na\n```\n",
        "~~~~\n```\n",
    ],
    *[
        "    a\n\n",
        "!!! note\n",
        '!!! a "b"\n    ',
        "|a|b|\n|-|-|\n",
        "|\n",
        "*a ",
        "a* ",
        "_a ",
        "[a](/b) ",
        "![a](/b) ",
        "`550` ",
    ],
    *["[a\n](", "[1]: /x 'y\n", "- - - - a\n", "    - a\n", "\t", " ", "word ", "é", "\x02", "\r"],
]
NESTED = [
    ("[", "]"),
    ("*a ", "a* "),
    ("_", "*"),
    ("*a _b ", "b_ a* "),
    ("(", ")"),
    ("[", "](/x)"),
    ("> ", "\n"),
    ("<b>", "</b>"),
]
SIZES = [8_000, 90_000]
SECONDS = (
    3.0  # of processor time; the worst measured takes half a second, and quadratic work would take minutes
)


def repeated(unit, size):
    return (unit * (size // len(unit) + 1))[:size]


def paragraphs(text):
    return "\n\n".join(text[at : at + 500] for at in range(0, len(text), 500))


def hostile(size):
    for unit in UNITS + LINES:
        yield repeated(unit, size)
        yield paragraphs(repeated(unit, size))
    for opening, closing in NESTED:
        yield repeated(opening, size // 2) + repeated(closing, size // 2)
    yield "|a|b|\n|-|-|\n" + repeated("|`c`|[[code 550]]|\n", size)
    yield "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + repeated("|\n", size)
    yield "".join("`" * length + " " for length in range(1, int((2 * size) ** 0.5)))
    yield "\n".join("    " * level + "- a" for level in range(int((size / 2) ** 0.5)))
    yield "[^1]: x\n\n" + repeated("[^1] ", size)
    yield (
        "\n".join(f"[a{number}]: /x" for number in range(size // 30)) + "\n\n" + repeated("[a1] ", size // 2)
    )


class Time(unittest.TestCase):
    def test_is_short_for_every_hostile_text(self):
        for size in SIZES:
            for source in hostile(size):
                start = time.process_time()
                with suppress(TextError):
                    render(source)
                self.assertLess(time.process_time() - start, SECONDS, f"{size} of {source[:40]!r}")


class Bounds(unittest.TestCase):
    def test_let_a_long_article_pass(self):
        section = (
            "## Section {0}\n\n"
            + "Some *words* on [a page](/kb/{0}/) and `code`, error 550 5.1.1. " * 8
            + "\n\n"
            "- one\n- two\n    - three\n\n> A quote\n\n| Code | Meaning |\n|---|---|\n"
            + "| `550` | gone |\n" * 10
            + "\n"
        )
        article = "\n".join(section.format(number) for number in range(150))
        self.assertGreater(len(article), 110_000)
        self.assertEqual(len(render(article).toc), 150)

    def test_let_a_table_of_many_codes_pass(self):
        self.assertIn(
            "<td>",
            render("| Code | Meaning |\n|---|---|\n" + "| [[code 550]] | *Mailbox* gone |\n" * 500).html,
        )

    def test_let_a_long_log_pass_in_a_code_block(self):
        self.assertIn(
            "[5000", render("```\n" + "".join(f"[{n}] <*_`x`> {n}\n" for n in range(6000)) + "```").html
        )

    def test_refuse_too_long_a_text_in_words(self):
        with self.assertRaisesRegex(TextError, "200,001 characters; 200,000 is the most"):
            render("a" * (bounds.CHARACTERS + 1))

    def test_refuse_too_deep_a_list_with_its_line(self):
        with self.assertRaisesRegex(TextError, "^Line 3: Lists and quotes are nested more than 12 deep"):
            render("a\n\n" + "- " * 13 + "a")

    def test_refuse_too_long_a_line(self):
        with self.assertRaisesRegex(TextError, "^Line 2: More than 20,000 characters"):
            render("a\n" + "b" * 20_001)

    def test_refuse_a_monstrous_table_with_its_line(self):
        with self.assertRaisesRegex(TextError, "^Line 3: Too much stands together"):
            render("a\n\n" + "|a" * 100 + "\n" + "|-" * 100 + "\n" + "|\n" * 500)

    def test_refuse_a_crowded_paragraph_with_its_line(self):
        with self.assertRaisesRegex(TextError, "^Line 3: Too many brackets"):
            render("a\n\n" + "*a " * 6000)

    def test_refuse_emphasis_too_deep_for_the_parser(self):
        with self.assertRaisesRegex(TextError, "nested too deeply"):
            render("*a " * 1000 + "a* " * 1000)


PIECES = st.sampled_from(
    [*UNITS, *LINES, *"[](){}*_`~<>#-+:|!&\\\"'^ \n", "[[code 550]]", "[^1]: ", "!!! note\n    "]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES | st.text(max_size=3), max_size=60).map("".join))


class AnyText(unittest.TestCase):
    @settings(max_examples=250, deadline=None, database=None)
    @given(TEXTS)
    def test_is_rendered_harmless_or_refused_in_words(self, source):
        try:
            rendered = render(source)
        except TextError as refusal:
            self.assertTrue(str(refusal))
        else:
            self.assertEqual(harm_in(rendered.html), [])
            self.assertNotRegex(rendered.html + rendered.plain, "[\x00\x02\x03]")
