"""What a person may be about to type: the codes, articles and topics that begin so. At most eight, best first."""

from dataclasses import dataclass
from itertools import islice

from django.db.models import Q

from kb.codes.models import Code
from kb.delivery.addresses import code_address
from kb.search.index import Asked
from kb.search.query import as_prefix, parse, plain, telling
from kb.search.reading import of_kind, within
from kb.search.records import read
from kb.search.sources import kind_and_record

MOST = {"code": 3, "article": 4, "topic": 1}
SHORTEST = 2
CAP = 60  # so many rows of a kind are weighed: what was typed is only a beginning


@dataclass(frozen=True)
class Suggestion:
    kind: str
    title: str
    url: str
    note: str = ""


def suggest(text: str, *, user) -> list[Suggestion]:
    text = plain(text)
    if len(text) < SHORTEST:
        return []
    if text[0].isdigit():
        return _codes(text.split()[-1])
    query = as_prefix(telling(parse(text)))
    readable = within(user)
    return [row for kind in MOST for row in _of_kind(kind, query, user, readable)] if query else []


def _codes(value):
    """Those that begin so as people meet them: 5.1 finds 5.1.1, which has its record as X.1.1."""
    begins = Q(value__startswith=value)
    if value[0] in "245" and value[1:2] == ".":
        begins |= Q(value__startswith=f"X{value[1:]}")
    found = Code.objects.filter(begins, registry__is_default=True).select_related("registry")
    return [_of_code(code, value[0]) for code in found.order_by("number", "value")[: sum(MOST.values())]]


def _of_code(code, digit=""):
    spoken = digit + code.value[1:] if digit else code.usual_value
    return Suggestion("code", f"{spoken} {code.label}", code_address(code.registry.slug, spoken))


def _of_kind(kind, query, user, readable):
    asked = Asked(query, of_kind(kind, readable))
    rows = [row for row, _ in asked.ranked("heads", most=2 * MOST[kind], cap=CAP)]
    records = read(kind, [kind_and_record(row)[1] for row in rows], user)
    found = (records[pk] for _, pk in map(kind_and_record, rows) if pk in records)
    return [_of_record(kind, record) for record in islice(found, MOST[kind])]


def _of_record(kind, record):
    title = f"{record.code.usual_value} {record.title}" if record.code else record.title
    return Suggestion(kind, title, record.url, "" if record.code else record.trail)
