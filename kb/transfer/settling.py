"""One field at a time: what shipped before, what stands here, what ships now."""

from enum import Enum

MISSING = object()  # nothing shipped before: the record was made here


class Outcome(Enum):
    SAME = "same"
    UPDATED = "updated"
    KEPT = "kept"
    CONFLICT = "conflict"


def settle(base, mine, theirs, take=""):
    """The value a field shall have, and how that came about.

    `take` decides where both sides changed: "shipped" for the shipped value, "local" for the one that stands here.
    """
    if mine == theirs:
        return mine, Outcome.SAME
    if mine == base:
        return theirs, Outcome.UPDATED
    if theirs == base:
        return mine, Outcome.KEPT
    if take == "shipped":
        return theirs, Outcome.UPDATED
    if take == "local":
        return mine, Outcome.KEPT
    return mine, Outcome.CONFLICT
