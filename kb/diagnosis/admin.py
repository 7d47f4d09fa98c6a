from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models

from kb.codes.acting import ACTING_FIELDS
from kb.codes.admin import AdviceInline
from kb.codes.editing import RecordAdmin
from kb.codes.models import Wording
from kb.diagnosis.bench import try_wording

MOST_TRIED = 64 * 1024


class WordingForm(forms.ModelForm):
    """Its button “Try” shows the form again with the test bench below it, and saves nothing."""

    try_text = forms.CharField(
        label="Try on this text",
        required=False,
        strip=False,
        widget=admin.widgets.AdminTextareaWidget(attrs={"rows": 4}),
        help_text="A line or a whole bounce. It is not kept.",
    )

    @property
    def is_trial(self):
        return self.is_bound and "_try" in self.data

    def is_valid(self):
        return super().is_valid() and not self.is_trial

    def on_trial(self):
        """The wording as the form has it, however much of it is in order."""
        wording = Wording(pk=self.instance.pk)
        for name in ("pattern", "samples", "reply_codes", "enhanced_codes", "meaning", "in_brief"):
            setattr(wording, name, self[name].data or "")
        for name in ("provider", "cause"):
            setattr(wording, name, self._chosen(name))
        return wording

    def _chosen(self, name):
        try:
            return self.fields[name].clean(self[name].data)
        except ValidationError:
            return None


@admin.register(Wording)
class WordingAdmin(RecordAdmin):
    form = WordingForm
    change_form_template = "admin/codes/wording_form.html"
    list_display = ["pattern", "provider", "cause", "reply_codes", "enhanced_codes"]
    list_filter = ["provider", "cause"]
    list_select_related = ["provider", "cause"]
    search_fields = ["pattern", "samples", "meaning", "reply_codes", "enhanced_codes"]
    autocomplete_fields = ["provider", "cause"]
    inlines = [AdviceInline]
    formfield_overrides = {models.TextField: {"widget": admin.widgets.AdminTextareaWidget(attrs={"rows": 5})}}
    fieldsets = [
        (None, {"fields": ["provider", "cause", "pattern", "samples"]}),
        ("The codes it comes with", {"fields": ["reply_codes", "enhanced_codes"]}),
        ("What it means", {"fields": ["meaning", "in_brief"]}),
        (
            "Who must act",
            {
                "fields": [ACTING_FIELDS],
                "description": "Only where it differs from its cause; nobody ticked: as its cause says.",
            },
        ),
        RecordAdmin.ABOUT,
        ("Test bench", {"fields": ["try_text"]}),
    ]

    def is_saving(self, request):
        return "_try" not in request.POST

    def render_change_form(self, request, context, *arguments, **options):
        """A form sent and shown again, tried or refused, comes with the bench."""
        form = context["adminform"].form
        if form.is_bound:
            text = (form["try_text"].data or "")[:MOST_TRIED]
            context["trial"] = try_wording(form.on_trial(), text)
        return super().render_change_form(request, context, *arguments, **options)
