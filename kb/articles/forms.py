import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kb.articles.body import checked
from kb.articles.differences import between
from kb.articles.models import Article, Picture, Related, Revision
from kb.articles.placement import described, leads_to
from kb.articles.preparing import FORMATS, MOST_BYTES, TAKEN
from kb.articles.versions import Version, is_behind
from kb.codes.dates import MomentField, moment_and_zone, zone
from kb.codes.editing import MarkdownInput

RELATED = "_related"  # the hidden field with the related lines as they were drawn
OPENED = "_opened"  # the hidden field that names the version a form holds: 43, or 12-old
FAR = 10  # years after which a moment is asked about


class RelatedFormSet(forms.BaseInlineFormSet):
    """Articles worth reading next: others, each once. They wait with a draft, so they are no rows of their own here."""

    lines: ClassVar[list] = []  # of the version that is opened

    def __init__(self, *arguments, **options):
        if not arguments and options.get("data") is None:
            options["initial"] = [
                {"other": other, "why": why, "position": position} for other, why, position in self.lines
            ]
            self.extra = len(self.lines) + self.extra
        super().__init__(*arguments, **options)

    def get_queryset(self):
        return self.model.objects.none()

    def initial_form_count(self):
        return 0

    def save(self, commit=True):
        """Nothing: they are applied with the rest of the placement."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        return []

    def chosen(self, drawn="", *, all_mine=False):
        """[article, why, position] of each line. Lines left as they were drawn (JSON) are those of the version by now."""
        kept = [form.cleaned_data for form in self.forms if form not in self.deleted_forms]
        lines = [data for data in kept if data.get("other")]
        lines.sort(key=lambda data: data.get("position") or 0)
        chosen = [[data["other"].pk, data.get("why", ""), data.get("position") or 0] for data in lines]
        before = _lines(drawn)
        if before == chosen:
            return self.lines
        if before is None or all_mine:
            return chosen
        return _put_together(before, chosen, self.lines)

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


def _lines(drawn):
    """The related lines that a browser sent back, if they can be understood."""
    try:
        found = json.loads(drawn)
        return [[int(other), str(why), int(position)] for other, why, position in found]
    except (ValueError, TypeError, RecursionError):
        return None


def _put_together(before, mine, theirs):
    """Two people's lists, line by line: what only one of them changed is as they left it; what both changed is mine."""
    was, own, other = ({line[0]: line for line in lines} for lines in (before, mine, theirs))
    keys = dict.fromkeys([*own, *other])
    taken = [other.get(key) if own.get(key) == was.get(key) else own.get(key) for key in keys]
    return sorted((line for line in taken if line), key=lambda line: line[2])


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


@dataclass(frozen=True)
class Question:
    """What is asked before anything is published; the same question has the same key."""

    key: str
    sentence: str
    changes: Sequence = ()  # (name, lines) as in differences.py
    place: Sequence = ()  # (name, before, after)


class ArticleForm(forms.ModelForm):
    """An article and the words of its next revision in one form."""

    version: Version | None = None  # the one that is opened, and who has it open: set by the admin
    user = None

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
    publish_at = MomentField(label="Publish at", required=False)

    class Meta:
        model = Article
        fields = [
            "slug", "topic", "also_in", "tags", "audience", "owner", "source",
            "reviewed_on", "reviewed_by", "next_review",
        ]  # fmt: skip

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.questions: list[Question] = []
        self.fields["body"].help_text = format_html(
            'Markdown. Headings begin at ##. <a href="{}" target="_blank">Pictures</a> can be pasted or dropped here.',
            reverse("admin:articles_picture_changelist"),
        )
        self.fields["publish_at"].help_text = _(
            "For “Save and publish”: the moment from which readers see this version, in the time zone %(zone)s. "
            "Empty means at once."
        ) % {"zone": zone()}
        self.fields["slug"].required = False
        self.fields["slug"].help_text += " Empty: made from the title."
        if self.version:
            self._open(self.version.revision)

    def _open(self, revision):
        self.initial |= revision.words
        waiting = {name: value for name, value in (revision.placement or {}).items() if name in self.fields}
        if day := waiting.get("reviewed_on"):
            waiting["reviewed_on"] = date.fromisoformat(day)
        self.initial |= waiting
        if revision.is_waiting:
            self.initial["publish_at"] = revision.publish_at

    @property
    def is_published_now(self):
        return "_publish" in self.data

    def clean_body(self):
        return checked_here(self.cleaned_data["body"])

    def clean_reviewed_on(self):
        day = self.cleaned_data["reviewed_on"]
        if day and day > timezone.localdate() and "reviewed_on" in self.changed_data:
            raise ValidationError(
                _("This day is still to come. Write the day on which the facts were checked.")
            )
        return day

    def clean_next_review(self):
        day = self.cleaned_data["next_review"]
        if day and day < timezone.localdate() and "next_review" in self.changed_data:
            raise ValidationError(
                _("This day is past. Write the day on which the facts are to be checked next.")
            )
        return day

    def clean(self):
        data = super().clean()
        if not data.get("slug") and data.get("title"):
            data["slug"] = self.instance.slug = slugify(data["title"])[:100]
            if not data["slug"]:
                self.add_error("slug", "Write an address name: none can be made from this title.")
        questions = [
            *self._about_the_address(data.get("slug")),
            *self._about_the_moment(data.get("publish_at")),
            *self._about_the_version(data),
        ]
        if self.is_published_now and self.key_of(questions) != self.data["_publish"]:
            self.questions = questions
        return data

    @staticmethod
    def key_of(questions):
        """What a button sends that answers these questions and no others; nothing if there are none."""
        return "|".join(question.key for question in questions) or None

    @property
    def answer(self):
        return self.key_of(self.questions)

    def is_valid(self):
        """Until a question is answered nothing is saved, and all that was typed stays in the form."""
        return super().is_valid() and not self.questions

    def _about_the_address(self, slug):
        if not slug or slug == self.initial.get("slug"):
            return
        other = leads_to(slug, self.instance)
        if other is None or other.slug == slug:  # the table refuses the address that another one has
            return
        if not other.former_slugs.filter(slug=slug).exists():
            self.add_error(
                "slug",
                _("A draft of “%(title)s” waits for this address. Choose another one.") % {"title": other},
            )
        elif self.is_published_now:
            sentence = _(
                "The address /kb/%(slug)s/ leads to “%(title)s” today. From now on it would lead here."
            )
            yield Question(f"address {slug} {other.pk}", sentence % {"slug": slug, "title": other})
        else:
            sentence = _(
                "This address leads to “%(title)s” today, and a draft takes no address. Choose another one."
            )
            self.add_error("slug", sentence % {"title": other})

    def _about_the_moment(self, at):
        now = timezone.now()
        if at is None:
            return
        said = {"at": moment_and_zone(at)}
        if at <= now:
            sentence = _("%(at)s is past. Readers would see this version at once.") % said
            yield Question(f"past {at.isoformat()}", sentence)
        elif at.year > now.year + FAR:
            sentence = (
                _("%(at)s is more than ten years away. Readers would see this version only then.") % said
            )
            yield Question(f"far {at.isoformat()}", sentence)

    def _about_the_version(self, data):
        """Somebody else's draft, and what waits for its moment, is published by nobody who did not mean to."""
        version = self.version
        if version is None or not self.is_published_now or self.errors:
            return
        revision = version.revision
        is_of_another = version.kind == "draft" and revision.made_by not in {None, self.user}
        is_early = version.kind == "waiting" and not (
            data.get("publish_at") and data["publish_at"] > timezone.now()
        )
        article = Article.objects.get(pk=self.instance.pk)
        is_late = version.kind in {"draft", "waiting"} and is_behind(article, revision)
        if not is_of_another and not is_early and not is_late:
            return
        typed = Revision(**{name: data.get(name, "") for name in Revision.WORDS})
        sentence = _("%(version)s: you opened this version, and it may not be finished. Publish it?")
        if is_early:
            sentence = _("%(version)s, and you would publish it at once.")
        if is_late:
            sentence += " " + _(
                "It was made before the words that readers see now, and does not hold what they say anew."
            )
        yield Question(
            f"version {revision.pk}",
            sentence % {"version": version},
            list(between(article.shown, typed)),
            described(article, {**(revision.placement or {}), **self.placement}),
        )

    @property
    def words(self):
        return {name: self.cleaned_data[name] for name in Revision.WORDS}

    @property
    def placement(self):
        """What was typed of the article's place and readers; its related lines stand in a form set."""
        data = self.cleaned_data
        day, person, topic = data.get("reviewed_on"), data.get("reviewed_by"), data.get("topic")
        typed = {
            "audience": str(data.get("audience")),
            "slug": data.get("slug"),
            "topic": topic and topic.pk,
            "also_in": sorted(its.pk for its in data.get("also_in") or []),
            "tags": sorted(its.pk for its in data.get("tags") or []),
            "reviewed_on": day and day.isoformat(),
            "reviewed_by": person and person.pk,
        }
        return {name: value for name, value in typed.items() if name in self.fields}


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
