from django import forms


class OwnWords(forms.CharField):
    """Plain text whose line breaks count as one character each, as they do for the person who types."""

    default_error_messages = {
        "max_length": "That is %(show_value)d characters. Shorten it to %(limit_value)d; it is still here.",
        "null_characters_not_allowed": "There is a character in it that cannot be kept. Type it again as plain text.",
    }

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")
