"""How a shipped record is read from and written to its tables, in the values that fixtures use: text, numbers,
yes or no, dates as 2026-11-23, and references as lists of a key's parts."""

from datetime import date, datetime

from django.core.exceptions import FieldDoesNotExist
from django.db import models


class Unknown(Exception):
    """A fixture names a field or a record that never was; it would be wrong on any database."""


class Gone(Exception):
    """A fixture names a record that was deleted here."""


class Shelf:
    """One model's records by their keys."""

    def __init__(self, model, shelves):
        self.model, self.shelves = model, shelves
        self.rows = {row.key: row for row in model.objects.filter(key__isnull=False)}
        self.keys = {row.pk: row.key for row in self.rows.values()}

    def field(self, name):
        try:
            found = self.model._meta.get_field(name)
        except FieldDoesNotExist:
            found = None
        if found is None or (not found.editable and name != "reviewed_on") or name in {"key", "shipped"}:
            raise Unknown(f"there is no field “{name}”.")
        return found

    def has(self, name):
        return any(field.name == name for field in self.model._meta.get_fields())

    def is_list(self, name):
        return self.field(name).many_to_many

    def default(self, name):
        found = self.field(name)
        if found.many_to_many:
            return []
        value = found.get_default()
        return None if found.is_relation else _plain(value)

    def given(self, name, value):
        """A list as `read` would give it: without what was deleted here, and sorted if it has no order of its own."""
        found = self.field(name)
        present = [reference for reference in value if self._is_there(found, reference)]
        return sorted(present) if found.remote_field.through._meta.auto_created else present

    def read(self, row, name):
        found = self.field(name)
        if found.many_to_many:
            return self._read_list(row, found)
        if found.is_relation:
            return self._reference(found, getattr(row, found.attname))
        return _plain(getattr(row, name))

    def write(self, row, name, value):
        """A value of the row itself; lists are written apart, once the row and all it names are there."""
        found = self.field(name)
        if found.is_relation:
            setattr(row, found.name, self._target(found, value) if value else None)
        else:
            setattr(row, name, found.to_python(value) if value is not None else value)

    def write_list(self, row, name, value):
        found = self.field(name)
        targets = [self._target(found, reference) for reference in value]
        through = found.remote_field.through
        if through._meta.auto_created:
            getattr(row, name).set(targets)
            return
        here, there = found.m2m_field_name(), found.m2m_reverse_field_name()
        links = _links(through).filter(**{here: row})
        links.exclude(**{f"{there}__in": targets}).delete()
        for place, target in enumerate(targets, 1):  # a link that stays keeps what else stands on it
            links.update_or_create(**{here: row, there: target}, defaults={"position": place})

    def twin(self, fields):
        """A record made here with the same natural key, to be taken over rather than doubled."""
        names = self.model.NATURAL
        if not names:
            return None
        probe = self.model()
        for name in names:
            self.write(probe, name, fields.get(name, self.default(name)))
        return self.model.objects.filter(
            key__isnull=True, **{name: getattr(probe, name) for name in names}
        ).first()

    def keep(self, row):
        self.rows[row.key] = row
        self.keys[row.pk] = row.key

    def _read_list(self, row, found):
        through = found.remote_field.through
        if through._meta.auto_created:
            pks = getattr(row, found.name).values_list("pk", flat=True)
            return sorted(self._reference(found, pk) for pk in pks)
        here, there = found.m2m_field_name(), found.m2m_reverse_field_name()
        pks = _links(through).filter(**{here: row}).values_list(f"{there}_id", flat=True)
        return [self._reference(found, pk) for pk in pks]

    def _reference(self, found, pk):
        if pk is None:
            return None
        key = self.shelves[found.related_model].keys.get(pk)
        return key.split("/") if key else ["made here", str(pk)]

    def _is_there(self, found, reference):
        try:
            self._target(found, reference)
        except Gone:
            return False
        return True

    def _target(self, found, reference):
        """The record of this key, or one made here in its place."""
        model, key = found.related_model, "/".join(str(part) for part in reference)
        target = self.shelves[model].rows.get(key)
        if target is None and model.NATURAL == ("slug",):
            target = model.objects.filter(slug=key).first()
        if target is None and key in self.shelves.ledger[model._meta.label_lower]:
            raise Gone(f"“{found.name}” names {key}, which was deleted here.")
        if target is None:
            raise Unknown(f"“{found.name}” names {key}, which is not there.")
        return target


class Shelves(dict):
    """Shelves by model, made when first asked for; the ledger tells what was deleted here."""

    def __init__(self, ledger):
        super().__init__()
        self.ledger = ledger

    def __missing__(self, model):
        self[model] = Shelf(model, self)
        return self[model]


def _links(through):
    """The rows that shipped content knows; a table that also keeps others says which in MERGED."""
    return through.objects.filter(**getattr(through, "MERGED", {}))


def _plain(value):
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, models.Choices) else value
