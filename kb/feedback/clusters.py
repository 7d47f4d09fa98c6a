"""Which asks are alike: the same words that matter, in any order and with any ending."""

import re

LONGEST_CLUSTER = 200
BEGINNING = 5  # letters: “rejected” and “rejection” are alike
WORD = re.compile(r"[^\W\d_]{3,}")
NUMBER = re.compile(r"\d[\d.]*")
SLOT = re.compile(r"[<\[{(][a-z]+[>\]})]")  # what stands where something was masked
# Words that say nothing about what was asked
EMPTY = frozenset(
    re.findall(
        r"\w+",
        "and are but can does for from had has have how into its not our out that the their them then they this was "
        "what when where which who why will with you your host said message mail email error server",
    )
)


def words_that_matter(text: str) -> list[str]:
    """Each once, in the order they stand."""
    return [word for word in dict.fromkeys(WORD.findall(SLOT.sub(" ", text.casefold()))) if word not in EMPTY]


def cluster_of(skeleton: str) -> str:
    """The same for skeletons that are alike; of one without words that matter, its numbers, or else any words."""
    text = skeleton.casefold()
    parts = {word[:BEGINNING] for word in words_that_matter(text)}
    parts = parts or set(NUMBER.findall(text)) or set(text.split())
    return " ".join(sorted(parts))[:LONGEST_CLUSTER]
