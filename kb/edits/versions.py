"""What a form holds, field by field, as a browser sends it; and a short hash of each field, which is its version.

The hashes are made of the form itself and not of a history table, so they work for every model.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

VERSION = "_edit_version"  # the hidden field with the hashes
ROW = "_edit_row"  # the hidden field with one row's hash, in lists
MOST_ROWS = 1000
Sent = dict[str, list[str]]


@dataclass(frozen=True)
class Value:
    """One field of a form as it is sent: its inputs' names after its own (`_0` and `_1` of a moment), with their values."""

    field: forms.Field
    label: str
    name: str
    sent: Sent

    @property
    def lines(self) -> list[list[str]]:
        return [sorted(_plain(value) for value in values if value != "") for values in self.sent.values()]

    @property
    def mark(self) -> str:
        return hashed([values for values in self.lines if any(values)] or [])

    @property
    def is_text(self) -> bool:
        """Whether it is typed, so that it can also be put together by hand."""
        widget = _inner(self.field.widget)
        return isinstance(widget, (forms.Textarea, forms.TextInput)) and len(self.sent) == 1

    def put_into(self, data: QueryDict, name: str) -> None:
        for suffix, values in self.sent.items():
            data.setlist(name + suffix, values)

    @property
    def raw(self) -> str:
        return "".join(value for values in self.sent.values() for value in values)

    def text(self) -> str:
        """For people: names instead of numbers."""
        values = [value for line in self.lines for value in line]
        if isinstance(_inner(self.field.widget), forms.CheckboxInput):
            return _("Yes") if values else _("No")
        if isinstance(self.field, forms.ModelChoiceField):
            return self._names(values)
        if isinstance(self.field, forms.ChoiceField):
            names = {str(value): str(name) for value, name in flatten_choices(self.field.choices)}
            return ", ".join(names.get(value, value) for value in values)
        return " ".join(values)

    def _names(self, values):
        key = self.field.to_field_name or "pk"
        try:
            found = list(self.field.queryset.filter(**{f"{key}__in": values})) if values else []
        except (ValueError, ValidationError):
            return ", ".join(values)
        return ", ".join(self.field.label_from_instance(one) for one in found)


@dataclass
class Row:
    """A row of an inline; `pk` is empty for a new one."""

    pk: str
    values: dict[str, Value]
    is_deleted: bool = False

    def text(self) -> str:
        return "\n".join(f"{one.label}: {text}" for one in self.values.values() if (text := one.text()))

    def marks(self) -> dict[str, str]:
        return {name: value.mark for name, value in self.values.items()}


@dataclass
class Table:
    """The rows of one inline."""

    prefix: str
    label: str
    key_name: str
    rows: dict[str, Row] = field(default_factory=dict)
    new: list[Row] = field(default_factory=list)

    def key(self, pk: str, name: str = "") -> str:
        return f"{self.prefix}/{pk}/{name}" if name else f"{self.prefix}/{pk}"


@dataclass
class Content:
    """All that a form holds of a record. `standing` is what belongs to its state and is no field: name to text."""

    values: dict[str, Value]
    tables: dict[str, Table]
    standing: Mapping[str, str] = field(default_factory=dict)

    def marks(self) -> dict[str, str]:
        found = {name: value.mark for name, value in self.values.items()}
        for table in self.tables.values():
            for pk, row in table.rows.items():
                found |= {table.key(pk, name): mark for name, mark in row.marks().items()}
        return found | {f"~{name}": hashed(text) for name, text in self.standing.items()}


@dataclass(frozen=True)
class Version:
    """The hashes that a form was made of, and when."""

    marks: dict[str, str]
    at: Any = None

    def __str__(self) -> str:
        return json.dumps({"at": self.at.isoformat(), "marks": self.marks}, separators=(",", ":"))

    @classmethod
    def of(cls, content: Content) -> "Version":
        return cls(content.marks(), timezone.now())

    @classmethod
    def read(cls, text: str) -> "Version | None":
        """What a browser sent, if it can be understood."""
        try:
            found = json.loads(text)
            marks, at = found["marks"], parse_datetime(found["at"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        is_map = isinstance(marks, dict) and all(isinstance(mark, str) for mark in marks.values())
        return cls(marks, at) if is_map and at is not None and timezone.is_aware(at) else None


def hashed(what: Any) -> str:
    return blake2b(json.dumps(what).encode(), digest_size=9).hexdigest()


def stored(form: forms.BaseForm, formsets: Iterable[Any], standing: Mapping[str, str]) -> Content:
    """Of forms as they are drawn: what the database holds."""
    return Content(_values(form), {one.prefix: _table(one) for one in formsets}, standing)


def typed(like: Content, form: forms.BaseForm, formsets: Iterable[Any], data: QueryDict) -> Content:
    """The same fields as a browser sent them."""
    values = {name: _typed(value, form.add_prefix(name), data) for name, value in like.values.items()}
    tables = {
        formset.prefix: _typed_table(formset, data)
        for formset in formsets
        if formset.prefix in like.tables and f"{formset.prefix}-TOTAL_FORMS" in data
    }
    return Content(values, tables, like.standing)


def row_mark(row: models.Model, standing: Mapping[str, str], but: Iterable[Any] = ()) -> str:
    """Of what can be edited of a row itself, for lists; prefetched many-to-many fields cost no query."""
    fields = [field for field in row._meta.concrete_fields if field.editable and field.name not in but]
    own = [str(field.value_from_object(row)) for field in fields]
    lists = [
        sorted(str(other.pk) for other in getattr(row, field.name).all()) for field in row._meta.many_to_many
    ]
    return hashed([own, lists, dict(standing)])


def _values(form, but=frozenset()):
    return {
        name: Value(
            bound.field, str(bound.label), bound.html_name, _as_sent(bound.field.widget, bound.value())
        )
        for name in form.fields
        if name not in but and not (bound := form[name]).field.disabled
    }


def _table(formset):
    table = Table(formset.prefix, str(formset.model._meta.verbose_name), _key_name(formset))
    for form in formset.initial_forms:
        pk = str(form.instance.pk)
        table.rows[pk] = Row(pk, _values(form, _hidden(formset)))
    return table


def _typed_table(formset, data):
    table = Table(formset.prefix, str(formset.model._meta.verbose_name), _key_name(formset))
    blank = _values(formset.empty_form, _hidden(formset))
    empty = {name: value.mark for name, value in blank.items()}
    for number in _numbers(data, formset.prefix):
        start = f"{formset.prefix}-{number}"
        values = {name: _typed(value, f"{start}-{name}", data) for name, value in blank.items()}
        row = Row(data.get(f"{start}-{table.key_name}", ""), values, f"{start}-DELETE" in data)
        if row.pk:
            table.rows[row.pk] = row
        elif row.marks() != empty and not row.is_deleted:
            table.new.append(row)
    return table


def _numbers(data, prefix):
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    return range(min(int(total), MOST_ROWS)) if total.isdecimal() else ()


def _key_name(formset):
    return formset.model._meta.pk.name


def _hidden(formset):
    """What a row's form holds beside the row's own fields."""
    return {_key_name(formset), formset.fk.name, "DELETE", "ORDER"}


def _inner(widget):
    return widget.widget if isinstance(widget, RelatedFieldWidgetWrapper) else widget


def _parts(widget):
    """A widget of several inputs: what each is called after the field's name."""
    return zip(widget.widgets, widget.widgets_names, strict=True)


def _as_sent(widget, value) -> Sent:
    """What a browser would send for this value if nobody touched it."""
    widget = _inner(widget)
    if isinstance(widget, forms.MultiWidget):
        values = value if isinstance(value, (list, tuple)) else widget.decompress(value)
        return {
            suffix + further: own
            for (part, suffix), part_value in zip(_parts(widget), values, strict=True)
            for further, own in _as_sent(part, part_value).items()
        }
    if isinstance(widget, forms.CheckboxInput):
        return {"": ["on"] if widget.check_test(value) else []}
    shown = widget.format_value(value)
    values = shown if isinstance(shown, (list, tuple)) else [shown]
    return {"": [str(one) for one in values if one is not None]}


def _typed(like: Value, name: str, data: QueryDict) -> Value:
    return Value(like.field, like.label, name, _typed_in(like.field.widget, name, data))


def _typed_in(widget, name, data) -> Sent:
    widget = _inner(widget)
    if isinstance(widget, forms.MultiWidget):
        return {
            suffix + further: own
            for part, suffix in _parts(widget)
            for further, own in _typed_in(part, name + suffix, data).items()
        }
    if isinstance(widget, forms.CheckboxInput):
        return {"": ["on"] if widget.value_from_datadict(data, {}, name) else []}
    return {"": data.getlist(name)}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
