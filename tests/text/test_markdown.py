import unittest

from kb.text.markdown import Heading, TextError, render


def html(source):
    return render(source).html


class Prose(unittest.TestCase):
    def test_renders_nothing_from_nothing(self):
        rendered = render(" \n")
        self.assertEqual((rendered.html, rendered.plain, rendered.toc, rendered.codes), ("", "", (), ()))

    def test_knows_emphasis_and_struck_words(self):
        self.assertEqual(html("*a* **b** ~~c~~"), "<p><em>a</em> <strong>b</strong> <del>c</del></p>")

    def test_leaves_one_tilde_alone(self):
        self.assertEqual(html("~5 minutes~"), "<p>~5 minutes~</p>")

    def test_keeps_a_numbered_list_apart_from_a_bulleted_one(self):
        page = html("1. one\n\n- two")
        self.assertIn("<ol>", page)
        self.assertIn("<ul>", page)

    def test_starts_a_list_at_the_number_given(self):
        self.assertIn('<ol start="3">', html("3. three\n4. four"))

    def test_knows_definition_lists(self):
        self.assertIn(
            "<dt>Bounce</dt>\n<dd>a mail that came back</dd>", html("Bounce\n:   a mail that came back")
        )

    def test_knows_notes_and_their_kinds(self):
        page = html('!!! warning "Look out"\n    Not *yet*.')
        self.assertIn('<div class="admonition warning">', page)
        self.assertIn('<p class="admonition-title">Look out</p>', page)
        self.assertIn("<em>yet</em>", page)

    def test_drops_a_kind_of_note_the_stylesheet_does_not_know(self):
        self.assertIn('<div class="admonition">', html("!!! main\n    text"))

    def test_knows_footnotes(self):
        page = html("Text[^why].\n\n[^why]: Because.")
        self.assertIn('<sup id="fnref:why"><a class="footnote-ref" href="#fn:why">1</a></sup>', page)
        self.assertIn('<li id="fn:why">', page)

    def test_lets_a_few_tags_through_without_their_attributes(self):
        self.assertEqual(html('<kbd class="x" onclick="y">Ctrl</kbd>'), "<p><kbd>Ctrl</kbd></p>")

    def test_shows_any_other_tag_as_it_was_typed(self):
        self.assertEqual(html("a <div>b</div>"), "<p>a &lt;div&gt;b&lt;/div&gt;</p>")

    def test_leaves_an_exchange_code_at_the_start_of_a_line_a_paragraph(self):
        self.assertTrue(html("#5.1.1 smtp;550").startswith("<p>#"))

    def test_reads_every_kind_of_line_end(self):
        self.assertEqual(html("a\r\n\r\nb\r\rc"), "<p>a</p>\n<p>b</p>\n<p>c</p>")

    def test_drops_characters_no_page_may_hold(self):
        self.assertEqual(html("a\x00b\x02c\x03d\ud800e"), "<p>abcde</p>")


class Headings(unittest.TestCase):
    def test_makes_the_first_level_the_second(self):
        self.assertIn("<h2 id=", html("# Title"))

    def test_lists_them_with_level_id_and_title(self):
        contents = render("# What *happened*\n\n### Next & last").toc
        self.assertEqual(
            contents,
            (
                Heading(2, "section-what-happened", "What happened"),
                Heading(3, "section-next-last", "Next & last"),
            ),
        )

    def test_gives_each_an_id_of_its_own(self):
        ids = [heading.id for heading in render("# A\n\n# A\n\n# A 2\n\n# A").toc]
        self.assertEqual(ids, ["section-a", "section-a-2", "section-a-2-2", "section-a-3"])

    def test_never_takes_an_id_of_the_page(self):
        for taken in ["main", "ask-form", "comment-form", "comments", "q"]:
            self.assertNotIn(f'id="{taken}"', html(f"# {taken}"))

    def test_gives_a_heading_without_letters_an_id_too(self):
        self.assertEqual(render("# …").toc[0].id, "section")

    def test_ends_with_a_link_to_itself(self):
        page = html('## Say "when"')
        self.assertIn(
            '<a aria-label="Link to section Say &quot;when&quot;" class="anchor" href="#section-say-when">#</a>',
            page,
        )

    def test_leaves_the_number_of_a_footnote_out_of_the_title(self):
        self.assertEqual(render("# Limits[^1]\n\n[^1]: x").toc[0].title, "Limits")

    def test_finds_a_section_by_the_id_an_author_expects(self):
        self.assertIn('<a href="#section-next-steps">', html("[below](#next-steps)\n\n## Next steps"))

    def test_refuses_a_heading_without_words(self):
        with self.assertRaisesRegex(TextError, "no words"):
            render("## \n\ntext")


class Tables(unittest.TestCase):
    SOURCE = "| Code | Days |\n|---|--:|\n| a | 4 |"

    def test_scroll_inside_a_box_named_by_the_heading_before(self):
        page = html(f"## Limits\n\n{self.SOURCE}")
        self.assertIn('<div aria-label="Table: Limits" class="table" role="region" tabindex="0">', page)

    def test_have_a_plain_name_without_heading(self):
        self.assertIn('aria-label="Table" class="table"', html(self.SOURCE))

    def test_say_what_a_column_head_is(self):
        self.assertIn('<th scope="col">Code</th>', html(self.SOURCE))

    def test_align_by_class_and_not_by_style(self):
        self.assertIn('<td class="right">4</td>', html(self.SOURCE))
        self.assertNotIn("style", html(self.SOURCE))


class Code(unittest.TestCase):
    def test_can_be_reached_by_keyboard(self):
        self.assertEqual(
            html("```sh\na <b>\n\nc\n```"), '<pre tabindex="0"><code>a &lt;b&gt;\n\nc\n</code></pre>'
        )

    def test_stays_in_its_list(self):
        page = html("1. Run\n\n    ```\n    ls\n      -l\n    ```\n\n2. Look")
        self.assertIn('<pre tabindex="0"><code>ls\n  -l\n</code></pre>\n</li>', page)
        self.assertEqual(page.count("<ol"), 1)

    def test_needs_no_blank_line_around_its_fence(self):
        self.assertIn("<p>a</p>\n<pre", html("a\n~~~\nb\n~~~\nc"))

    def test_may_hold_a_shorter_fence(self):
        self.assertIn("```", html("````\n```\n````"))

    def test_is_shown_when_indented(self):
        self.assertIn("<code>[x](y)\n</code>", html("    [x](y)"))

    def test_refuses_a_fence_that_never_ends(self):
        with self.assertRaisesRegex(TextError, r"^Line 3: This code block never ends\. Close it with ```"):
            render("a\n\n```\nb")


class Links(unittest.TestCase):
    def test_go_anywhere_on_the_web_without_handing_over_the_window(self):
        self.assertIn('<a href="https://x.org/" rel="noopener">x</a>', html("[x](https://x.org/)"))
        self.assertIn('rel="noopener"', html("<https://x.org/>"))

    def test_go_to_this_site(self):
        self.assertEqual(html('[x](/kb/a_(b)/ "T")'), '<p><a href="/kb/a_(b)/" title="T">x</a></p>')

    def test_may_be_written_by_reference(self):
        self.assertIn('<a href="/kb/">the [whole] list</a>', html("[the [whole] list][1]\n\n[1]: /kb/"))

    def test_write_a_mail(self):
        self.assertIn('<a href="mailto:a@example.org">a@example.org</a>', html("<a@example.org>"))

    def test_refuse_another_scheme(self):
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            "data:text/html,x",
            "ftp://x.org/",
            "&#106;avascript:x",
        ]:
            with self.assertRaisesRegex(TextError, "cannot begin with"):
                render(f"[x]({address})")

    def test_name_the_line_of_the_scheme_they_refuse(self):
        with self.assertRaisesRegex(TextError, "^Line 2: "):
            render("a\n[x](ftp://x.org/)")


class Images(unittest.TestCase):
    def test_show_what_lies_on_this_site(self):
        self.assertEqual(
            html("![The form](/media/f.png)"),
            '<p><img alt="The form" decoding="async" loading="lazy" src="/media/f.png"></p>',
        )

    def test_are_named_where_they_are_kept_here_and_have_the_size_they_are_known_to_have(self):
        text = render("![a](/pictures/a.png) ![b](/pictures/b.png) ![c](/media/c.png)", {"a.png": (640, 480)})
        self.assertEqual(text.pictures, ("a.png", "b.png"))
        self.assertIn('height="480" loading="lazy" src="/pictures/a.png" width="640"', text.html)
        self.assertEqual(text.html.count("width"), 1)

    def test_refuses_an_image_without_alt_text(self):
        with self.assertRaisesRegex(TextError, "^Line 3: The image /media/f.png has no alternative text"):
            render("a\n\n![ ](/media/f.png)")

    def test_refuses_an_image_from_elsewhere(self):
        for address in [
            "https://x.org/a.png",
            "//x.org/a.png",
            "/\\x.org/a.png",
            "data:image/png;base64,x",
            "a.png",
            "",
        ]:
            with self.assertRaisesRegex(TextError, "is not on this site"):
                render(f"![x]({address})")


class PlainWords(unittest.TestCase):
    def test_leave_out_signposts_and_tables_of_codes(self):
        rendered = render("# Why[^1]\n\n[[codes smtp 5xx]]\n\nIt is [[code 550]].\n\n[^1]: Note")
        self.assertEqual(rendered.plain, "Why\nIt is 550.\nNote")
