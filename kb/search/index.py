"""The index in one interface, whichever engine keeps it: made when something is missing, kept by triggers, asked in words.

A row is current in the same transaction as the record it stands for, however that record was saved.
"""

import re
from functools import partial
from hashlib import sha256
from itertools import accumulate, chain
from types import ModuleType

from django.db import connections, transaction

from kb.search import postgres, shown, sqlite
from kb.search.query import Query
from kb.search.sources import SOURCES, kind_and_record, rows_of
from kb.search.words import known

ENGINES: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgres}
TIERS = ("titles", "heads", "texts")
EVENTS = ("insert", "update", "delete")
ROOMS = {"search", *(table.partition("_")[0] for table in [*shown.FOLLOWED, *(its.table for its in SOURCES)])}
CAP = 400  # so many rows of a tier are weighed; a word that more rows have tells little about any of them
MOST_TELLING, ENOUGH = 12, 5000  # words of a text, the rarest, and rows that have one of them
MOST_ALIKE = 1500  # rows that are weighed for their likeness


def engine(using: str = "default") -> ModuleType:
    return ENGINES[connections[using].vendor]


def before_migrations(using, plan, **kwargs):
    """SQLite changes a table by making it anew, and refuses to while triggers of other tables read it: so they go first."""
    searched = {migration.app_label for migration, _ in plan} & ROOMS
    if searched and engine(using) is sqlite:
        with connections[using].cursor() as cursor:
            sqlite.drop_triggers(cursor)


def after_migrations(using, **kwargs):
    """A migration may have taken triggers away, as SQLite's do when they rebuild a table: then all is made anew."""
    with connections[using].cursor() as cursor:
        if not _has_what_they_need(using, cursor):
            engine(using).drop_triggers(cursor)  # they would write into it, or read it
        elif not engine(using).triggers(cursor) >= set(_triggers(engine(using))):
            rebuild(using)


def _has_what_they_need(using, cursor):
    """Migrations that were gone back may have left tables of another version, which the triggers do not know."""
    introspection = connections[using].introspection
    if not {"search_fresh", *shown.FOLLOWED} <= {*introspection.table_names(cursor)}:
        return False
    return all(
        {*columns} <= {column.name for column in introspection.get_table_description(cursor, table)}
        for table, (_, columns) in shown.FOLLOWED.items()
    )


def rebuild(using: str = "default") -> int:
    """Make the tables and the triggers anew and fill the index from the records; returns the number of rows."""
    kept = engine(using)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        kept.drop_triggers(cursor)
        for statement in [*kept.making(), *kept.filling(), *chain(*_triggers(kept).values())]:
            cursor.execute(statement)
        for table in ("search_slip", "search_word", "search_fresh"):  # all rows are learned anew
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 -- our own tables
        for source in SOURCES:
            cursor.execute(source.noted_all())
        cursor.execute("SELECT count(*) FROM search_fresh")
        return cursor.fetchone()[0]


def _triggers(kept):
    """{name: statements}; a name tells what its trigger does, so one of an older version counts as missing."""
    statements = {
        (source.kind, event): partial(kept.trigger, source, event) for source in SOURCES for event in EVENTS
    }
    statements |= {
        (table, event): partial(kept.following, table, event) for table in shown.FOLLOWED for event in EVENTS
    }
    text = "\n".join([*kept.making(), *kept.filling(), *(chain(*(made("") for made in statements.values())))])
    mark = sha256(text.encode()).hexdigest()[:8]
    names = {of: f"search_{of[0]}_{of[1]}_{mark}" for of in statements}
    return {names[of]: made(names[of]) for of, made in statements.items()}


class Asked:
    """One query against the index, within the rows that a condition lets through."""

    def __init__(self, query: Query, condition, using="default"):
        self.query, self.condition, self.using = query, condition, using

    def ranked(
        self, tier: str, *, any_word: bool = False, most: int, cap: int = CAP
    ) -> list[tuple[int, float]]:
        """Numbers and scores, the best first. The tiers are `titles`, `heads` (with labels) and `texts` (with everything)."""
        kept = engine(self.using)
        where, values = self.condition(kept.id_of(tier))
        return self._rows(kept.ranked(tier, where, most, cap), tier, any_word, values)

    def listed(self, tier: str, *, any_word: bool = False, most: int) -> list[int]:
        """Numbers alone, those of the short kinds and of the newest articles first."""
        kept = engine(self.using)
        where, values = self.condition(kept.id_of(tier))
        return [row for (row,) in self._rows(kept.matching(tier, where, most), tier, any_word, values)]

    def is_there(self) -> bool:
        return bool(self.listed("texts", most=1))

    def _rows(self, sql, tier, any_word, values):
        expression = engine(self.using).expression(self.query, tier, any_word=any_word)
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, [expression, *values])
            return cursor.fetchall()


def of_kind(kind: str):
    """A condition: rows of this kind alone."""
    first, last = rows_of(kind)
    return lambda row: (f"{row} BETWEEN {first} AND {last}", ())


def alike(text: str, kind: str, most: int) -> dict[int, float]:
    """The records of a kind that are most like a text, with their likeness: 1.0 for the likest of them."""
    words = set(re.findall(r"[^\W_]{4,}", text.lower()))  # shorter ones say little and match much
    if not words:
        return {}
    rows = known(words)
    rarest = sorted(words, key=lambda word: (rows.get(word, 0), word))[:MOST_TELLING]
    query = Query(tuple(((word,),) for word in _enough(rarest, rows)))
    found = Asked(query, of_kind(kind)).ranked("texts", any_word=True, most=most, cap=MOST_ALIKE)
    best = max((score for _, score in found), default=0)
    return {kind_and_record(row)[1]: score / best for row, score in found if best}


def _enough(rarest, rows):
    """The first of these words, until they stand in so many rows together that others hardly matter."""
    met = accumulate((rows.get(word, 0) for word in rarest), initial=0)
    return [word for word, before in zip(rarest, met, strict=False) if before < ENOUGH]
