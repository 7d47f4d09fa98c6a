from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.text import slugify

from kb.articles.body import checked
from kb.articles.models import Article, Picture, Related, Revision
from kb.articles.preparing import FORMATS, MOST_BYTES, TAKEN
from kb.codes.editing import MarkdownInput


class RelatedFormSet(forms.BaseInlineFormSet):
    """Articles worth reading next: others, each once."""

    def clean(self):
        others = [
            form.cleaned_data.get("other")
            for form in self.forms
            if form not in self.deleted_forms and getattr(form, "cleaned_data", None)
        ]
        others = [other for other in others if other]
        if self.instance.pk and self.instance in others:
            raise ValidationError("An article cannot be related to itself. Choose another one.")
        doubled = next((other for other in others if others.count(other) > 1), None)
        if doubled:
            raise ValidationError(f"“{doubled}” is in the list twice. Keep one of the two lines.")
        super().clean()


ACCEPTED = ",".join(f"image/{name.lower()}" for name in FORMATS)


class BodyInput(MarkdownInput):
    """The Markdown field of an article, into which pictures can be put: chosen, pasted or dropped."""

    class Media:
        js = ("kb/admin/pictures.js",)

    def __init__(self, attrs=None):
        about = {
            "data-preview": reverse_lazy("admin:articles_preview"),
            "data-pictures": reverse_lazy("admin:articles_picture_add"),
            "data-accepted": ACCEPTED,
            "data-most": MOST_BYTES,
            "data-taken": TAKEN,
        }
        super().__init__({**about, **(attrs or {})})


class ArticleForm(forms.ModelForm):
    """An article and the words of its next revision in one form."""

    title = Revision._meta.get_field("title").formfield(widget=forms.TextInput({"class": "vTextField wide"}))
    summary = Revision._meta.get_field("summary").formfield(
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField"})
    )
    applies_to = Revision._meta.get_field("applies_to").formfield(
        widget=forms.TextInput({"class": "vTextField wide"})
    )
    body = Revision._meta.get_field("body").formfield(widget=BodyInput({"rows": 30}))
    keywords = Revision._meta.get_field("keywords").formfield(
        widget=forms.TextInput({"class": "vTextField wide"})
    )
    note = Revision._meta.get_field("note").formfield(widget=forms.TextInput({"class": "vTextField wide"}))
    publish_at = forms.SplitDateTimeField(
        label="Publish at",
        required=False,
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}),
        help_text="For “Save and publish”: the moment from which readers see these words. Empty means at once.",
    )

    class Meta:
        model = Article
        fields = [
            "slug", "topic", "also_in", "tags", "audience", "state", "owner", "source",
            "reviewed_on", "reviewed_by", "next_review",
        ]  # fmt: skip

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["body"].help_text = format_html(
            'Markdown. Headings begin at ##. <a href="{}" target="_blank">Pictures</a> can be pasted or dropped here.',
            reverse("admin:articles_picture_changelist"),
        )
        self.fields["slug"].required = False
        self.fields["slug"].help_text += " Empty: made from the title."
        newest = self.instance.newest if self.instance.pk else None
        for name in Revision.WORDS:
            self.initial.setdefault(name, getattr(newest, name, ""))

    def clean_body(self):
        return checked_here(self.cleaned_data["body"])

    def clean(self):
        data = super().clean()
        if not data.get("slug") and data.get("title"):
            data["slug"] = self.instance.slug = slugify(data["title"])[:100]
            if not data["slug"]:
                self.add_error("slug", "Write an address name: none can be made from this title.")
        if (
            data.get("state") == Article.State.PUBLISHED
            and "_publish" not in self.data
            and not self.instance_is_approved()
        ):
            self.add_error("state", "None of its words are approved yet. Use “Save and publish”.")
        return data

    def instance_is_approved(self):
        return bool(self.instance.pk) and self.instance.revisions.approved().exists()

    @property
    def words(self):
        return {name: self.cleaned_data[name] for name in Revision.WORDS}


def checked_here(body):
    """The text itself if it renders; a form field's error carries no field name."""
    try:
        checked("body", body)
    except ValidationError as problem:
        raise ValidationError(problem.messages) from None
    return body


class RelatedForm(forms.ModelForm):
    class Meta:
        model = Related
        fields = ["other", "why", "position"]

    def _get_validation_exclusions(self):
        """Django leaves out rules on columns that are no fields; `by_hand` is none, yet tells these rows from computed ones."""
        return super()._get_validation_exclusions() - {"by_hand"}


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several at once."""

    widget = FilesInput

    def clean(self, files, initial=None):
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class PicturesForm(forms.Form):
    """Files that become pictures, and what they show."""

    files = FilesField(
        label="Files",
        allow_empty_file=True,  # refused by its name, with the others taken
        help_text=f"One or several, 10 MB together. {TAKEN}",
        widget=FilesInput({"accept": ACCEPTED}),
    )
    alt = forms.CharField(
        label="What it shows",
        max_length=Picture._meta.get_field("alt").max_length,
        required=False,
        widget=forms.TextInput({"class": "vTextField wide"}),
        help_text="For people who cannot see it. Empty: made from the name of the file, as it is for several at once.",
    )
