"""Two people's edits of one record: where they differ, and the form that puts them together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from kb.edits.versions import Content, Row, Table, Value, Version
from kb.edits.words import Piece, difference

TAKE = "_edit_take:"  # before the key of a difference: "mine" or "theirs"
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Difference:
    """One field, or one row of an inline, that is stored otherwise than it was typed."""

    key: str
    label: str
    theirs: str
    mine: str
    by_them: bool
    by_me: bool
    typed: Value | None = None  # where it can be put together by hand
    is_row: bool = False  # there or not there, as a whole

    @property
    def name(self) -> str:
        return TAKE + self.key

    @property
    def default(self) -> str:
        """Whose is taken where only one of the two changed it; nothing where both did."""
        if self.by_them and self.by_me:
            return ""
        return THEIRS if self.by_them else MINE

    @cached_property
    def pieces(self) -> tuple[list[Piece], list[Piece]]:
        if self.is_row:
            return [Piece("same", self.theirs)], [Piece("same", self.mine)]
        return difference(self.theirs, self.mine)


def is_newer(theirs: Content, seen: Version | None) -> bool:
    """Whether something is stored that a form of this version did not show."""
    return seen is None or theirs.marks() != seen.marks


def differences(theirs: Content, mine: Content, seen: Version | None) -> list[Difference]:
    """Those of both first, then theirs, then mine. Without a version everything is taken for changed by both."""
    found = [*_of_fields("", theirs.values, mine.values, seen)]
    for prefix, table in mine.tables.items():
        found += _of_rows(theirs.tables[prefix], table, seen)
    return sorted(found, key=lambda one: (not one.by_them, not one.by_me))


def changed_standing(theirs: Content, seen: Version | None) -> dict[str, str]:
    """What is otherwise now and is no field of the form."""
    if seen is None:
        return {}
    marks = theirs.marks()
    return {
        name: text
        for name, text in theirs.standing.items()
        if name not in theirs.values and seen.marks.get(f"~{name}") != marks[f"~{name}"]
    }


def _of_fields(
    start: str, theirs: Mapping[str, Value], mine: Mapping[str, Value], seen: Version | None, place: str = ""
) -> Iterator[Difference]:
    for name, value in mine.items():
        other, key = theirs[name], start + name
        if other.mark == value.mark:
            continue
        before = seen.marks.get(key) if seen else None
        label = f"{place}: {value.label}" if place else value.label
        yield Difference(
            key,
            label,
            other.text(),
            value.text(),
            by_them=other.mark != before,
            by_me=value.mark != before,
            typed=value if value.is_text else None,
        )


def _of_rows(theirs: Table, mine: Table, seen: Version | None) -> Iterator[Difference]:
    for number, (pk, row) in enumerate(theirs.rows.items(), 1):
        own = mine.rows.get(pk)
        place = f"{theirs.label} {number}"
        if own is None:
            yield Difference(
                theirs.key(pk),
                place,
                row.text(),
                _("Not in your form."),
                by_them=True,
                by_me=False,
                is_row=True,
            )
        elif own.is_deleted:
            by_them = row.marks() != _before(theirs, pk, seen)
            yield Difference(
                theirs.key(pk),
                place,
                row.text(),
                _("You delete it."),
                by_them=by_them,
                by_me=True,
                is_row=True,
            )
        else:
            yield from _of_fields(theirs.key(pk) + "/", row.values, own.values, seen, place)
    for pk, own in mine.rows.items():
        if pk not in theirs.rows and not own.is_deleted:
            yield Difference(
                theirs.key(pk),
                theirs.label,
                _("It was deleted."),
                own.text(),
                by_them=True,
                by_me=own.marks() != _before(theirs, pk, seen),
                is_row=True,
            )


def _before(table, pk, seen):
    start = table.key(pk) + "/"
    marks = seen.marks if seen else {}
    return {key.removeprefix(start): mark for key, mark in marks.items() if key.startswith(start)}


def merged(theirs: Content, mine: Content, data: QueryDict, *, all_mine: bool) -> QueryDict:
    """What to save: the form as it was sent, with theirs in it where that was chosen.

    Rows are numbered afresh: those stored come first, as a formset wants them, also where a colleague added
    or deleted some meanwhile. A row that a colleague added is never deleted without being chosen.
    """
    sent = data.copy()
    takes = {} if all_mine else {key.removeprefix(TAKE): data[key] for key in data if key.startswith(TAKE)}
    for name, value in theirs.values.items():
        if takes.get(name) == THEIRS:
            value.put_into(sent, value.name)
    for prefix, table in mine.tables.items():
        for name in [name for name in sent if name.startswith(f"{prefix}-")]:
            del sent[name]
        _put_rows(sent, theirs.tables[prefix], table, takes, all_mine=all_mine)
    return sent


def _put_rows(sent, theirs, mine, takes, *, all_mine):
    rows = [_row(theirs, row, mine.rows.get(pk), takes) for pk, row in theirs.rows.items()]
    deleted = [row for pk, row in mine.rows.items() if pk not in theirs.rows and not row.is_deleted]
    again = [row for row in deleted if all_mine or takes.get(theirs.key(row.pk)) == MINE]
    sent[f"{mine.prefix}-INITIAL_FORMS"] = str(len(rows))
    new = [Row("", row.values) for row in [*again, *mine.new]]
    sent[f"{mine.prefix}-TOTAL_FORMS"] = str(len(rows) + len(new))
    for number, row in enumerate([*rows, *new]):
        start = f"{mine.prefix}-{number}-"
        sent[start + mine.key_name] = row.pk
        if row.is_deleted:
            sent[start + "DELETE"] = "on"
        for name, value in row.values.items():
            value.put_into(sent, start + name)


def _row(theirs, row, own, takes):
    if own is None:
        return Row(row.pk, row.values, is_deleted=takes.get(theirs.key(row.pk)) == MINE)
    if own.is_deleted:
        return row if takes.get(theirs.key(row.pk)) == THEIRS else own
    values = {
        name: row.values[name] if takes.get(theirs.key(row.pk, name)) == THEIRS else value
        for name, value in own.values.items()
    }
    return Row(row.pk, values)


def is_decided(found: list[Difference], data: QueryDict) -> bool:
    return all(data.get(one.name, one.default) in {MINE, THEIRS} for one in found)
