"""Pieces that editors' forms in several rooms share: the Markdown field with its live preview, and the history."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse, reverse_lazy
from simple_history.admin import SimpleHistoryAdmin

from kb.codes.dates import plausible
from kb.codes.markers import checked, fill_page

MARKDOWN_FIELDS = ("body", "text", "notes")


class MarkdownInput(forms.Textarea):
    """A text field that shows under it what readers will see; the script asks the preview view for it."""

    class Media:
        js = ("kb/admin/preview.js",)

    def __init__(self, attrs=None):
        preview = {"class": "vLargeTextField markdown", "data-preview": reverse_lazy("admin:codes_preview")}
        super().__init__({"rows": 14, **preview, **(attrs or {})})


def preview(request, check=checked):
    """The text as readers will see it: rendered, sanitised and filled by what serves the pages."""
    fields = ("markdown", *MARKDOWN_FIELDS)
    text = next((request.POST[name] for name in fields if name in request.POST), "")
    try:
        context = {"html": check("text", text).html}
    except ValidationError as problem:
        context = {"problem": " ".join(problem.messages)}
    return HttpResponse(fill_page(render_to_string("admin/preview.html", context, request)))


class RecordAdmin(SimpleHistoryAdmin):
    """A record with its history: who changed what, with the difference shown and a way back."""

    object_history_list_template = "admin/codes/history_list.html"
    object_history_form_template = "admin/codes/history_form.html"
    save_on_top = False
    list_per_page = 50
    formfield_overrides = {
        models.TextField: {"widget": admin.widgets.AdminTextareaWidget(attrs={"rows": 3})},
        models.URLField: {"assume_scheme": "https"},
    }
    markdown = ()
    ABOUT = ("About this record", {"fields": ["source", "reviewed_on"], "classes": ["collapse"]})

    def formfield_for_dbfield(self, field, request, **options):
        if field.name in self.markdown:
            options["widget"] = MarkdownInput()
        if type(field) is models.DateField:
            options["validators"] = [plausible]
        return super().formfield_for_dbfield(field, request, **options)

    def history_view(self, request, object_id, extra_context=None):
        if self.get_object(request, unquote(object_id)) is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """An old state, whole or not at all: what it names may have been deleted since."""
        if self.get_object(request, unquote(object_id)) is None or not version_id.isdecimal():
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST" and not self.has_change_permission(request):
            raise PermissionDenied
        try:
            with transaction.atomic():
                response = super().history_form_view(request, object_id, version_id, extra_context)
                if request.method == "POST" and response.status_code == 302:
                    self.went_back(request, object_id, version_id)
                return response
        except ObjectDoesNotExist:
            messages.error(
                request,
                "This state names a record that was deleted since, so it cannot be opened. Its values stand in the list.",
            )
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
            return HttpResponseRedirect(reverse(name, args=[object_id]))

    def went_back(self, request, object_id, version_id):
        """What a record takes along when it goes back to an old state."""


class MarkdownInline(admin.StackedInline):
    """Records with one Markdown field, edited on the page of what they belong to."""

    extra = 0
    show_change_link = True
    formfield_overrides = {models.TextField: {"widget": MarkdownInput(attrs={"rows": 8})}}
