"""The index in PostgreSQL: a table with two stored vectors, one of titles and labels, one of everything.

Words are cut and stemmed as in SQLite: at every sign that is no letter and no digit, without accents, none left out.
"""

from dataclasses import replace
from functools import partial

from kb.delivery import remembered
from kb.search import shown
from kb.search.expressions import Operators, written
from kb.search.query import Phrase, Query, folded
from kb.search.sources import PARTS, SOURCES, Source, number_sql, part, weight_sql

TABLES = {"heads": PARTS[:2], "texts": PARTS}
LETTERS = dict(zip(PARTS, "ABCD", strict=True))  # a part's weight in a vector
WEIGHTS = "{0.1, 0.1, 0.5, 1.0}"  # of D, C, B and A: 1 : 1 : 5 : 10
LONGEST = (
    100_000  # characters of a part: a vector holds a megabyte at most, and an edit must never fail for that
)
# Signs between words, as the parser would else read addresses, versions and numbers as one.
SIGNS = r"[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00A9\u00AB-\u00B4\u00B6-\u00B9\u00BB-\u00BF\u2000-\u206F]+"
MARKS = r"[\u0300-\u036F]+"
NOW = remembered.NOW["postgresql"]
THERE_IS = "1 = ({})"  # a value: an EXISTS would be made a hash of the whole table
NUMBERS = "int, uint, float, sfloat, version, numword"
CONFIGURATION = [
    "DROP TEXT SEARCH CONFIGURATION IF EXISTS search_words CASCADE",
    "DROP TEXT SEARCH DICTIONARY IF EXISTS search_stem CASCADE",
    "CREATE TEXT SEARCH DICTIONARY search_stem (TEMPLATE = snowball, LANGUAGE = english)",
    "CREATE TEXT SEARCH CONFIGURATION search_words (PARSER = default)",
    "ALTER TEXT SEARCH CONFIGURATION search_words ADD MAPPING FOR asciiword, word WITH search_stem",
    f"ALTER TEXT SEARCH CONFIGURATION search_words ADD MAPPING FOR {NUMBERS} WITH simple",
    "CREATE OR REPLACE FUNCTION search_vector(part text) RETURNS tsvector STABLE LANGUAGE sql AS $$ "
    "SELECT to_tsvector('search_words', regexp_replace(normalize(regexp_replace(normalize("
    f"left(part, {LONGEST}), NFD), '{MARKS}', '', 'g'), NFC), '{SIGNS}', ' ', 'g')) $$",
]


def expression(query: Query, tier: str, *, any_word: bool = False) -> str:
    return written(query, IN_TITLES if tier == "titles" else OPERATORS, any_word)


def ranked(tier: str, where: str, most: int, cap: int) -> str:
    """SQL for an expression and what `where` needs: numbers and scores of rows, the best first."""
    column = column_of(tier)
    score = f"ts_rank('{WEIGHTS}', {column}, asked) * {weight_sql('search_entry.id', tier)}"
    return (
        f"SELECT id, score FROM (SELECT search_entry.id, {score} AS score "  # noqa: S608
        f"FROM to_tsquery('search_words', %s) asked, search_entry WHERE {column} @@ asked AND {where} LIMIT {cap}) found "
        f"ORDER BY score DESC, id LIMIT {most}"
    )


def matching(tier: str, where: str, most: int) -> str:
    """SQL for an expression and what `where` needs: numbers of rows, from the highest down."""
    return (
        f"SELECT id FROM (SELECT search_entry.id FROM search_entry WHERE {column_of(tier)} @@ to_tsquery('search_words', %s) "  # noqa: S608
        f"AND {where} LIMIT {most}) found ORDER BY id DESC"
    )


def id_of(tier: str) -> str:
    return "search_entry.id"


def column_of(tier: str) -> str:
    """Titles stand beside labels in a vector that is short to read; their weight tells them apart."""
    return "texts" if tier == "texts" else "heads"


def making() -> list[str]:
    """The statements that make the table anew, without any row."""
    columns = ", ".join(f"{name} tsvector NOT NULL" for name in TABLES)
    return [
        "SET LOCAL statement_timeout = 0",
        *shown.making("bigint", "timestamptz"),
        *CONFIGURATION,
        "DROP TABLE IF EXISTS search_entry",
        f"CREATE TABLE search_entry (id bigint PRIMARY KEY, {columns})",
        *(f"CREATE INDEX search_entry_{name} ON search_entry USING gin ({name})" for name in TABLES),
    ]


def filling() -> list[str]:
    return [*(_put(source, source.table, f" FROM {source.table}") for source in SOURCES), shown.filling()]


def trigger(source: Source, event: str, name: str) -> list[str]:
    out = f"DELETE FROM search_entry WHERE id = {number_sql(source, 'old')}; "  # noqa: S608
    into = f"{_put(source, 'new')}; {source.noted('new')}; "
    body = {"insert": into, "update": out + into, "delete": out}[event]
    return _trigger(source.table, event, name, body, source.changed())


def following(table: str, event: str, name: str) -> list[str]:
    """A trigger that keeps what is shown in step with a table that decides it, an article at a time."""
    number, columns = shown.FOLLOWED[table]
    rows = {"insert": ["new"], "update": ["old", "new"], "delete": ["old"]}[event]
    locks = (f"PERFORM 1 FROM articles_article WHERE id = {row}.{number} FOR NO KEY UPDATE" for row in rows)
    steps = [*locks, *(step for row in rows for step in shown.anew(row, number))]
    return _trigger(table, event, name, "".join(f"{step}; " for step in steps), shown.changed(columns))


def drop_triggers(cursor) -> None:
    for name in _functions(cursor):
        cursor.execute(f"DROP FUNCTION {name}() CASCADE")


def triggers(cursor) -> set[str]:
    cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND starts_with(tgname, 'search_')")
    return {name for (name,) in cursor.fetchall()}


def _trigger(table, event, name, body, changed):
    """The condition stands in the function: PostgreSQL alters no column that a trigger's own condition names."""
    unless = f"IF NOT ({changed}) THEN RETURN NULL; END IF; " if event == "update" else ""
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {unless}{body}RETURN NULL; END $$",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


def _functions(cursor):
    cursor.execute(
        "SELECT proname FROM pg_proc WHERE starts_with(proname, 'search_') AND prorettype = 'trigger'::regtype "
        "AND pronamespace = current_schema()::regnamespace"
    )
    return [name for (name,) in cursor.fetchall()]


def _put(source, row, of=""):
    vectors = ", ".join(
        " || ".join(
            f"setweight(search_vector({part(source, name, row)}), '{LETTERS[name]}')" for name in parts
        )
        for parts in TABLES.values()
    )
    return (
        f"INSERT INTO search_entry (id, {', '.join(TABLES)}) "
        f"SELECT {number_sql(source, row)}, {vectors}{of} WHERE {source.only.format(row=row)}"
    )


def _phrase(words: Phrase, is_prefix: bool, letter: str = "") -> str:
    last = len(words) - 1
    marks = [f"{'*' if is_prefix and place == last else ''}{letter}" for place in range(len(words))]
    quoted = [f"'{folded(word)}'{':' if mark else ''}{mark}" for word, mark in zip(words, marks, strict=True)]
    return f"({' <-> '.join(quoted)})"


OPERATORS = Operators(both=" & ", either=" | ", but_not=" & !", phrase=_phrase)
IN_TITLES = replace(OPERATORS, phrase=partial(_phrase, letter=LETTERS["title"]))
