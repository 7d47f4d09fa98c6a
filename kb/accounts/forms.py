"""How people are made and changed in the admin."""

from django import forms
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
)
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kb.accounts import roles
from kb.accounts.admins import refusal_to_lose


class PasswordWidget(ReadOnlyPasswordHashWidget):
    """Says whether there is one; how it is hashed helps nobody who reads it."""

    def render(self, name, value, attrs=None, renderer=None):
        has_one = bool(value) and not value.startswith("!")
        return format_html(
            '<div id="{}"><p>{}</p><p><a role="button" class="button" href="../password/">{}</a></p></div>',
            (attrs or {}).get("id", ""),
            gettext("Set") if has_one else gettext("None: this person cannot sign in"),
            gettext("Reset password") if has_one else gettext("Set password"),
        )


class PersonForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        help_texts = {
            "is_active": _(
                "Untick this instead of deleting: the person can no longer sign in, and comes back by it."
            ),
            "is_superuser": _("An admin who may also change and make superusers."),
            "email": _("For a link when the password is forgotten; never shown to readers."),
        }

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["password"].widget = PasswordWidget()
        self.fields["password"].help_text = ""

    def clean(self):
        cleaned = super().clean()
        if not self.errors and self.instance.pk:
            is_active = cleaned.get("is_active", self.instance.is_active)
            is_superuser = is_active and cleaned.get("is_superuser", self.instance.is_superuser)
            groups = cleaned.get("groups", self.instance.groups.all())
            is_admin = is_active and any(group.name == roles.ADMINS for group in groups)
            refusal = not is_superuser and refusal_to_lose([self.instance], stays_admin=is_admin)
            if refusal:
                raise forms.ValidationError(refusal)
        return cleaned


WITHOUT_PASSWORD = _("Without a password the person cannot sign in until an admin sets one.")


class NewPersonForm(AdminUserCreationForm):
    usable_password = AdminUserCreationForm.create_usable_password_field(WITHOUT_PASSWORD)


class PasswordForm(AdminPasswordChangeForm):
    """An admin sets somebody's password, or leaves them without one."""

    usable_password_help_text = WITHOUT_PASSWORD

    def clean(self):
        cleaned = super().clean()
        takes_it = not self.errors and not cleaned.get("set_usable_password", True)
        if takes_it and (refusal := refusal_to_lose([self.user])):
            self.add_error("usable_password", refusal)
        return cleaned
