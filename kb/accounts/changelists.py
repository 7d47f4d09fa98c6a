"""The rules for the parameters of every changelist in the admin; `EditorSite` adds them to each ModelAdmin."""

from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import DataError, NotSupportedError, OperationalError
from django.db.models.constants import LOOKUP_SEP

WRONG_VALUE = (
    DataError,
    FieldError,
    NotSupportedError,
    OperationalError,
    OverflowError,
    TypeError,
    ValueError,
)
# They raise what no list can catch on one database or another, and nothing in the admin links to them.
PATTERNS = {"regex", "iregex"}


class ChangelistParameters(ModelAdmin):
    """A list is filtered by what it or its form shows: else its lookups would tell hidden values letter by letter."""

    def lookup_allowed(self, lookup, value, request):
        name, *rest = lookup.split(LOOKUP_SEP)
        return (
            not PATTERNS & {*rest}
            and self._is_shown(name, request)
            and super().lookup_allowed(lookup, value, request)
        )

    def _is_shown(self, name, request):
        """What is no field at all is left to Django, which leads back to the whole list."""
        if name == "pk":
            return True
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return True
        listed = {*self.get_list_display(request), *_names(self.get_list_filter(request))}
        if name in listed | {self.date_hierarchy} or name in self.get_readonly_fields(request):
            return True
        in_the_form = field.concrete and (field.primary_key or field.editable)
        return in_the_form and name not in (self.get_exclude(request) or ())

    def get_changelist_instance(self, request):
        """A value that the database refuses is told like one that the field refuses."""
        try:
            return super().get_changelist_instance(request)
        except WRONG_VALUE as problem:
            if not request.GET:
                raise
            raise IncorrectLookupParameters from problem


def _names(filters):
    """Of the fields that a list is filtered by; classes of filters have parameters of their own."""
    for entry in filters:
        name = entry[0] if isinstance(entry, list | tuple) else entry
        if isinstance(name, str):
            yield name.partition(LOOKUP_SEP)[0]
