import re
import unittest
from html.parser import HTMLParser

from kb.text.markdown import TextError, markers, render
from kb.text.sanitiser import ATTRIBUTES, CLASSES, LISTS, PHRASES, PROSE, SCHEMES, TABLES, TYPED, sanitise

VECTORS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.org/x.js></sCrIpT>",
    "<script\n>alert(1)</script\n>",
    "<<script>script>alert(1)<</script>/script>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=`javascript:alert(1)`>",
    "<image src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<svg><animate xlink:href="#x" attributeName=href values=javascript:alert(1) /></svg>',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    '<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//x.org/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<style>@import '//x.org/x.css';</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<b style=position:fixed>x</b>",
    "<b onmouseover=alert(1)>x</b>",
    "<b hx-get=/logout hx-trigger=load>x</b>",
    "<b data-hx-get=/logout>x</b>",
    "<b data-kb='code smtp 550'>x</b>",
    "<span data-kb='codes smtp 5xx'>x</span>",
    "<b id=main class=code name=q>x</b>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java&#x09;script:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href=vbscript:msgbox(1)>x</a>",
    "<a href=/ target=_blank ping=//x.org>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button form=comment-form formaction=javascript:alert(1)>x</button>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<body onload=alert(1)>",
    "<table background=javascript:alert(1)><tr><td>x</table>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "<xmp><script>alert(1)</script></xmp>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "[x](javascript:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61script:alert(1))",
    "[x](java\\script:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    '[x](/a "onmouseover=\\"alert(1)")',
    '[x](/a"onmouseover=alert(1))',
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x][1]\n\n[1]: <javascript:alert(1)> 'y'",
    "<javascript:alert(1)>",
    "<javascript://x.org/%0Aalert(1)>",
    "<x@y.org?onclick=alert(1)>",
    '![x"onerror="alert(1)](/x.png)',
    '![x](/x.png"onerror="alert(1))',
    "![x](javascript:alert(1))",
    "![x](//x.org/x.png)",
    "```<script>\nalert(1)\n```",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "# <img src=x onerror=alert(1)>",
    '# x" onmouseover="alert(1)',
    '## " autofocus tabindex=1 onfocus="alert(1)\n\n|a|b|\n|-|-|\n|c|d|',
    '!!! note "<script>alert(1)</script>"\n    x',
    '!!! note" onclick="alert(1)\n    x',
    '[^x" onclick="alert(1)]\n\n[^x" onclick="alert(1)]: y',
    "[^main]\n\n[^main]: <svg onload=alert(1)>",
    "|<script>|b|\n|-|-|\n|<img src=x onerror=alert(1)>|d|",
    '[[code "onclick=alert(1)]]',
    "[[code <script>]]",
    "x\n: <script>alert(1)</script>",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03 \x02amp\x03lt;script>",
    "<kbd><script>alert(1)</script></kbd>",
    "<kbd/onclick=alert(1)>x</kbd>",
    "<b><i onclick=alert(1)>x</i></b>",
    "<s\x00cript>alert(1)</script>",
    "<b\u2028onclick=alert(1)>x</b>",
]
ELEMENTS = PROSE | LISTS | TABLES | PHRASES | TYPED
OWN_ID = re.compile(r"section(-[\w-]+)?|fn(ref\d*)?:[\w-]+")


class Inspector(HTMLParser):
    """Notes whatever a page must not hold."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.harm = []

    def handle_starttag(self, tag, attributes):
        if tag not in ELEMENTS:
            self.harm.append(f"<{tag}>")
        for name, value in attributes:
            self.inspect(tag, name, value or "")

    def inspect(self, tag, name, value):
        if name == "class":
            harmless = set(value.split()) <= CLASSES.get(tag, set())
        elif name == "id":
            harmless = OWN_ID.fullmatch(value)
        elif name in ("href", "src"):
            address = re.sub(r"[\x00-\x20]", "", value)
            scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
            harmless = (scheme is None or scheme[1].lower() in SCHEMES) and (
                name == "href" or address[1:2] not in "/\\"
            )
        else:
            harmless = name in ATTRIBUTES.get(tag, set())
        if not harmless:
            self.harm.append(f"{tag} {name}={value}")

    def handle_comment(self, comment):
        self.harm.append(f"<!--{comment}-->")

    handle_decl = handle_pi = unknown_decl = handle_comment


def harm_in(html):
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.harm


class Vectors(unittest.TestCase):
    def test_are_noticed_by_the_inspector(self):
        for harmful in [
            "<script>",
            "<b onclick=x>",
            "<a href=javascript:x>",
            "<p id=main>",
            "<p class=x>",
            "<!--x-->",
            "<img src=//x>",
        ]:
            self.assertTrue(harm_in(harmful), harmful)

    def test_are_rendered_harmless_or_refused(self):
        for vector in VECTORS:
            for source in [
                vector,
                f"a {vector} b",
                f"- {vector}",
                f"> {vector}",
                f"|a|b|\n|-|-|\n|{vector}|x|",
            ]:
                with self.subTest(source):
                    self.assertEqual(harm_in(rendered_or_nothing(source)), [])

    def test_leave_a_picture_its_size_and_nothing_that_is_none(self):
        kept = '<img src="/pictures/a.png" alt="A" width="640" height="480" loading="lazy" decoding="async">'
        self.assertEqual(sanitise(kept), kept)
        for wrong in (
            'width="100%"',
            'height="-1"',
            'width="0"',
            'width="123456"',
            'loading="eager"',
            'decoding="x"',
        ):
            self.assertEqual(sanitise(f'<img src="/a.png" alt="A" {wrong}>'), '<img src="/a.png" alt="A">')

    def test_are_harmless_behind_the_last_gate_alone(self):
        for vector in VECTORS:
            with self.subTest(vector):
                self.assertEqual(harm_in(sanitise(vector)), [])

    def test_forge_no_marker(self):
        for vector in VECTORS:
            self.assertEqual(markers(rendered_or_nothing(vector)), [], vector)


def rendered_or_nothing(source):
    try:
        return render(source).html
    except TextError:
        return ""


class Gate(unittest.TestCase):
    def test_lets_only_its_own_forms_of_marker_through(self):
        self.assertEqual(
            sanitise('<span data-kb="code - 550">550</span>'), '<span data-kb="code - 550">550</span>'
        )
        for form in ["", "code", "code 550", "code - a b", "code - &lt;", "x - 1", "code - 550 "]:
            self.assertEqual(sanitise(f'<span data-kb="{form}">x</span>'), "<span>x</span>")

    def test_lets_only_its_own_ids_through(self):
        self.assertEqual(sanitise('<p id="main">x</p>'), "<p>x</p>")
        self.assertEqual(sanitise('<h2 id="section-main">x</h2>'), '<h2 id="section-main">x</h2>')

    def test_lets_only_known_classes_through(self):
        self.assertEqual(
            sanitise('<div class="note btn admonition">x</div>'), '<div class="note admonition">x</div>'
        )

    def test_keeps_every_element_the_renderer_makes(self):
        page = "# a\n\n- b\n\n1. c\n\n> d\n\n---\n\n|a|b|\n|-|-|\n|c|d|\n\n`x y`\n\ne\n:   f\n\n![x](/y)"
        for tag in [
            "h2",
            "ul",
            "ol",
            "li",
            "blockquote",
            "hr",
            "table",
            "th",
            "td",
            "code",
            "dl",
            "dt",
            "dd",
            "img",
        ]:
            self.assertIn(f"<{tag}", render(page).html)
