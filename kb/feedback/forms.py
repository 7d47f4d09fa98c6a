from django import forms

from kb.feedback.models import LONGEST_TEXT, Vote


class OwnWords(forms.CharField):
    """Plain text whose line breaks count as one character each, as they do for the person who types."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class VoteForm(forms.Form):
    useful = forms.TypedChoiceField(
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda answer: answer == "yes",
        error_messages={"required": "Choose Yes or No.", "invalid_choice": "Choose Yes or No."},
    )
    reason = forms.ChoiceField(
        choices=Vote.Reason,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of these reasons, or none."},
    )
    text = OwnWords(
        max_length=LONGEST_TEXT,
        required=False,
        error_messages={
            "max_length": "That is %(show_value)d characters. Shorten it to %(limit_value)d; it is still here.",
            "null_characters_not_allowed": "There is a character in it that cannot be kept. Type it again as plain text.",
        },
    )

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id="helpful-%s", **options)

    @property
    def gives_reasons(self):
        """Whether something came that only follows a No: shown again, it is not lost."""
        return bool(self.data.get("reason") or self.data.get("text"))
