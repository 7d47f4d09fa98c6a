from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.urls import path

from kb.codes.acting import ACTING_FIELDS
from kb.codes.editing import MarkdownInline, RecordAdmin, preview
from kb.codes.models import Advice, Cause, Code, CodeCause, CodeClass, Provider, Registry, Subject

WHO_ACTS = ("Who must act", {"fields": [ACTING_FIELDS], "description": "Nobody ticked: nobody needs to act."})


class AdviceFormSet(BaseInlineFormSet):
    """One text for each role, at the end and at every step: rows are saved one after the other."""

    def clean(self):
        super().clean()
        kept = [
            form
            for form in self.forms
            if form not in self.deleted_forms and getattr(form, "cleaned_data", {}).get("role")
        ]
        roles = [form.cleaned_data["role"] for form in kept]
        names = dict(Advice.ROLES)
        if doubled := next((role for role in roles if roles.count(role) > 1), None):
            raise ValidationError(f"There are two texts for “{names[doubled]}”. Keep one of them.")
        saved = (
            Advice.objects.filter(**{self.fk.name: self.instance.pk})
            if self.instance.pk
            else Advice.objects.none()
        )
        held = dict(saved.values_list("role", "pk"))
        for form in kept:
            role = form.cleaned_data["role"]
            if held.get(role, form.instance.pk) != form.instance.pk:
                raise ValidationError(
                    f"Another text still holds “{names[role]}”. Change or delete that one and save, then give its role away."
                )


class AdviceInline(MarkdownInline):
    model = Advice
    formset = AdviceFormSet
    fields = ["role", "text", "source", "reviewed_on"]
    verbose_name_plural = "advice, a text for each person involved"


@admin.register(Registry)
class RegistryAdmin(RecordAdmin):
    list_display = ["name", "slug", "is_default", "position"]
    search_fields = ["name", "slug"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "summary", "is_default", "position"]}),
        ("Official registry", {"fields": ["address", "address_name"]}),
        RecordAdmin.ABOUT,
    ]


@admin.register(CodeClass)
class CodeClassAdmin(RecordAdmin):
    list_display = ["slug", "name", "outcome", "verdict", "registry"]
    list_filter = ["registry"]
    search_fields = ["slug", "name"]
    list_select_related = ["registry"]
    inlines = [AdviceInline]
    fieldsets = [
        (None, {"fields": ["registry", "slug", "digit", "name", "outcome", "verdict"]}),
        ("What it means", {"fields": ["meaning", "precise", "reference"]}),
        WHO_ACTS,
        RecordAdmin.ABOUT,
    ]


@admin.register(Subject)
class SubjectAdmin(RecordAdmin):
    list_display = ["value", "name", "registry"]
    list_filter = ["registry"]
    search_fields = ["value", "name"]
    list_select_related = ["registry"]
    inlines = [AdviceInline]
    fieldsets = [
        (None, {"fields": ["registry", "value", "name"]}),
        ("What it means", {"fields": ["meaning", "precise", "reference"]}),
        WHO_ACTS,
        RecordAdmin.ABOUT,
    ]


@admin.register(Cause)
class CauseAdmin(RecordAdmin):
    list_display = ["name", "slug", "in_brief", "position"]
    search_fields = ["name", "slug", "meaning"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [AdviceInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "meaning", "how_to_tell", "in_brief", "position"]}),
        WHO_ACTS,
        RecordAdmin.ABOUT,
    ]


class CodeCauseInline(admin.TabularInline):
    model = CodeCause
    extra = 0
    autocomplete_fields = ["cause"]
    verbose_name_plural = "causes, the likeliest first"


@admin.register(Code)
class CodeAdmin(RecordAdmin):
    list_display = ["value", "label", "kind", "code_class", "in_brief", "standing"]
    list_display_links = ["value", "label"]
    list_filter = ["registry", "kind", "code_class", "subject", "standing"]
    list_select_related = ["registry", "code_class"]
    search_fields = ["value", "label", "meaning"]
    autocomplete_fields = ["code_class", "subject", "paired"]
    inlines = [CodeCauseInline, AdviceInline]
    readonly_fields = ["version"]
    fieldsets = [
        (None, {"fields": ["registry", "kind", "value", "label"]}),
        ("Its place", {"fields": ["code_class", "subject", "usual_digit", "standing", "paired"]}),
        ("What it means", {"fields": ["meaning", "in_brief", "precise", "other_uses", "reference"]}),
        (
            WHO_ACTS[0],
            {
                "fields": [ACTING_FIELDS],
                "description": "Nobody ticked: those of its likeliest cause must act.",
            },
        ),
        ("About this record", {"fields": ["source", "reviewed_on", "version"], "classes": ["collapse"]}),
    ]

    def get_urls(self):
        return [
            path("preview/", self.admin_site.admin_view(preview), name="codes_preview"),
            *super().get_urls(),
        ]

    # A line of history holds the causes as well, so it is written when the causes have been saved.

    def save_model(self, request, code, form, change):
        code.skip_history_when_saving = True
        super().save_model(request, code, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.enter_history(request, form.instance)

    def went_back(self, request, object_id, version_id):
        """Going back to an old state takes its causes along."""
        code = Code.objects.get(pk=object_id)
        links = Code.history.get(history_id=version_id).causes.order_by("position")
        there = set(Cause.objects.filter(pk__in=links.values("cause_id")).values_list("pk", flat=True))
        code.code_causes.all().delete()
        for link in links:
            if link.cause_id in there:
                CodeCause.objects.create(code=code, cause_id=link.cause_id, position=link.position)
        if len(there) < len(links):
            messages.warning(
                request, "Some causes of that state were deleted since; the others were taken back."
            )
        self.enter_history(request, code)

    def enter_history(self, request, code):
        if hasattr(code, "skip_history_when_saving"):
            del code.skip_history_when_saving
        code._history_user = request.user
        code.save()


@admin.register(Provider)
class ProviderAdmin(RecordAdmin):
    list_display = ["name", "kind", "postmaster_url", "delisting_url"]
    list_filter = ["kind"]
    search_fields = ["name", "marks"]
    prepopulated_fields = {"slug": ["name"]}
    markdown = ["notes"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "kind", "marks", "summary"]}),
        ("Addresses", {"fields": ["website", "postmaster_url", "delisting_url"]}),
        ("Notes", {"fields": ["notes"]}),
        RecordAdmin.ABOUT,
    ]


@admin.register(Advice)
class AdviceAdmin(RecordAdmin):
    list_display = ["target", "role", "source", "reviewed_on"]
    list_filter = ["role"]
    list_select_related = ["cause", "code", "subject", "code_class", "wording__provider"]
    search_fields = ["text", "cause__name", "code__value", "code__label"]
    autocomplete_fields = ["cause", "code", "subject", "code_class", "wording"]
    markdown = ["text"]
    fieldsets = [
        ("On exactly one of", {"fields": ["cause", "code", "subject", "code_class", "wording"]}),
        (None, {"fields": ["role", "text"]}),
        RecordAdmin.ABOUT,
    ]
