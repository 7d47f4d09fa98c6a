"""No text can hold a process: what every regular expression may cost, told from itself and tried out."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase
from markdown import Markdown

from kb.search.query import parse
from kb.search.snippets import pattern_of
from kb.text.markdown import render
from tests.ambiguity import EXPONENTIAL, SEARCHES, degree
from tests.pattern_trial import trial

ROOT = Path(__file__).resolve().parent.parent
METHODS = {"match", "fullmatch", *SEARCHES}
FLAGS_AT = {
    "compile": 1,
    "search": 2,
    "match": 2,
    "fullmatch": 2,
    "findall": 2,
    "finditer": 2,
    "sub": 4,
    "subn": 4,
    "split": 3,
}

LONGEST = 512 * 1024  # letters that a mail is read of; no text is longer
MOST_SECONDS = 4  # of processor time; the slowest takes a half
LONGEST_TRIAL = 900  # seconds for all of them, on a machine that does much else
# What takes quadratic time, with the most letters that it ever sees, and who says so.
BOUNDED = {
    "delivery/statics.py:COMMENT_OR_INDENT": 20_000,  # our own scripts, once at the start
    "diagnosis/lines.py:NOT_A_QUESTION": 60,  # LONGEST_QUESTION
    "diagnosis/matching.py:META": 500,  # Wording.pattern
    "text/globs.py:PARTS": 200,  # our own models' rules
}
# What takes time in proportion, but sees no more than so many.
SHORTER = {
    "diagnosis/masking.py": 8_000,  # LONGEST_SKELETON * 4
    "diagnosis/telling.py": 20_000,  # an advice, at the command line
    "delivery/statics.py": 20_000,
}
# What is put together while it runs, with an example of each.
MADE = {
    "search/snippets.py:pattern_of": lambda: pattern_of(parse('e-mail "mail box full" forwarding 5.1.1 x')),
    "transfer/archive.py:expression": lambda: re.compile(r"[0-9a-f]{64}", re.ASCII),
    "diagnosis/reader/speech.py:again": lambda: re.compile(r"(?<=\s)550[ -](?:5\.1\.1\s?)?"),
}
# Of Python-Markdown; kb.text.bounds keeps each line below so many letters, and each block below what they cost together.
OF_THE_PARSER = 20_000


@dataclass(frozen=True)
class Pattern:
    place: str  # file:name, or file:function for one without a name
    line: int
    text: str | bytes
    flags: int
    how: str


class Unknown(Exception):
    pass


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


class Found(ast.NodeVisitor):
    """The calls of `re` in one file."""

    def __init__(self, path, tree):
        self.path, self.namespace = path, None
        self.within, self.calls = [], []
        self.names, self.of_classes = {}, set()
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
            ):
                self.names[node.value] = node.targets[0].id
            if isinstance(node, ast.ClassDef):
                self.of_classes |= {part.value for part in node.body if isinstance(part, ast.Assign)}
        self.visit(tree)

    def visit_FunctionDef(self, node):
        self.within.append(node.name)
        self.generic_visit(node)
        self.within.pop()

    def visit_Call(self, node):
        self.generic_visit(node)
        called = node.func
        of_re = isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "re"
        if of_re and called.attr in FLAGS_AT:
            self.calls.append((node, called.attr, self.names.get(node) or ".".join(self.within)))

    def value(self, node):
        if self.namespace is None:
            self.namespace = vars(importlib.import_module(module_of(self.path)))
        try:
            return eval(compile(ast.Expression(node), str(self.path), "eval"), self.namespace)
        except NameError:
            raise Unknown from None


class File:
    def __init__(self, path):
        self.path, self.tree = path, ast.parse(path.read_text())
        self.nodes = list(ast.walk(self.tree))
        self.imported = {
            f"{node.module}.{alias.name}"
            for node in self.nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def uses(self, name):
        """How a compiled pattern is used that is known here by this name; handed on, it may be used in any way."""
        methods, asked = set(), set()
        for node in self.nodes:
            owner = node.value if isinstance(node, ast.Attribute) and node.attr in METHODS else None
            if owner and name in (getattr(owner, "id", ""), getattr(owner, "attr", "")):
                methods.add(node.attr)
                asked.add(owner)
        loaded = (n for n in self.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
        return methods | {"search" for node in loaded if node.id == name and node not in asked}


def files():
    return [File(path) for path in sorted((ROOT / "kb").rglob("*.py")) if "migrations" not in path.parts]


def patterns():
    """All that stand in kb/, and the places of those that are put together while it runs."""
    every, found, made = files(), [], set()
    for file in every:
        here, module = Found(file.path, file.tree), module_of(file.path)
        for call, method, name in here.calls:
            place = f"{file.path.relative_to(ROOT / 'kb')}:{name}"
            flags = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
            flags = flags or call.args[FLAGS_AT[method] :]
            try:
                text, flags = here.value(call.args[0]), int(here.value(flags[0])) if flags else 0
            except Unknown:
                made.add(place)
                continue
            ways = {method}
            if method == "compile" and call in here.names and call not in here.of_classes:
                knowing = [o for o in every if o is file or o.imported & {module, f"{module}.{name}"}]
                ways = set().union(*(other.uses(name) for other in knowing))
            for how in {"search" if way in SEARCHES else way for way in ways - {"compile"} or {"search"}}:
                found.append(Pattern(place, call.lineno, text, flags, how))
    return found, made


def of_the_parser():
    """The patterns of Python-Markdown as it is set up for articles."""
    made = []

    class Kept(Markdown):
        def __init__(self, **options):
            super().__init__(**options)
            made.append(self)

    with mock.patch("kb.text.markdown.Markdown", Kept):
        render("# A heading")
    md = made[0]
    for name in ("preprocessors", "inlinePatterns", "treeprocessors", "postprocessors"):
        yield from patterns_of(name, getattr(md, name))
    yield from patterns_of("blockprocessors", md.parser.blockprocessors)


def patterns_of(name, registry):
    for processor in registry:
        for attribute, value in inspect.getmembers(processor, lambda value: isinstance(value, re.Pattern)):
            if not type(processor).__module__.startswith("kb.") or attribute == "compiled_re":
                yield Pattern(
                    f"{name}.{type(processor).__name__}.{attribute}",
                    0,
                    value.pattern,
                    value.flags & ~re.UNICODE,
                    "match" if attribute == "RE_LINK" else "search",
                )


class TheMeasure(SimpleTestCase):
    """It would be of no use if it did not know the evil ones."""

    def test_tells_what_takes_exponential_time(self):
        for pattern, how in (
            (r"[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{1,}|[A-Z]{2,8})*[a-z]*|[A-Z]{2,8}(?:[A-Z][a-z]+)*", "fullmatch"),
            (r"(a+)+$", "match"),
            (r"(a|a)*b", "match"),
            (r"(a*)*b", "match"),
            (r"(?:a|aa)+$", "match"),
            (r"(?:a|ab|b)*c", "search"),
            (r"(?:\w+\s?)*$", "match"),
            (r"^(\w+\.?)*@", "search"),
            (r"([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@", "search"),
            (r"^(([a-z])+.)+[A-Z]([a-z])+$", "search"),
            (r"(?:x(?=(?:a+)+b)|y)", "match"),
            (r"(?:(?:a+)+b)++", "match"),
        ):
            with self.subTest(pattern):
                self.assertEqual(degree(pattern, 0, how), EXPONENTIAL)

    def test_tells_what_takes_polynomial_time(self):
        for pattern, how, wanted in (
            (r"\s+$", "search", 2),
            (r"\w+@", "search", 2),
            (r"a*a*b", "match", 2),
            (r"a*[ab]*c", "fullmatch", 2),
            (r".*a.*b.*c", "match", 3),
            (r"\d+\d+\d+x", "search", 4),
            (r"(?=.*x)y", "search", 2),
            (r"(?m)^\s*x", "search", 2),
            (r"\[([^\]]+)\]\(([^)\s]+)\)", "search", 2),
        ):
            with self.subTest(pattern):
                self.assertEqual(degree(pattern, 0, how), wanted)

    def test_lets_the_others_pass(self):
        for pattern, how in (
            (r"\w+", "search"),
            (r"\b\w+@", "search"),
            (r"(?<!\w)\w+@", "search"),
            (r'"[^"]*"', "search"),
            (r"(?:[a-z]{1,63}\.)+x", "match"),
            (r"(?:a?){20}b", "match"),
            (r"(?:[A-Z]{2,2}|[a-z]+,)*x", "match"),
            (r"(?:[^\[\]]++|\[[^\]]*\])*+\]", "match"),
            (r"(?:[A-Z](?:[a-z]+|[A-Z]{1,7}))*+x", "match"),
            (r"<!--(?:[^-]|-(?!->))*+(?:-->)?", "search"),
        ):
            with self.subTest(pattern):
                self.assertEqual(degree(pattern, 0, how), 1)

    def test_makes_texts_that_take_long(self):
        self.assertGreater(trial(r"(?:a|aa|b)*c", 0, "match", longest=28), 0.005)
        self.assertGreater(
            trial(r"\s+$", 0, "search", longest=4000), 20 * trial(r"\s", 0, "search", longest=4000)
        )


class EveryPattern(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.found, cls.made = patterns()
        examples = [(place, make()) for place, make in MADE.items()]
        cls.found += [
            Pattern(place, 0, made.pattern, made.flags & ~re.UNICODE, "search") for place, made in examples
        ]
        cls.others = list(of_the_parser())

    def test_is_found(self):
        self.assertGreater(len(self.found), 150)
        self.assertGreater(len(self.others), 20)
        self.assertIn("diagnosis/masking.py:HUMPS", {pattern.place for pattern in self.found})

    def test_takes_linear_time_or_is_known_to_see_few_letters(self):
        slow = {}
        for pattern in self.found:
            found = degree(pattern.text, pattern.flags, pattern.how)
            if found > 1 and (found > 2 or pattern.place not in BOUNDED):
                slow[f"kb/{pattern.place}, line {pattern.line}"] = found
        self.assertEqual(
            slow, {}, "Rewrite these: possessive repeats (*+), RE2, or no two repeats of the same letters."
        )

    def test_of_the_parser_takes_no_exponential_time(self):
        slow = [p.place for p in self.others if degree(p.text, p.flags, p.how) == EXPONENTIAL]
        self.assertEqual(slow, [])

    def test_that_is_put_together_has_an_example(self):
        self.assertEqual(self.made, set(MADE))

    def test_that_is_bounded_is_still_there(self):
        self.assertLessEqual(set(BOUNDED), {pattern.place for pattern in self.found})

    def test_is_quick_on_the_texts_that_hold_a_matcher_longest(self):
        asked = [(pattern, longest_of(pattern.place)) for pattern in self.found]
        asked += [(pattern, OF_THE_PARSER) for pattern in self.others]
        lines = "".join(f"{json.dumps(as_asked(*one))}\n" for one in asked)
        self.assertEqual(slow_in_a_process(lines), [])


class EveryReader(SimpleTestCase):
    """What reads a text, from the door to the last pattern."""

    def test_is_quick_on_runs_of_mixed_letters(self):
        self.assertEqual(slow_in_a_process("", "functions"), [])


def slow_in_a_process(lines, *arguments):
    """What took more than a few seconds there; it is ended if it never comes back."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.pattern_trial",
        *arguments,
    ]  # as the tests have set it up
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            said, problem = child.communicate(lines, timeout=LONGEST_TRIAL)
        except subprocess.TimeoutExpired:
            child.kill()
            said, problem = child.communicate()
            problem = f"It never came back. {problem}"
    took = [line.rsplit(" ", 1) for line in said.splitlines()]
    slow = [f"{name}: {seconds} s" for name, seconds in took if not seconds or float(seconds) > MOST_SECONDS]
    return slow + ([problem.strip().splitlines()[-1], *took[-1]] if child.returncode else [])


def longest_of(place):
    return BOUNDED.get(place) or SHORTER.get(place.partition(":")[0], LONGEST)


def as_asked(pattern, longest):
    is_bytes = isinstance(pattern.text, bytes)
    return {
        "place": pattern.place,
        "text": pattern.text.decode("latin-1") if is_bytes else pattern.text,
        "is_bytes": is_bytes,
        "flags": pattern.flags,
        "how": pattern.how,
        "longest": longest,
    }
