"""The records that a diagnosis looks into, kept in memory as long as none of them has changed."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection

from kb.codes.models import Cause, CodeCause, Provider, Registry, Wording
from kb.codes.spoken import SpokenCode, WholeRegistry
from kb.diagnosis.matching import Matcher, phrase_of
from kb.diagnosis.speakers import Speakers, speaker_of

KEPT = ("Registry", "CodeClass", "Subject", "Code", "Cause", "Provider", "Wording")


@dataclass(frozen=True)
class Book:
    """Read only, and shared by all threads: nobody may set anything on these records."""

    registry: WholeRegistry | None
    causes: dict[int, Cause]
    providers: dict[int, Provider]
    wordings: dict[int, Wording]
    speakers: Speakers
    matcher: Matcher

    def speak(self, value: str) -> SpokenCode | None:
        return self.registry.speak(value) if self.registry and value else None


_kept: tuple[tuple, Book] | None = None  # one for the whole process; replaced, never changed


def book() -> Book:
    """The book as the records stand now. One query tells whether the kept one still holds, in every process."""
    global _kept
    now = _last_changes()
    if _kept is None or _kept[0] != now:
        _kept = (now, open_book())
    return _kept[1]


def open_book() -> Book:
    default = Registry.objects.default()
    causes = {cause.pk: cause for cause in Cause.objects.all()}
    providers = {provider.pk: provider for provider in Provider.objects.all()}
    wordings = {wording.pk: wording for wording in Wording.objects.order_by("pk")}
    for wording in wordings.values():
        wording.provider, wording.cause = providers.get(wording.provider_id), causes.get(wording.cause_id)
    return Book(
        WholeRegistry(default) if default else None,
        causes,
        providers,
        wordings,
        Speakers(map(speaker_of, providers.values())),
        Matcher(phrase_of(wording) for wording in wordings.values() if wording.cause_id),
    )


def _last_changes() -> tuple:
    """Number and moment of the last line of each history: the moment as well, for a number may be given twice
    where a transaction was undone. Of the causes of codes, which have no history of their own, how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(_question())
        return cursor.fetchone()


@cache
def _question() -> str:
    tables = [apps.get_model("codes", f"Historical{name}")._meta.db_table for name in KEPT]
    asked = [
        f"(SELECT {column} FROM {table} ORDER BY history_id DESC LIMIT 1)"  # noqa: S608 — names of our own tables
        for table in tables
        for column in ("history_id", "history_date")
    ]
    links = CodeCause._meta.db_table
    return f"SELECT {', '.join(asked)}, (SELECT MAX(id) FROM {links}), (SELECT COUNT(*) FROM {links})"  # noqa: S608
