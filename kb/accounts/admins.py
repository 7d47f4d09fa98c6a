"""Somebody must always be able to sign in as an admin: what would take the last one away is refused, with the reason."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from kb.accounts import roles
from kb.accounts.models import User


def able() -> QuerySet[User]:
    """Admins who can sign in with a password."""
    groups = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=roles.ADMINS)
    without_password = Q(password="") | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    can_sign_in = User.objects.filter(is_active=True).exclude(without_password)
    return can_sign_in.filter(Q(is_superuser=True) | Exists(groups))


@transaction.atomic
def refusal_to_lose(people, *, stays_admin=False) -> str:
    """Why these people must stay superusers, or admins (unless they stay that); nothing where others are left.

    The rows are locked, so that of two admins who take each other's rights at once one is refused.
    """
    numbers = {person.pk for person in people}
    admins = list(able().select_for_update().order_by("pk"))
    superusers = {admin.pk for admin in admins if admin.is_superuser}
    if superusers and superusers <= numbers:
        return _(
            "This is the last superuser who can sign in, and only a superuser can make another. "
            "Make somebody else a superuser first."
        )
    everybody = {admin.pk for admin in admins}
    if not stays_admin and everybody and everybody <= numbers:
        return _("This is the last admin who can sign in. Make somebody else an admin first.")
    return ""
