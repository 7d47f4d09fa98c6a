"""The forms of code values, and the lists and ranges that a wording names."""

import re

REPLY = re.compile(r"[2-5][0-5][0-9]")
ENHANCED = re.compile(r"([245])\.([0-9]{1,3})\.([0-9]{1,3})")
GENERAL = re.compile(r"X\.([0-9]{1,3})\.([0-9]{1,3})")
# What stands between the dots, as the tables' rules say it.
NUMBERS = (
    "[0-9]",
    "[0-9][0-9]",
    "[0-9][0-9][0-9]",
)
MOST_IN_A_RANGE = 1000


def is_reply(value):
    return bool(REPLY.fullmatch(value))


def is_enhanced(value):
    return bool(ENHANCED.fullmatch(value))


def general(value):
    """X.7.26 for 5.7.26; the value itself for anything else."""
    return f"X{value[1:]}" if is_enhanced(value) else value


def spoken(value):
    """2.1.1, 4.1.1 and 5.1.1 for X.1.1; the value alone for anything else."""
    return [f"{digit}{value[1:]}" for digit in "245"] if GENERAL.fullmatch(value) else [value]


def subject_of(value):
    """X.7 for 5.7.26, and nothing for a reply code."""
    return general(value).rpartition(".")[0] if is_enhanced(value) or GENERAL.fullmatch(value) else ""


def sort_key(value):
    """Codes in the order of their numbers: 5.1.2 before 5.1.10."""
    return [int(part) if part.isascii() and part.isdecimal() else -1 for part in value.split(".")]


def expand(text):
    """`550|554` and `5.7.606-5.7.649` as single values, in order. Raises ValueError with a sentence."""
    values = []
    for part in filter(None, (piece.strip() for piece in text.split("|"))):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        for value in (first, last) if dash else (first,):
            if not is_reply(value) and not is_enhanced(value):
                raise ValueError(
                    f"“{value}” is no code. Write 550, 5.1.1, a list 550|554 or a range 5.7.606-5.7.649."
                )
        values += _range(first, last) if dash else [first]
    return list(dict.fromkeys(values))


def _range(first, last):
    head, _, low = first.rpartition(".")
    other_head, _, high = last.rpartition(".")
    if head != other_head or int(low) > int(high):
        raise ValueError(
            f"“{first}-{last}” is no range. Both ends must differ in the last number only, the lower first."
        )
    if int(high) - int(low) >= MOST_IN_A_RANGE:
        raise ValueError(f"“{first}-{last}” holds more than {MOST_IN_A_RANGE} codes.")
    return [f"{head}.{number}" if head else str(number) for number in range(int(low), int(high) + 1)]
