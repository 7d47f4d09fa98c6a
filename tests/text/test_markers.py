import unittest

from kb.text.markdown import Marker, TextError, fill, markers, plain_with_codes, render


def codes(source):
    return [value for _, value in render(source).codes]


class Written(unittest.TestCase):
    def test_become_inert_elements(self):
        for source, element in {
            "[[code 550]]": '<p><span data-kb="code - 550">550</span></p>',
            "[[code smtp 550]]": '<p><span data-kb="code smtp 550">550</span></p>',
            "[[ Code  SMTP  X.1.1 ]]": '<p><span data-kb="code smtp X.1.1">X.1.1</span></p>',
            "[[codes smtp 5xx]]": '<div data-kb="codes smtp 5xx"></div>',
            "[[codes 5xx]]": '<div data-kb="codes - 5xx"></div>',
            "[[subjects smtp]]": '<div data-kb="subjects smtp"></div>',
            "[[subjects]]": '<div data-kb="subjects -"></div>',
        }.items():
            self.assertEqual(render(source).html, element)

    def test_need_no_blank_line_around_a_table(self):
        self.assertEqual(
            render("a\n[[subjects smtp]]\nb").html, '<p>a</p>\n<div data-kb="subjects smtp"></div>\n<p>b</p>'
        )

    def test_stand_in_lists_and_tables(self):
        self.assertIn('<li><span data-kb="code - 550">', render("- [[code 550]]").html)
        self.assertIn('<td><span data-kb="code - 550">', render("|a|b|\n|-|-|\n|[[code 550]]|x|").html)

    def test_stay_words_in_code(self):
        for source in ["`[[code 550]]`", "```\n[[foo bar]]\n[[codes smtp 5xx]]\n```", "    [[foo bar]]"]:
            self.assertNotIn("data-kb", render(source).html)

    def test_stay_words_behind_a_backslash(self):
        self.assertEqual(render(r"\[[code E1]]").html, "<p>[[code E1]]</p>")

    def test_name_what_must_be_a_record(self):
        self.assertEqual(render("[[code smtp 550]] error 421").markers, (Marker("code", "smtp", "550"),))

    def test_name_every_code_cited_once(self):
        rendered = render("[[code smtp 550]] error 421, `421`\n\n[[codes smtp 5xx]]")
        self.assertEqual(rendered.codes, (("smtp", "550"), ("", "421")))

    def test_are_refused_when_ill_formed_with_their_line(self):
        for marker in [
            "[[code ]]",
            "[[code]]",
            "[[foo bar]]",
            "[[code a b c]]",
            '[[code "x"]]',
            "[[subjects a b]]",
            "[[codes]]",
        ]:
            with self.assertRaisesRegex(
                TextError, r"^Line 3: “\[\[.*\]\]” is no marker\. Write \[\[code 550\]\]"
            ):
                render(f"a\n\nb {marker}")
            with self.assertRaises(TextError):
                render(marker)

    def test_are_refused_when_a_table_stands_in_a_sentence(self):
        with self.assertRaisesRegex(TextError, "on a line of its own"):
            render("see [[codes smtp 5xx]]")

    def test_are_refused_inside_a_link(self):
        with self.assertRaisesRegex(TextError, "is a link itself"):
            render("[see [[code 550]]](/kb/)")

    def test_leave_other_double_brackets_alone(self):
        for source in ["[[1]]", "[[note]]", "[[ -f x ]]", "[[a b]](/kb/)", "[[]]"]:
            self.assertNotIn("data-kb", render(source).html)


class Stored(unittest.TestCase):
    PAGE = '<p><span data-kb="code - 550">550</span></p><div data-kb="codes smtp 5xx"></div><div data-kb="subjects -"></div>'

    def test_are_listed_in_order(self):
        self.assertEqual(
            markers(self.PAGE),
            [Marker("code", "", "550"), Marker("codes", "smtp", "5xx"), Marker("subjects")],
        )

    def test_are_filled_in_their_place(self):
        self.assertEqual(
            fill(self.PAGE, lambda marker: f"({marker})"), "<p>(code 550)</p>(codes smtp 5xx)(subjects)"
        )

    def test_survive_answers_with_backslashes(self):
        self.assertEqual(fill('<div data-kb="subjects -"></div>', lambda _: r"\1"), r"\1")

    def test_are_found_nowhere_else(self):
        for source in [
            '<span data-kb="code smtp 550">550</span>',
            '`<span data-kb="code smtp 550">550</span>`',
            '```\n<div data-kb="subjects smtp"></div>\n```',
            "[x](/a '<span data-kb=\"code smtp 551\">551</span>')",
            '![<span data-kb="code smtp 551">551</span>](/a)',
            '<b data-kb="code smtp 551">551</b>',
        ]:
            self.assertNotIn(Marker("code", "smtp", "551"), markers(render(source).html))
            self.assertNotIn(Marker("subjects", "smtp"), markers(render(source).html))


class TypedPlain(unittest.TestCase):
    def test_are_told_by_their_form(self):
        for source, found in {
            "It says 5.1.1.": ["5.1.1"],
            "(5.7.26), #4.4.7; 2.0.0": ["5.7.26", "4.4.7", "2.0.0"],
            "550 5.1.1 no such user": ["550", "5.1.1"],
            "550-5.7.26 unauthenticated": ["550", "5.7.26"],
            "smtp;554 5.4.14": ["554", "5.4.14"],
            "error 550, code 421. SMTP 250": ["550", "421", "250"],
            "reply: 354": ["354"],
            "codes 450, 451 and 452": ["450", "451", "452"],
            "errors 550/551": ["550", "551"],
            "`550` and `5.1.1`": ["550", "5.1.1"],
            "*error 550*": ["550"],
            "## Error 550": ["550"],
        }.items():
            self.assertEqual(codes(source), found, source)

    def test_are_left_alone_in_doubt(self):
        for source in [
            "550 mails in 421 days",
            "5.1.1.1 and 192.5.1.1 and 25.1.1",
            "1.5.1.1",
            "version 5.1.1, v4.96.2, Exim 4.96.2, Dovecot 2.3.21",
            "2.10.2023",
            "https://x.org/5.1.1 a/5.1.1",
            "user@5.1.1 5.1.1@x",
            "barcode 550",
            "error 5500, error 660, code 550.5",
            "550 bytes",
            "3.1.1 6.1.1",
            "`telnet 550 5.1.1`",
            "    error 550",
            "```\nerror 550\n```",
            "[error 550 5.1.1](/kb/)",
            "<https://x.org/?error=550>",
            "mx5.1.1",
            "error 55٣",
        ]:
            self.assertEqual(codes(source), [], source)

    def test_keep_every_word_around_them(self):
        page = render("a **550 5.1.1** b `421` c").html
        self.assertEqual(
            page,
            '<p>a <strong><span data-kb="code - 550">550</span> <span data-kb="code - 5.1.1">5.1.1</span></strong>'
            ' b <span data-kb="code - 421">421</span> c</p>',
        )

    def test_need_no_record(self):
        self.assertEqual(render("error 555").markers, ())

    def test_are_marked_in_short_plain_text(self):
        self.assertEqual(
            plain_with_codes("<b> & 550 5.1.1"),
            '&lt;b&gt; &amp; <span data-kb="code - 550">550</span> <span data-kb="code - 5.1.1">5.1.1</span>',
        )

    def test_leaves_plain_text_without_codes_as_it_is(self):
        self.assertEqual(plain_with_codes("550 mails"), "550 mails")
