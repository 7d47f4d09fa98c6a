"""The index in SQLite: two FTS5 tables, one of titles and labels, one of everything.

They keep no texts, so a row is taken out by telling FTS5 the words that it was put in with; the triggers know them.
"""

from kb.delivery import remembered
from kb.search import shown
from kb.search.expressions import Operators, written
from kb.search.query import Phrase, Query
from kb.search.sources import PARTS, SOURCES, Source, number_sql, part, weight_sql

TABLES = {"heads": PARTS[:2], "texts": PARTS}
WEIGHTS = {"heads": "10.0, 5.0", "texts": "10.0, 5.0, 1.0, 1.0"}
NOW = remembered.NOW["sqlite"]  # as moments are written here
THERE_IS = "EXISTS ({})"
TOKENS = "tokenize = 'porter unicode61 remove_diacritics 2'"


def expression(query: Query, tier: str, *, any_word: bool = False) -> str:
    asked = written(query, OPERATORS, any_word)
    return f"title : ({asked})" if tier == "titles" else asked


def ranked(tier: str, where: str, most: int, cap: int) -> str:
    """SQL for an expression and what `where` needs: numbers and scores of rows, the best first.

    Where more than `cap` rows match, those of the short kinds and then of the newest articles are looked at.
    """
    table = table_of(tier)
    name = f"search_{table}"
    score = f"-bm25({name}, {WEIGHTS[table]}) * {weight_sql(f'{name}.rowid', tier)}"
    return (
        f"SELECT id, score FROM (SELECT {name}.rowid AS id, {score} AS score FROM {name} "  # noqa: S608
        f"WHERE {name} MATCH %s AND {where} ORDER BY {name}.rowid DESC LIMIT {cap}) ORDER BY score DESC LIMIT {most}"
    )


def matching(tier: str, where: str, most: int) -> str:
    """SQL for an expression and what `where` needs: numbers of rows, from the highest down."""
    name = f"search_{table_of(tier)}"
    return f"SELECT rowid FROM {name} WHERE {name} MATCH %s AND {where} ORDER BY rowid DESC LIMIT {most}"  # noqa: S608


def id_of(tier: str) -> str:
    return f"search_{table_of(tier)}.rowid"


def table_of(tier: str) -> str:
    """Titles stand beside labels in a table that is short to read; a filter tells them apart."""
    return "texts" if tier == "texts" else "heads"


def making() -> list[str]:
    """The statements that make the tables anew, without any row."""
    made = shown.making("integer", "datetime")
    for name, parts in TABLES.items():
        prefixes = ", prefix = '2 3'" if name == "heads" else ""
        made += [
            f"DROP TABLE IF EXISTS search_{name}",
            f"CREATE VIRTUAL TABLE search_{name} USING fts5({', '.join(parts)}, content = '', {TOKENS}{prefixes})",
        ]
    return made


def filling() -> list[str]:
    puts = [
        _put(source, name, source.table, f" FROM {source.table}") for source in SOURCES for name in TABLES
    ]
    return [*puts, shown.filling()]


def trigger(source: Source, event: str, name: str) -> list[str]:
    steps = [_put(source, table, "old", out=True) for table in TABLES if event != "insert"]
    if event != "delete":
        steps += [*(_put(source, table, "new") for table in TABLES), source.noted("new")]
    when = f" WHEN {source.changed()}" if event == "update" else ""
    return [f"CREATE TRIGGER {name} AFTER {event} ON {source.table}{when} BEGIN {'; '.join(steps)}; END"]


def following(table: str, event: str, name: str) -> list[str]:
    """A trigger that keeps what is shown in step with a table that decides it."""
    number, columns = shown.FOLLOWED[table]
    rows = {"insert": ["new"], "update": ["old", "new"], "delete": ["old"]}[event]
    steps = [step for row in rows for step in shown.anew(row, number)]
    when = f" WHEN {shown.changed(columns)}" if event == "update" else ""
    return [f"CREATE TRIGGER {name} AFTER {event} ON {table}{when} BEGIN {'; '.join(steps)}; END"]


def drop_triggers(cursor) -> None:
    for name in triggers(cursor):
        cursor.execute(f"DROP TRIGGER {name}")


def triggers(cursor) -> set[str]:
    cursor.execute(
        r"SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search\_%' ESCAPE '\'"
    )
    return {name for (name,) in cursor.fetchall()}


def _put(source, table, row, of="", out=False):
    """A row into one of the tables, or, with its old words, out of it."""
    command = (f"search_{table}, ", "'delete', ") if out else ("", "")
    parts = TABLES[table]
    values = ", ".join([number_sql(source, row), *(part(source, name, row) for name in parts)])
    return (
        f"INSERT INTO search_{table} ({command[0]}rowid, {', '.join(parts)}) "
        f"SELECT {command[1]}{values}{of} WHERE {source.only.format(row=row)}"
    )


def _phrase(words: Phrase, is_prefix: bool) -> str:
    return f'"{" ".join(words)}"{" *" if is_prefix else ""}'


OPERATORS = Operators(both=" AND ", either=" OR ", but_not=" NOT ", phrase=_phrase)
