"""Who may what: each role may all that the roles before it may.

A role is a Django group, made by migration; superusers are admins. Visitors have no group.
"""

VISITOR, CUSTOMER, AGENT, EDITOR, ADMIN = range(5)
GROUPS = {"Customers": CUSTOMER, "Agents": AGENT, "Editors": EDITOR, "Admins": ADMIN}


def role_of(user):
    """The highest role of this person; asked of the database once a request."""
    if not user.is_active:
        return VISITOR
    if user.is_superuser:
        return ADMIN
    if not hasattr(user, "_role"):
        names = user.groups.values_list("name", flat=True) if user.pk else ()
        user._role = max((GROUPS.get(name, CUSTOMER) for name in names), default=CUSTOMER)
    return user._role


def is_agent(user):
    return role_of(user) >= AGENT


def is_editor(user):
    return role_of(user) >= EDITOR


def is_admin(user):
    return role_of(user) >= ADMIN
