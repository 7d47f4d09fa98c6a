"""What changed from one revision to the next, for people."""

import difflib

from kb.articles.models import Revision

NAMES = {
    "title": "Title",
    "summary": "Summary",
    "applies_to": "Applies to",
    "keywords": "Keywords",
    "body": "Text",
}


def between(older, newer):
    """(name, lines) for each part that differs; a line is its sign (“+”, “-”, “ ”, “…”) and its text.

    Nothing for the first revision, which has no older one.
    """
    for name in Revision.WORDS if older else ():
        before, after = getattr(older, name), getattr(newer, name)
        if before != after:
            yield NAMES[name], list(_lines(before, after))


def _lines(before, after):
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1):
        if line.startswith(("---", "+++")):
            continue
        yield ("…", "") if line.startswith("@@") else (line[0], line[1:])
