"""Who may what: each role may all that the roles before it may.

A role is a Django group, made by migration; superusers are admins. Visitors have no group.
"""

from django.utils.translation import gettext_lazy as _

VISITOR, CUSTOMER, AGENT, EDITOR, ADMIN = range(5)
ADMINS = "Admins"
GROUPS = {"Customers": CUSTOMER, "Agents": AGENT, "Editors": EDITOR, ADMINS: ADMIN}

WORDS = (_("Visitor"), _("Customer"), _("Agent"), _("Editor"), _("Admin"))


def role_of(user):
    """The highest role of this person; asked of the database once a request."""
    if not user.is_active:
        return VISITOR
    if not hasattr(user, "_role"):
        user._role = assigned(user)
    return user._role


def assigned(user):
    """The role this person was given, and has while the account is active."""
    if user.is_superuser:
        return ADMIN
    groups = user.groups.all() if user.pk else ()  # fetched already where a list shows them
    return max((GROUPS.get(group.name, CUSTOMER) for group in groups), default=CUSTOMER)


def in_words(user):
    return WORDS[role_of(user)]


def is_agent(user):
    return role_of(user) >= AGENT


def is_editor(user):
    return role_of(user) >= EDITOR


def is_admin(user):
    return role_of(user) >= ADMIN
