"""Forms and lists of the admin that save nothing on top of what they did not show.

Each form carries a hash of every field it was drawn with. A form whose record holds something else by now is
refused, with both texts and a way to put them together; see docs/decisions/edits-of-one-record.md.
"""

from collections.abc import Mapping
from contextlib import suppress
from copy import copy

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import connection, models, router, transaction
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

from kb.edits import conflicts
from kb.edits.editors import Edit, last_deletion, last_edit
from kb.edits.once import KEY, new_key, once
from kb.edits.versions import ROW, VERSION, Content, Table, Version, row_mark, stored, typed

RESOLVE = "_edit_resolve"  # the button of the page of a conflict: "mine" or "merge"
BASE = "_edit_base"  # the version that the refused form was opened on
OURS = {KEY, VERSION, RESOLVE, BASE, "csrfmiddlewaretoken"}


class EditAdmin(admin.ModelAdmin):
    """A ModelAdmin whose forms know what they were opened on, and are saved once."""

    anew: Mapping[str, str] = {}  # what a record begins with that is made anew from a deleted one's form

    def standing_of(self, record: models.Model) -> dict[str, str]:
        """What else an editor relies on and no field of the form holds: its name and how it is now."""
        return {}

    def is_saving(self, request: HttpRequest) -> bool:
        """Whether this POST saves; a form may have buttons that only try something."""
        return True

    # The forms

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["edit_key"] = new_key()
        if change and obj is not None and self.has_change_permission(request, obj):
            form = context["adminform"].form
            formsets = [one.formset for one in context["inline_admin_formsets"] if one.has_change_permission]
            context["edit_version"] = (
                request.POST.get(VERSION, "")
                if form.is_bound
                else Version.of(stored(form, formsets, self.standing_of(obj)))
            )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        def save():
            return self.conflict_with(request, object_id) or view(request, object_id, form_url, extra_context)

        view = super().changeform_view
        if request.method != "POST":
            return view(request, object_id, form_url, extra_context)
        return once(request, save) if self.is_saving(request) else save()

    def content_of(self, request: HttpRequest, record: models.Model) -> Content:
        form, formsets = self._drawn(request, record)
        return stored(form, formsets, self.standing_of(record))

    def version_of(self, request: HttpRequest, record: models.Model) -> Version:
        return Version.of(self.content_of(request, record))

    def _drawn(self, request, record):
        """The forms as a GET draws them, whatever this request is."""
        drawing = copy(request)
        drawing.method = "GET"
        fields = flatten_fieldsets(self.get_fieldsets(drawing, record))
        form = self.get_form(drawing, record, change=True, fields=fields)(instance=record)
        formsets, inlines = self._create_formsets(drawing, record, change=True)
        changeable = [
            formset
            for formset, inline in zip(formsets, inlines, strict=True)
            if inline.has_change_permission(request, record)
        ]
        return form, changeable

    def conflict_with(self, request: HttpRequest, object_id: str | None, *, with_rows: bool = True):
        """A page that refuses this form, or None if it may be saved; what was chosen on that page is put into it."""
        if object_id is None or "_saveasnew" in request.POST or not self.is_saving(request):
            return None
        self._lock(unquote(object_id))
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self.gone(request, object_id) if self.has_change_permission(request) else None
        if not self.has_change_permission(request, record):
            return None  # refused by the view itself
        form, formsets = self._drawn_and_locked(request, record)
        theirs = stored(form, formsets, self.standing_of(record))
        mine = typed(theirs, form, formsets if with_rows else (), request.POST)
        seen = Version.read(request.POST.get(VERSION, ""))
        base = Version.read(request.POST.get(BASE, "")) or seen
        found = conflicts.differences(theirs, mine, base)
        resolve = request.POST.get(RESOLVE, "")
        if conflicts.is_newer(theirs, seen) and (
            any(one.by_them for one in found) or conflicts.changed_standing(theirs, seen) or not with_rows
        ):
            return self.conflict(request, record, theirs, found, base)
        if resolve == "merge" and not conflicts.is_decided(found, request.POST):
            return self.conflict(request, record, theirs, found, base)
        if resolve or conflicts.is_newer(theirs, seen):
            request.POST = conflicts.merged(theirs, mine, request.POST, all_mine=resolve != "merge")
            request.POST[VERSION] = str(Version.of(theirs))
        return None

    def _drawn_and_locked(self, request, record):
        """Inline rows can be changed on pages of their own as well."""
        drawn = self._drawn(request, record)
        if not connection.features.has_select_for_update:  # SQLite's transaction locks everything
            return drawn
        for formset in drawn[1]:
            keys = [form.instance.pk for form in formset.initial_forms]
            rows = formset.model._base_manager.filter(pk__in=keys).order_by("pk")
            list(rows.select_for_update().values_list("pk"))
        return self._drawn(request, record)

    def _lock(self, *keys):
        """Nobody changes these records until the end of the transaction."""
        with suppress(ValueError, ValidationError):  # an address without a record
            rows = self.model._base_manager.filter(pk__in=keys).order_by("pk")
            list(rows.select_for_update().values_list("pk"))

    def conflict(self, request, record, theirs, found, base):
        """Both texts, their difference in words, and a button each for mine, theirs and both."""
        edit = self.edit_since(request, record, base)
        by_hand = {one.typed.name for one in found if one.typed and one.by_them and one.by_me}
        context = {
            **self._page(request, record),
            "title": _("Changed meanwhile: %s") % record,
            "edit": edit,
            "differences": found,
            "chosen": {key: request.POST[key] for key in request.POST if key.startswith(conflicts.TAKE)},
            "undecided": request.POST.get(RESOLVE) == "merge",
            "standing": conflicts.changed_standing(theirs, base),
            "is_known": base is not None,
            "kept": _kept(request.POST, but=by_hand),
            "edit_version": Version.of(theirs),
            "edit_base": base or "",
            "edit_key": new_key(),
            "change_url": self._address("change", record.pk),
        }
        return TemplateResponse(request, "admin/edits/conflict.html", context, status=409)

    def edit_since(self, request: HttpRequest, record: models.Model, base: Version | None) -> Edit | None:
        formsets = self._drawn(request, record)[1]
        rows = [form.instance for formset in formsets for form in formset.initial_forms]
        return last_edit([record, *rows], base and base.at)

    def gone(self, request, object_id):
        """The record was deleted while somebody wrote: their words, and a way to make it anew."""
        blank = self.model()
        form, formsets = self._drawn(request, blank)
        values = typed(stored(form, formsets, {}), form, formsets, request.POST)
        rows = [row for table in values.tables.values() for row in (*table.rows.values(), *table.new)]
        context = {
            **self._page(request, None),
            "title": _("Deleted meanwhile"),
            "edit": last_deletion(self.model, unquote(object_id)),
            "values": [value for value in values.values.values() if value.text()],
            "rows": [text for row in rows if (text := row.text())],
            "kept": _kept(_anew(request.POST, values, self.anew)),
            "add_url": self._address("add") if self.has_add_permission(request) else "",
            "edit_key": new_key(),
        }
        return TemplateResponse(request, "admin/edits/gone.html", context, status=410)

    def _page(self, request, record):
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "object": record,
            "list_url": self._address("changelist"),
        }

    def _address(self, page, *arguments):
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}", args=arguments
        )

    # Deleting

    def delete_view(self, request, object_id, extra_context=None):
        """The page that asks shows a state; if another one stands there by now, it asks again."""

        def delete():
            self._lock(unquote(object_id))
            record = self.get_object(request, unquote(object_id))
            if record is None or not self.has_delete_permission(request, record):
                return view(request, object_id, extra_context)
            seen = Version.read(request.POST.get(VERSION, ""))
            now = self.content_of(request, record)
            if not conflicts.is_newer(now, seen):
                return view(request, object_id, extra_context)
            asking = copy(request)
            asking.method, asking.POST = "GET", QueryDict()
            return view(asking, object_id, self._changes_since(request, record, seen) | (extra_context or {}))

        view = super().delete_view
        return once(request, delete) if request.method == "POST" else view(request, object_id, extra_context)

    def render_delete_form(self, request, context):
        record = context["object"]
        context["edit_key"], context["edit_version"] = new_key(), self.version_of(request, record)
        response = super().render_delete_form(request, context)
        response.status_code = 409 if context.get("changed_since") else 200
        return response

    def _changes_since(self, request, record, seen):
        now = self.content_of(request, record)
        names = [
            (value.label, value.text())
            for name, value in now.values.items()
            if seen and seen.marks.get(name) != value.mark
        ]
        rows = [
            (f"{table.label} {number}", row.text())
            for table in now.tables.values()
            for number, (pk, row) in enumerate(table.rows.items(), 1)
            if seen and any(seen.marks.get(table.key(pk, name)) != mark for name, mark in row.marks().items())
        ]
        standing = list(conflicts.changed_standing(now, seen).items())
        return {
            "changed_since": True,
            "changes": names + rows + standing,
            "edit": self.edit_since(request, record, seen),
        }

    # Lists

    def get_queryset(self, request):
        """With what a row's mark is made of."""
        lists = [field.name for field in self.opts.many_to_many]
        return super().get_queryset(request).prefetch_related(*lists)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"edit_key": new_key(), **(extra_context or {})})

    def mark_of(self, record: models.Model) -> str:
        """The hidden value that says how a list showed this record."""
        return f"{record.pk}:{row_mark(record, self.standing_of(record), but=self.readonly_fields)}"

    def action_checkbox(self, record):
        checkbox = super().action_checkbox(record)
        return format_html(
            '{}<input type="hidden" name="{}" value="{}">', checkbox, ROW, self.mark_of(record)
        )

    def response_action(self, request, queryset, **options):
        """What is done to many is done to those alone that are as the list showed them; the others are named."""
        respond = super().response_action

        def act():
            rows, changed = self._as_shown(request, queryset)
            for row in changed:
                messages.warning(request, self._left_alone(request, row))
            response = None if changed and not rows.exists() else respond(request, rows, **options)
            if isinstance(response, TemplateResponse) and response.context_data is not None:
                marks = [self.mark_of(row) for row in rows]
                response.context_data |= {"edit_rows": marks, "edit_key": new_key()}
            return response or HttpResponseRedirect(request.get_full_path())

        return once(request, act)

    def _as_shown(self, request, queryset):
        """Those chosen that are as they were shown, and those that are not. Of all there are, only some were shown."""
        seen = {mark.partition(":")[0]: mark for mark in request.POST.getlist(ROW)}
        chosen = request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME)
        every = request.POST.get("select_across", "0") != "0"
        keys = [key for key in (seen if every else chosen) if self._is_key(key)]
        self._lock(*keys)
        changed = [row for row in queryset.filter(pk__in=keys) if seen.get(str(row.pk)) != self.mark_of(row)]
        rows = queryset.exclude(pk__in=[row.pk for row in changed])
        return (rows if every else rows.filter(pk__in=keys)), changed

    def is_as_shown(self, request: HttpRequest, key: int) -> bool:
        """Whether the page of the button showed this record as it is; locked until the end of the transaction."""
        self._lock(key)
        record = self.get_object(request, str(key))
        return record is not None and self.mark_of(record) in request.POST.getlist(ROW)

    def _is_key(self, key):
        try:
            self.opts.pk.to_python(key)
        except ValidationError:
            return False
        return True

    def _left_alone(self, request, row):
        edit = last_edit([row])
        if edit is None or edit.by is None:
            return _(
                "“%(row)s” was left as it is: it was changed since this list was opened. Look at it and choose again."
            ) % {"row": row}
        who = _("you") if edit.by == request.user else edit.by
        return _(
            "“%(row)s” was left as it is: %(who)s changed it since this list was opened, at %(when)s. "
            "Look at it and choose again."
        ) % {"row": row, "who": who, "when": date_format(localtime(edit.at), "DATETIME_FORMAT")}


def _kept(data, but=frozenset()):
    """All inputs of the refused form, to be sent again by the next page."""
    return [
        (name, value)
        for name, values in data.lists()
        if name not in OURS and name not in but and not name.startswith(conflicts.TAKE)
        for value in values
    ]


def _anew(data, values, beginning):
    """The form as one of a new record, which is then opened: its rows are new as well."""
    none = Content({}, {name: Table(name, one.label, one.key_name) for name, one in values.tables.items()})
    sent = conflicts.merged(none, values, data, all_mine=True)
    for name in [name for name in sent if name in {"_save", "_addanother", "_publish"}]:
        del sent[name]
    sent["_continue"] = "1"
    for name, value in beginning.items():
        sent[name] = value
    return sent


class HistoryAdmin(EditAdmin, SimpleHistoryAdmin):
    """A record with its history: who changed what, with the difference shown and a way back."""

    object_history_list_template = "admin/codes/history_list.html"

    def history_view(self, request, object_id, extra_context=None):
        if self.get_object(request, unquote(object_id)) is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """An old state, whole or not at all: what it names may have been deleted since."""
        if request.method != "POST":
            return self._old_state(request, object_id, version_id, extra_context)
        return once(request, lambda: self._old_state(request, object_id, version_id, extra_context))

    def _old_state(self, request, object_id, version_id, extra_context):
        record = self.get_object(request, unquote(object_id))
        if not version_id.isdecimal() or (record is None and request.method != "POST"):
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = {"edit_key": new_key(), **(extra_context or {})}
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            if refused := self.conflict_with(request, object_id, with_rows=False):
                return refused
            context["edit_version"] = request.POST.get(VERSION, "")
        else:
            context["edit_version"] = self.version_of(request, record)
        try:
            with transaction.atomic(using=router.db_for_write(self.model)):
                response = super().history_form_view(request, object_id, version_id, context)
                if request.method == "POST" and response.status_code == 302:
                    self.went_back(request, object_id, version_id)
                return response
        except ObjectDoesNotExist:
            messages.error(
                request,
                _(
                    "This state names a record that was deleted since, so it cannot be opened. Its values stand in the list."
                ),
            )
            return HttpResponseRedirect(self._address("history", object_id))

    def refused_history(self, request: HttpRequest, object_id: str):
        """The history anew, with what was added since the page of the button was opened."""
        record = self.get_object(request, object_id)
        messages.warning(request, self._left_alone(request, record))
        reading = copy(request)
        reading.method = "GET"
        response = self.history_view(reading, object_id)
        response.status_code = 409
        return response

    def went_back(self, request, object_id, version_id):
        """What a record takes along when it goes back to an old state."""
