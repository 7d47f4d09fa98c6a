from django import forms

from kb.feedback.models import LONGEST_TEXT, Vote
from kb.text.fields import OwnWords


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
    text = OwnWords(max_length=LONGEST_TEXT, required=False)

    def __init__(self, *args, **options):
        super().__init__(*args, auto_id="helpful-%s", **options)

    @property
    def gives_reasons(self):
        """Whether something came that only follows a No: shown again, it is not lost."""
        return bool(self.data.get("reason") or self.data.get("text"))
