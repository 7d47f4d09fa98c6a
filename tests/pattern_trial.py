"""Tries patterns on texts that hold a backtracking matcher longest; run as a process, so that it can be ended from outside.

Takes one JSON object a line: place, text, is_bytes, flags, how, longest. Says each place before it is tried, then its seconds.
"""

import json
import re
import sys
import time
from collections import deque
from contextlib import suppress
from itertools import islice

import django

from tests.ambiguity import START, Automaton, components

SHORT = 4_000
SUSPECT = 0.02  # seconds for a short text: then the long one is tried as well
MOST_TEXTS = 60
MOST_LONG_TEXTS = 3
MOST_SUSPECTS = 6


def texts(automaton):
    """(beginning, what is repeated, end): each loop is walked into, gone round in several ways, and left in vain."""
    edges = automaton.graph(all_states=True)[0]
    component = components(edges)
    looping = [
        state
        for state in component
        if any(component.get(target) == component[state] for target in edges.get(state, ()))
    ]
    ways_in = shortest(edges, (automaton.begin, START))
    ends = ["\x01", "", *automaton.classes[:: max(1, len(automaton.classes) // 3)]]
    for state in looping:
        inside = {s: {t for t in edges.get(s, ()) if component[t] == component[state]} for s in looping}
        for first in islice(inside[state], 4):
            back = shortest(inside, first).get(state)
            if back is not None:
                for end in ends:
                    yield ways_in.get(state, ""), first[1] + back, end
    for letter in automaton.classes:
        for other in automaton.classes[:8]:
            yield "", letter + other, "\x01"


def shortest(edges, begin):
    """{state: the letters that lead to it}."""
    found, todo = {begin: ""}, deque([begin])
    while todo:
        state = todo.popleft()
        for target in edges.get(state, ()):
            if target not in found:
                found[target] = found[state] + target[1]
                todo.append(target)
    return found


def grown(beginning, part, end, length):
    return beginning + part * max(2, (length - len(beginning) - len(end)) // len(part)) + end


def seconds(how, pattern, text, is_bytes):
    text = text.encode("latin-1", "replace") if is_bytes else text
    began = time.process_time()
    if how == "search":
        pattern.sub(b"" if is_bytes else "", text)
    else:
        getattr(pattern, how)(text)
    return time.process_time() - began


def trial(text, flags, how, longest, is_bytes=False):
    """The longest it took, in seconds."""
    source = text.encode("latin-1") if is_bytes else text
    pattern = re.compile(source, flags)
    every = list(dict.fromkeys(texts(Automaton(source, flags, how, opaque=False))))
    step = max(1, len(every) // MOST_TEXTS)
    chosen, worst = every[::step], 0.0
    for length in (24, 200, SHORT):  # exponential ones are seen with few letters
        taken = [(seconds(how, pattern, grown(*one, min(length, longest)), is_bytes), one) for one in chosen]
        worst = max(worst, *(took for took, _ in taken), 0.0)
    if longest > SHORT:
        slowest = sorted(taken, reverse=True, key=lambda pair: pair[0])
        most = MOST_LONG_TEXTS if slowest[0][0] < SUSPECT else MOST_SUSPECTS
        chosen = [one for _, one in slowest[:most]]
        worst = max([worst, *(seconds(how, pattern, grown(*one, longest), is_bytes) for one in chosen)])
    return worst


def runs():
    """Runs of letters in mixed case, with what could make them fail before and behind."""
    units = (
        "A",
        "Aa",
        "AAa",
        "aA",
        "a1",
        "a.",
        "a-",
        "A-b",
        "a@",
        "@a",
        "<",
        "<a",
        "a ",
        " ",
        "\n",
        " \n",
        "\n ",
        "a:",
        "1.",
        "5.1.",
    )
    units += (
        "550 ",
        "550-5.1.1 ",
        "[",
        "(",
        '"',
        "'",
        "“",
        ">",
        "> ",
        "é",
        "Éa",
        "=",
        "a=",
        "=3D",
        "&",
        "&#",
        "to=",
        "deliver",
        "\t",
        "\x02",
    )
    units += (
        "<!--",
        "</script",
        "--",
        "\n--a",
        "a;",
        "[a](",
        "[^",
        "*",
        "_",
        "`",
        "|",
        "#",
        "- ",
        "\\",
        "%41",
        "\u200b",
    )
    for unit in units:
        for before, behind in (
            ("", ""),
            ("ab", "aB-Error"),
            ("Ab", "aB-Exception"),
            ("550 5.1.1 <", "\x01"),
            ("\n", "@"),
            ("x", "Denied"),
        ):
            yield before, unit, behind


def functions():
    """What reads a stranger's or an editor's text, with the most letters it gets."""
    django.setup()
    from kb.diagnosis.lines import codes_in, is_plain_question
    from kb.diagnosis.masking import masked, skeleton
    from kb.diagnosis.matching import plain
    from kb.diagnosis.parse import read
    from kb.feedback.clusters import cluster_of
    from kb.search.query import parse
    from kb.text.errors import TextError
    from kb.text.markdown import render
    from kb.text.plain import from_html

    def rendered(text):
        with suppress(TextError):
            render(text)

    yield from ((skeleton, 20_000), (masked, 60_000), (plain, 60_000), (cluster_of, 2_000), (parse, 2_000))
    yield from (
        (codes_in, 60_000),
        (is_plain_question, 60_000),
        (read, 60_000),
        (rendered, 15_000),
        (from_html, 60_000),
    )


def run_functions():
    for function, longest in functions():
        for before, unit, behind in runs():
            for length in (60, 200, longest):
                name = f"{function.__name__} {(before, unit, behind, length)}".replace("\n", "\\n")
                sys.stdout.write(f"{name} ")
                sys.stdout.flush()
                began = time.process_time()
                function(grown(before, unit, behind, length))
                sys.stdout.write(f"{time.process_time() - began:.3f}\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["functions"]:
        run_functions()
        sys.exit()
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(f"{asked.pop('place')} ")
        sys.stdout.flush()
        sys.stdout.write(f"{trial(**asked)}\n")
