import re

from django import forms
from django.utils.translation import gettext as _

from kb.accounts import roles
from kb.comments import names
from kb.comments.models import LONGEST_NAME, LONGEST_TEXT, Comment, Report
from kb.comments.posting import MOST_LINKS, too_many_links
from kb.text.fields import OwnWords
from kb.text.plain import fold_spaces

LARGEST_NUMBER = 2**63 - 1
GONE = "The comment you answer is not here any more. Send yours as a new one, or choose another to answer."
# What nobody sees: control characters, and marks that turn the order of the letters around.
UNSEEN = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Words(OwnWords):
    """Without characters that nobody sees, so that what is shown is what was said."""

    def to_python(self, value):
        return UNSEEN.sub("", super().to_python(value)).strip()

    def validate(self, value):
        """Spaces of no width are no words."""
        super().validate(value if any(sign.isprintable() and not sign.isspace() for sign in value) else "")


def text_field():
    return Words(max_length=LONGEST_TEXT, error_messages={"required": "Write something, then send it again."})


class WithText(forms.Form):
    """The text of a comment, new or changed."""

    text = text_field()

    def clean_text(self):
        text = self.cleaned_data["text"]
        if count := too_many_links(text):
            raise forms.ValidationError(
                f"There are {count} links in it. Leave at most {MOST_LINKS}; your text is still here."
            )
        return text


class CommentForm(WithText):
    name = Words(
        max_length=LONGEST_NAME,
        error_messages={
            "required": "Write a name; it is shown with your comment.",
            "max_length": "That is %(show_value)d characters. Shorten it to %(limit_value)d.",
        },
    )
    email = forms.EmailField(
        required=False,
        max_length=254,
        error_messages={
            "invalid": "This is no e-mail address. Write one such as anna@example.org, or leave it empty.",
            "max_length": "This e-mail address is too long. Write another, or leave it empty.",
            "null_characters_not_allowed": "There is a character in it that cannot be kept. Type it again.",
        },
    )
    parent = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_NUMBER,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), GONE),
    )
    website = forms.CharField(required=False)  # people never see it; programs fill it in
    signed_in = forms.BooleanField(required=False)  # the page was made for somebody signed in
    field_order = ("name", "email", "text")

    def __init__(self, data=None, *, target, user, **options):
        known = {"name": user.name_in_public} if user.is_authenticated else {}
        super().__init__(data, auto_id="comment-%s", initial=known, **options)
        self.target, self.user = target, user
        self.answers = None

    def clean_name(self):
        name = fold_spaces(self.cleaned_data["name"])
        if "://" in name or not any(sign.isalnum() for sign in name):
            raise forms.ValidationError("Write a name that people can call you by.")
        if not roles.is_agent(self.user) and names.refused(name, self.user):
            raise forms.ValidationError(
                _("This name is kept for our staff. Write another; your comment is still here.")
            )
        return name

    def clean_parent(self):
        """Only what everybody can read can be answered."""
        number = self.cleaned_data["parent"]
        if number is None:
            return None
        self.answers = Comment.objects.published().about(self.target).filter(pk=number).first()
        if self.answers is None:
            raise forms.ValidationError(GONE)
        return self.answers

    def clean_signed_in(self):
        if self.cleaned_data["signed_in"] and not self.user.is_authenticated:
            raise forms.ValidationError(
                "You have been signed out meanwhile. Sign in again in another tab, or send it as a guest."
            )
        return self.user.is_authenticated

    @property
    def is_bait(self):
        return bool(self.data.get("website"))


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        choices=Report.Reason,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of these reasons, or none."},
    )
