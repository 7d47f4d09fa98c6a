"""Nobody in particular of a role: for what is the same for all of it, with marks where a person's own name goes."""

import secrets

from django.contrib.auth.models import AnonymousUser

from kb.accounts import roles

MARK = f"anyone{secrets.token_hex(12)}"  # which nobody can write into a text, to have names put there
GREETING, NAME, USERNAME = f"{MARK}greeting", f"{MARK}name", f"{MARK}username"


class Anyone:
    """A person with an account, as far as pages ask."""

    pk, username, greeting, name_in_public = 0, USERNAME, GREETING, NAME
    is_authenticated = is_active = True
    is_anonymous = is_superuser = False

    def __init__(self, role: int):
        self._role = role


def anyone(role: int) -> Anyone | AnonymousUser:
    return AnonymousUser() if role == roles.VISITOR else Anyone(role)
