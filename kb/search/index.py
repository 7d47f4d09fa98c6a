"""The full-text index: one SQLite FTS5 table, kept by triggers on the tables it is made from.

A row is current in the same transaction as the record it stands for, however that record was saved.
"""

import re
from dataclasses import dataclass

from django.db import connections, transaction

MOST_KINDS = 16  # a row's number is its record's number times this, plus its kind's place


@dataclass(frozen=True)
class Source:
    """A table whose records can be found. The columns are SQL over one row, written `{row}.column`.

    Only title and body are ever shown; labels and the rest may hold what readers never see, such as keywords.
    """

    kind: str
    table: str
    title: str
    labels: str
    body: str
    rest: str = "''"
    only: str = "1"
    weight: float = 1.0  # of its hits against those of other kinds


SOURCES = (
    Source(
        "article",
        "articles_revision",
        title="{row}.title",
        labels="{row}.summary || ' ' || {row}.keywords || ' ' || {row}.applies_to",
        body="{row}.plain",
        only="{row}.approved_at IS NOT NULL",
        weight=1.5,
    ),
    Source(
        "code",
        "codes_code",
        title="{row}.value || ' ' || {row}.label",
        labels="{row}.in_brief",
        body="{row}.meaning || ' ' || {row}.precise || ' ' || {row}.other_uses",
    ),
    Source(
        "cause",
        "codes_cause",
        title="{row}.name",
        labels="{row}.in_brief",
        body="{row}.meaning || ' ' || {row}.how_to_tell",
    ),
    Source(
        "provider",
        "codes_provider",
        title="{row}.name",
        labels="{row}.marks",
        body="{row}.summary",
        rest="{row}.notes",  # Markdown, which no snippet should show
    ),
    Source(
        "wording",
        "codes_wording",
        title="{row}.meaning",
        labels="{row}.in_brief",
        body="{row}.samples",
        weight=0.5,
    ),
    Source("topic", "articles_topic", title="{row}.name", labels="''", body="{row}.summary"),
)
KINDS = [source.kind for source in SOURCES]
WEIGHTS = " ".join(f"WHEN {place} THEN {source.weight}" for place, source in enumerate(SOURCES))
COLUMNS = ("title", "labels", "body", "rest")
INSERT = f"INSERT INTO search_index (rowid, {', '.join(COLUMNS)})"
# They count 10 : 5 : 1 : 1; bm25 is the more negative the better.
RANK = f"bm25(search_index, 10.0, 5.0, 1.0, 1.0) * CASE rowid %% {MOST_KINDS} {WEIGHTS} END"  # %% for the parameters beside it


def after_migrations(using, **kwargs):
    """SQLite drops a table's triggers when a migration rebuilds it: make what is missing, then fill anew."""
    if connections[using].vendor == "sqlite":
        rebuild(using)


def rebuild(using="default"):
    """Make the table and the triggers anew and fill the index from the records; returns the number of rows."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS search_index")
        cursor.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5"
            f"({', '.join(COLUMNS)}, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        for source in SOURCES:
            for statement in _triggers(source):
                cursor.execute(statement)
            cursor.execute(f"{INSERT} {_row(source, source.table)}")
        cursor.execute("SELECT count(*) FROM search_index")
        return cursor.fetchone()[0]


def alike(text: str, kind: str, most: int) -> dict[int, float]:
    """The records of a kind that are most like a text, with their likeness: 1.0 for the likest of them."""
    words = {
        word.casefold() for word in re.findall(r"\w{4,}", text)
    }  # shorter ones say little and match much
    if not words:
        return {}
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"SELECT rowid, {RANK} AS rank FROM search_index "  # noqa: S608
            "WHERE search_index MATCH %s AND rowid %% %s = %s ORDER BY rank LIMIT %s",
            [" OR ".join(f'"{word}"' for word in sorted(words)), MOST_KINDS, KINDS.index(kind), most],
        )
        found = {rowid // MOST_KINDS: rank for rowid, rank in cursor.fetchall()}
    best = min(found.values(), default=0)
    return {record: rank / best for record, rank in found.items() if best}


def kind_and_record(rowid):
    return KINDS[rowid % MOST_KINDS], rowid // MOST_KINDS


def among(kind, records):
    """SQL: rows of this kind only if `records`, a query for their numbers, has them; rows of other kinds always."""
    place = KINDS.index(kind)
    return f"(rowid %% {MOST_KINDS} <> {place} OR rowid / {MOST_KINDS} IN ({records}))"


def snippet_sql(begin, end):
    """SQL: the best place of the body, or its beginning if the words stand elsewhere; the title without a body."""
    body, title = (
        f"snippet(search_index, {COLUMNS.index(name)}, '{begin}', '{end}', '…', 24)"
        for name in ("body", "title")
    )
    return f"coalesce(nullif({body}, ''), {title})"


def _triggers(source):
    name = f"search_index_{source.kind}"
    forget = f"DELETE FROM search_index WHERE rowid = {_rowid(source, 'old')};"  # noqa: S608
    keep = f"{INSERT} {_row(source, 'new', of_table=False)};"
    for event, body in (("INSERT", keep), ("UPDATE", forget + keep), ("DELETE", forget)):
        yield f"DROP TRIGGER IF EXISTS {name}_{event.lower()}"
        yield f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {source.table} BEGIN {body} END"


def _row(source, row, of_table=True):
    columns = ", ".join(getattr(source, name).format(row=row) for name in COLUMNS)
    table = f" FROM {source.table}" if of_table else ""
    return f"SELECT {_rowid(source, row)}, {columns}{table} WHERE {source.only.format(row=row)}"


def _rowid(source, row):
    return f"{row}.id * {MOST_KINDS} + {KINDS.index(source.kind)}"
