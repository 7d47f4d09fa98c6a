"""Pieces that editors' forms in several rooms share: the Markdown field with its live preview."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse_lazy

from kb.codes.dates import plausible
from kb.codes.markers import checked, fill_page
from kb.edits.modeladmin import HistoryAdmin

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


class RecordAdmin(HistoryAdmin):
    """A record of the knowledgebase, with where its words come from."""

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


class MarkdownInline(admin.StackedInline):
    """Records with one Markdown field, edited on the page of what they belong to."""

    extra = 0
    show_change_link = True
    formfield_overrides = {models.TextField: {"widget": MarkdownInput(attrs={"rows": 8})}}
