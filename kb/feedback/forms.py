from django import forms

from kb.feedback.contacting import Letter
from kb.feedback.models import LONGEST_TEXT, Vote
from kb.text.fields import OwnWords

LONGEST_MESSAGE = 256 * 1024
TOO_LONG = "That is more than 256 KB. Leave the part that tells of the error; all of it is still here."


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


class Pasted(OwnWords):
    """Whatever somebody has at hand; what no mail can carry is left out."""

    def to_python(self, value):
        return super().to_python((value or "").replace("\x00", ""))


class ContactForm(forms.Form):
    """A letter to our support. `website` is no field for people: programs that fill in everything fill it in."""

    message = Pasted(max_length=LONGEST_MESSAGE, required=False, error_messages={"max_length": TOO_LONG})
    mail = Pasted(max_length=LONGEST_MESSAGE, required=False, error_messages={"max_length": TOO_LONG})
    email = forms.EmailField(
        max_length=254,
        error_messages={
            "required": "Write your e-mail address, so that we can answer you.",
            "invalid": "This is no complete e-mail address. It looks like anna@example.org.",
            "max_length": "An e-mail address has at most 254 characters.",
        },
    )
    subject = Pasted(max_length=150, required=False)
    website = forms.CharField(required=False)
    key = Pasted(required=False)

    def clean(self):
        said = self.cleaned_data
        if not self.errors.keys() & {"message", "mail"} and not (said["message"] + said["mail"]).strip():
            self.add_error("message", "Write what happened, or paste the error message.")
        if said.get("website"):
            self.add_error("website", "This field is a trap for programs. Empty it and send again.")

    def letter(self):
        said = self.cleaned_data
        return Letter(
            said["message"].strip(), said["email"], " ".join(said["subject"].split()), said["mail"].strip()
        )
