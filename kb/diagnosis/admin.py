from django.contrib import admin
from django.db import models

from kb.codes.acting import ACTING_FIELDS
from kb.codes.admin import AdviceInline
from kb.codes.editing import RecordAdmin
from kb.codes.models import Wording


@admin.register(Wording)
class WordingAdmin(RecordAdmin):
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
    ]
