"""The words of the index as they are written, so that a slip of the pen can be put right.

Two words that are the same after one letter is left out of either are one slip apart: a letter too many, too few,
another one, or two that changed places. A table of all words with a letter left out finds them without comparing.
"""

import re
from collections import Counter
from collections.abc import Iterable
from time import monotonic

from django.db import connection, transaction

from kb.search.models import Fresh, Slip, Synonym, Word
from kb.search.records import read_any
from kb.search.sources import kind_and_record

SHORTEST, LONGEST = 4, 24  # shorter words are too near to each other, longer ones are no words
LONG = 7  # words of so many letters may have two slips
A_BATCH = 100
WORD = re.compile(r"[^\W\d_]+")


def learn(seconds: float = 3600) -> int:
    """Take in the words of rows that were made or changed since; returns how many rows. Stops when its time is over."""
    done, end = 0, monotonic() + seconds
    synonyms = words_in(" ".join(Synonym.objects.values_list("words", flat=True)))
    _keep(Counter(synonyms - known(synonyms).keys()))  # those known already were counted before
    while monotonic() < end and (rows := list(Fresh.objects.values_list("id", flat=True)[:A_BATCH])):
        with transaction.atomic():
            Fresh.objects.filter(id__in=rows).delete()  # first: a row that changes meanwhile is fresh again
            _keep(Counter(word for text in _texts(rows) for word in words_in(text)))
        done += len(rows)
    return done


def words_in(text: str) -> set[str]:
    return {word for word in WORD.findall(text.lower()) if SHORTEST <= len(word) <= LONGEST}


def slips(word: str) -> set[str]:
    """The word, and the word with each of its letters left out."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def near(word: str, most: int = 8) -> list[str]:
    """Known words one or two slips away: those with the same letters first, then the commonest."""
    if not SHORTEST < len(word) <= LONGEST:  # of four letters, too many words are near to each
        return []
    one = slips(word)
    two = {slip for shorter in one for slip in slips(shorter)} if len(word) >= LONG else set()
    return _sharing(word, one, most) or _sharing(word, two, most)


def known(words: Iterable[str]) -> dict[str, int]:
    """{word: in how many rows, roughly} of those that the index has."""
    return dict(_rows("SELECT text, rows FROM search_word WHERE text IN ({these})", words))


def _sharing(word, letters, most):
    pairs = _rows(
        "SELECT DISTINCT word.text, word.rows FROM search_slip slip JOIN search_word word ON word.id = slip.word_id "
        "WHERE slip.text IN ({these}) ORDER BY word.text LIMIT 100",
        letters,
    )
    nearest = sorted(
        (pair for pair in pairs if pair[0] != word), key=lambda pair: (_distance(word, pair[0]), -pair[1])
    )
    return [text for text, rows in nearest[:most]]


def _rows(sql, these):
    values = list(these)
    if not values:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.format(these=", ".join(["%s"] * len(values))), values)
        return cursor.fetchall()


def _distance(typed, word):
    """How unlike: a swap and a doubled or single letter are the commonest slips; the first letter is seldom wrong."""
    swapped = sorted(typed) == sorted(word)
    doubled = re.sub(r"(.)\1", r"\1", typed) == re.sub(r"(.)\1", r"\1", word)
    apart = 0 if swapped or doubled else 1 + abs(len(typed) - len(word))
    return apart + 2 * (typed[0] != word[0]) + (apart > 1)


def _texts(rows):
    """What readers see of these rows' records."""
    of: dict[str, set[int]] = {}
    for kind, record in map(kind_and_record, rows):
        of.setdefault(kind, set()).add(record)
    for kind, pks in of.items():
        for found in read_any(kind, pks).values():
            yield f"{found.title} {found.body}"


def _keep(counts):
    new = counts.keys() - known(counts).keys()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO search_word (text, rows) VALUES (%s, %s) "
            "ON CONFLICT (text) DO UPDATE SET rows = search_word.rows + excluded.rows",
            sorted(counts.items()),
        )
    made = Word.objects.in_bulk(new, field_name="text").values() if new else ()
    Slip.objects.bulk_create([Slip(text=slip, word=word) for word in made for slip in slips(word.text)])
