"""How answers reach readers: the change log, the stored pages, the server's door, and the static files."""


def for_staff(target: str) -> str:
    """The target that stands for what of it staff alone sees."""
    return f"staff/{target}"


def changed(*targets, at=None):
    """What public pages are made of was changed: strangers see it within a second, or once `at` has come.

    Written in the transaction of the caller: no commit, no change. `*` stands for everything.
    """
    from kb.delivery.models import Change  # not before the models are there

    Change.objects.write(targets, at)
