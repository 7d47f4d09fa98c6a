"""What can be found: the tables, and what of their rows is searched. SQL that SQLite and PostgreSQL read alike."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

PARTS = ("title", "labels", "body", "rest")
COMPARED = (*PARTS, "only")
SPAN = 10**12  # a row's number in the index is its kind's place times this, plus its record's number


@dataclass(frozen=True)
class Source:
    """A table whose records can be found. The parts are SQL over one row, written `{row}.column`.

    Only title and body are ever shown; labels and the rest may hold what readers never see, such as keywords.
    """

    kind: str
    table: str
    title: str
    labels: str
    body: str
    rest: str = "''"
    only: str = "1 = 1"
    weight: float = 1.0  # of its hits against those of other kinds
    title_weight: float = 1.5  # the same where the title has all that was asked

    def changed(self) -> str:
        """SQL in a trigger: whether anything that is searched is another."""
        old, new = (
            f"({', '.join(getattr(self, name).format(row=row) for name in COMPARED)})"
            for row in ("old", "new")
        )
        return f"{old} IS DISTINCT FROM {new}"

    def noted(self, row: str) -> str:
        """SQL in a trigger: its words are to be learned, for corrections."""
        return (
            f"INSERT INTO search_fresh (id) SELECT {number_sql(self, row)} "
            f"WHERE {self.only.format(row=row)} ON CONFLICT DO NOTHING"
        )

    def noted_all(self) -> str:
        return (
            f"INSERT INTO search_fresh (id) SELECT {number_sql(self, self.table)} FROM {self.table} "  # noqa: S608
            f"WHERE {self.only.format(row=self.table)}"
        )


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
        "wording",
        "codes_wording",
        title="''",  # what it means is a sentence, and would lead whenever its words are asked for
        labels="{row}.in_brief",
        body="{row}.meaning || ' ' || {row}.samples",
        weight=0.5,
    ),
    Source(
        "topic",
        "articles_topic",
        title="{row}.name",
        labels="''",
        body="{row}.summary",
        weight=0.5,  # a list of answers, not one
        title_weight=0.8,
    ),
    Source(
        "provider",
        "codes_provider",
        title="{row}.name",
        labels="''",
        body="{row}.summary",
        rest="{row}.marks || ' ' || {row}.notes",  # Markdown, which no snippet should show
        weight=0.4,
        title_weight=2.0,
    ),
    Source(
        "cause",
        "codes_cause",
        title="{row}.name",
        labels="{row}.in_brief",
        body="{row}.meaning || ' ' || {row}.how_to_tell",
    ),
    Source(
        "code",
        "codes_code",
        title="{row}.value || ' ' || {row}.label",
        # X.1.1 is met as 5.1.1, 4.1.1 and 2.1.1
        labels="{row}.in_brief || ' ' || replace({row}.value, 'X.', '5.') || ' ' || replace({row}.value, 'X.', '4.') "
        "|| ' ' || replace({row}.value, 'X.', '2.')",
        body="{row}.meaning || ' ' || {row}.precise || ' ' || {row}.other_uses",
    ),
)
# Articles stand first, so an article's row has its revision's number.
KINDS = [source.kind for source in SOURCES]


def number(kind: str, record: int) -> int:
    return KINDS.index(kind) * SPAN + record


def kind_and_record(row: int) -> tuple[str, int]:
    return KINDS[row // SPAN], row % SPAN


def counted(rows: Iterable[int]) -> Counter[str]:
    """How many there are of each kind."""
    places = Counter(row // SPAN for row in rows)
    return Counter({KINDS[place]: many for place, many in places.items()})


def rows_of(kind: str) -> tuple[int, int]:
    """The first and the last number that rows of this kind may have."""
    return number(kind, 0), number(kind, SPAN - 1)


def those_of(kind: str, rows: Iterable[int]) -> list[int]:
    first, last = rows_of(kind)
    return [row for row in rows if first <= row <= last]


def part(source: Source, name: str, row: str) -> str:
    return getattr(source, name).format(row=row)


def number_sql(source: Source, row: str) -> str:
    return f"{row}.id + {number(source.kind, 0)}"


def weight_sql(row: str, tier: str) -> str:
    """How much a hit counts by its kind."""
    name = "title_weight" if tier == "titles" else "weight"
    cases = " ".join(f"WHEN {place} THEN {getattr(source, name)}" for place, source in enumerate(SOURCES))
    return f"CASE {row} / {SPAN} {cases} END"
