"""Shipped words and local words: what nobody touched follows the shipped record, what an admin changed stays,
what an admin deleted stays deleted, and where both sides changed a field the admin decides."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from kb.articles import publishing
from kb.articles.models import Article, Revision
from kb.delivery.models import told_together
from kb.transfer.fixtures import Entry, FixtureError
from kb.transfer.models import Loaded
from kb.transfer.settling import MISSING, Outcome, settle
from kb.transfer.shelves import Gone, Shelves, Unknown

REASON = "Shipped with Codebook"


@dataclass
class Report:
    """What a merge did, as names that a person knows: a key, or a key and a field."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def changed(self):
        return bool(self.added or self.updated or self.drafts)


def merge(entries: list[Entry], *, take: str = "", dry_run: bool = False) -> Report:
    """Bring the entries into the database; all of them or, on a FixtureError, none."""
    with told_together():
        report = _Merge(take).run(entries)
        if dry_run:
            transaction.set_rollback(True)
    return report


class _Merge:
    def __init__(self, take):
        self.take = take
        self.report = Report()
        self.ledger = defaultdict(set)
        for model, key in Loaded.objects.values_list("model", "key"):
            self.ledger[model].add(key)
        self.is_first = not self.ledger
        self.shelves = Shelves(self.ledger)
        self.new = set()  # (model, key) of the entries added in this run

    def run(self, entries):
        """Rows first, then the lists that tie them together, since a list may name a later row."""
        tied = [(entry, row) for entry in entries if (row := self.attempt(entry, self.place, entry))]
        for entry, row in tied:
            self.attempt(entry, self.tie, entry, row)
        return self.report

    def attempt(self, entry, step, *arguments):
        """One entry that does not fit an edited database is left out and reported; it must not stop an upgrade.

        On a first load nothing was edited, so there the fixture itself is wrong.
        """
        try:
            with transaction.atomic():
                return step(*arguments)
        except Unknown as problem:
            raise FixtureError(f"{entry.file}, {entry.key}: {problem}") from None
        except (Gone, ValidationError, IntegrityError) as problem:
            reason = " ".join(getattr(problem, "messages", [str(problem)]))
            if self.is_first:
                raise FixtureError(f"{entry.file}, {entry.key}: {reason}") from None
            self.report.left_out.append(f"{entry.key}: {reason}")
            return None

    def place(self, entry):
        """The entry's own row, made or updated; nothing if it was deleted here."""
        shelf = self.shelves[apps.get_model(entry.model)]
        row = shelf.rows.get(entry.key)
        if row is None and entry.key in self.ledger[entry.model]:
            self.report.deleted.append(entry.key)
            return None
        row = row or shelf.twin(self.own_fields(shelf, entry))
        return self.update(shelf, entry, row) if row else self.add(shelf, entry)

    def add(self, shelf, entry):
        row = shelf.model(key=entry.key, shipped={})
        for name, value in self.own_fields(shelf, entry).items():
            shelf.write(row, name, value)
            row.shipped[name] = value
        self.check(row)
        if any(
            shelf.is_list(name) for name in self.fields(shelf, entry)
        ):  # its first line of history is written once it has them
            row.skip_history_when_saving = True
        self.save(row)
        if shelf.model is Article:
            self.remember(row, {**row.shipped, **self.words(entry)})
            self.publish(row, self.words(entry))
        shelf.keep(row)
        self.new.add((entry.model, entry.key))
        self.report.added.append(entry.key)
        self.enter(entry)
        return row

    def update(self, shelf, entry, row):
        before = row.audience if shelf.model is Article else ""
        settled = self.settle_fields(
            shelf, entry, row, self.own_fields(shelf, entry), self.own_names(shelf, row)
        )
        if row.key is None:
            row.key, settled = entry.key, True
            self.enter(entry)
        if settled:
            self.check(row)
            self.save(row)
        shelf.keep(row)
        if shelf.model is Article:
            publishing.keep_narrow(row, before)
            self.update_words(entry, row)
        return row

    def tie(self, entry, row):
        """The row's lists; a row that was only now made also gets its first line of history here."""
        shelf = self.shelves[type(row)]
        given = self.lists_of(shelf, entry)
        if (entry.model, entry.key) not in self.new:
            self.update_lists(shelf, entry, row, given)
        elif given:
            for name, value in given.items():
                row.shipped[name] = value
                shelf.write_list(row, name, value)
            del row.skip_history_when_saving
            self.save(row)

    def update_lists(self, shelf, entry, row, given):
        if self.settle_fields(shelf, entry, row, given, self.list_names(shelf, row), write=shelf.write_list):
            self.check(row)
            self.save(row)

    def settle_fields(self, shelf, entry, row, given, known, write=None):
        """Settle every field that ships or shipped; True if the row changed."""
        write = write or shelf.write
        shipped = dict(row.shipped or {})
        changed = False
        for name in sorted({*given, *known}):
            base = shipped.get(name, shelf.default(name)) if row.key else MISSING
            theirs = given.get(name, shelf.default(name))
            value, outcome = settle(base, shelf.read(row, name), theirs, self.take)
            if outcome is Outcome.UPDATED:
                write(row, name, value)
                changed = True
            if outcome is not Outcome.CONFLICT:
                shipped[name] = theirs
            self.note(entry, name, outcome)
        self.remember(row, shipped)
        return changed

    def note(self, entry, name, outcome):
        lists = {Outcome.KEPT: self.report.kept, Outcome.CONFLICT: self.report.conflicts}
        if outcome in lists:
            lists[outcome].append(f"{entry.key} {name}")
        elif outcome is Outcome.UPDATED and entry.key not in self.report.updated:
            self.report.updated.append(entry.key)

    # An article's words stand in its revisions

    def publish(self, article, words):
        revision = publishing.revise(article, words=words, note=REASON, base=article.shown)
        publishing.publish(article, revision=revision)

    def update_words(self, entry, article):
        """Published where nobody touched the article; else a draft of both sides' changes waits for an editor."""
        theirs = self.words(entry)
        base = {name: article.shipped.get(name, "") for name in Revision.WORDS}
        if theirs == base:
            return
        shown, drafts = article.shown, article.revisions.drafts()
        is_published = shown is not None and article.state == Article.State.PUBLISHED
        untouched = shown is not None and shown.words == base and not article.revisions.pending().exists()
        publishes = is_published and (untouched or self.take == "shipped")
        # What an editor has not finished is in no words that readers see.
        ours = shown if publishes else drafts.first() or shown or article.newest
        mine = ours.words if ours else base
        settled = {name: settle(base[name], mine[name], theirs[name], self.take) for name in theirs}
        self.remember(article, {**article.shipped, **theirs})
        # In a draft the shipped words may stand where both sides changed: an editor reads it before anyone else.
        words = {
            name: theirs[name] if outcome is Outcome.CONFLICT else value
            for name, (value, outcome) in settled.items()
        }
        if words == mine:
            return
        if publishes:
            self.publish(article, words)
            self.note(entry, "", Outcome.UPDATED)
        else:
            publishing.revise(article, words=words, note=f"{REASON}; waits for an editor", base=ours)
            self.report.drafts.append(entry.key)

    def words(self, entry):
        return {name: entry.fields.get(name, "") for name in Revision.WORDS}

    # What an entry holds

    def fields(self, shelf, entry):
        """What stands on the row and its lists: all of the entry, an article's words apart."""
        return {name: value for name, value in entry.fields.items() if not self.is_word(shelf, name)}

    def own_fields(self, shelf, entry):
        return {name: value for name, value in self.fields(shelf, entry).items() if not shelf.is_list(name)}

    def lists_of(self, shelf, entry):
        lists = {name: value for name, value in self.fields(shelf, entry).items() if shelf.is_list(name)}
        return {name: shelf.given(name, value) for name, value in lists.items()}

    def own_names(self, shelf, row):
        return {name for name in self.shipped_names(shelf, row) if not shelf.is_list(name)}

    def list_names(self, shelf, row):
        return {name for name in self.shipped_names(shelf, row) if shelf.is_list(name)}

    def shipped_names(self, shelf, row):
        """What once shipped and still is a field; a later version may have dropped one."""
        return [name for name in row.shipped or {} if not self.is_word(shelf, name) and shelf.has(name)]

    def is_word(self, shelf, name):
        return shelf.model is Article and name in Revision.WORDS

    # Keeping

    def check(self, row):
        """Says in words what its table would refuse; on a first load the table's own word is enough, and quicker."""
        row.full_clean(validate_unique=not self.is_first, validate_constraints=not self.is_first)

    def save(self, row):
        row._change_reason = REASON
        row.save()

    def remember(self, row, shipped):
        """What ships now is what the next merge compares with."""
        if shipped != row.shipped:
            row.shipped = shipped
            type(row).objects.filter(pk=row.pk).update(shipped=shipped)

    def enter(self, entry):
        if entry.key not in self.ledger[entry.model]:
            Loaded.objects.create(model=entry.model, key=entry.key)
