"""What a person typed, as words that both engines understand: all of them wanted, some as phrases, some not."""

import re
import unicodedata
from dataclasses import dataclass, replace

MOST_WORDS = 16
LONGEST_WORD = 64
PIECE = re.compile(r'(?P<no>(?<!\S)-(?=[\w"]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WORD = re.compile(r"[^\W_]+")
ACCENTS = re.compile("[\u0300-\u036f]")
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″＂", '"'))
# Words that say little and stand almost everywhere; they count only where nothing else was typed.
SAYING_LITTLE = """
a about between difference after again all also am an and any are as at be because been before but by can cannot could
did do does doing done dont else every for from get gets getting give gives go goes going had has
have he her here hers him his how i if in into is isnt it its just keep keeps let like make me mean
means more most my no nor not now of on one only or other our out own please s say says she should
so some someone something such t than that the their them then there these they this those to too up
us very want was we were what whats when where which while who whom why will with without wont would
you your yours
"""
STOP = frozenset(SAYING_LITTLE.split())

Phrase = tuple[str, ...]
Term = tuple[Phrase, ...]  # ways of saying one thing


@dataclass(frozen=True)
class Query:
    """`wanted`: each said in one of its ways; `required`: phrases that must stand there; `refused`: that must not."""

    wanted: tuple[Term, ...] = ()
    required: tuple[Phrase, ...] = ()
    refused: tuple[Phrase, ...] = ()
    is_prefix: bool = False  # the last word may be only the beginning of one

    def __bool__(self):
        return bool(self.wanted or self.required)


def plain(text: str) -> str:
    """One line without what no database can hold."""
    return unicodedata.normalize(
        "NFC", " ".join(text.replace("\x00", " ").encode("utf-8", "ignore").decode().split())
    )


def parse(text: str) -> Query:
    """Of any text; quotes that do not close, operators and brackets are just signs between words."""
    wanted: list[Phrase] = []
    required: list[Phrase] = []
    refused: list[Phrase] = []
    left = MOST_WORDS
    for piece in PIECE.finditer(text.translate(QUOTES)):
        phrase = words_of(piece["phrase"] or piece["word"] or "")[:left]
        if phrase:
            left -= len(phrase)
            kept = refused if piece["no"] else required if piece["phrase"] is not None else wanted
            kept += [phrase] if kept is not wanted else _as_typed(phrase, piece["word"])
        if not left:
            break
    return Query(tuple((phrase,) for phrase in _once(wanted)), _once(required), _once(refused))


def words_of(text: str) -> Phrase:
    return tuple(word[:LONGEST_WORD] for word in WORD.findall(text.lower()))


def folded(text: str) -> str:
    """Without accents, as SQLite's index has it by itself."""
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", ACCENTS.sub("", letters))


def is_code(phrase: Phrase) -> bool:
    return len(phrase) == 3 and all(word.isdecimal() for word in phrase[1:])


def telling(query: Query) -> Query:
    """Without the words that say little, unless there are no others."""
    told = tuple(term for term in query.wanted if len(term) > 1 or not STOP.issuperset(term[0]))
    return replace(query, wanted=told) if told or query.required else query


def as_prefix(query: Query) -> Query:
    return replace(query, is_prefix=True)


def _as_typed(phrase, word):
    """5.1.1 and e-mail stand together, as in the texts; a list or a path falls apart into its words."""
    together = len(phrase) <= 3 and re.fullmatch(r"[^\W_]+(?:[.'’-][^\W_]+)*[\W_]*", word)
    return [phrase] if together else [(each,) for each in phrase]


def _once(phrases):
    return tuple(dict.fromkeys(phrases))
