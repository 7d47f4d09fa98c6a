"""Flesch reading ease of plain English: 206.835 - 1.015 words/sentences - 84.6 syllables/words (Flesch 1948)."""

import re

VOWELS = re.compile(r"[aeiouy]+")
WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")


def syllables(word):
    """A count by the groups of vowels, with the commonest silent endings taken off; a little on the strict side."""
    word = word.lower().replace("’", "'").replace("'", "")
    groups = len(VOWELS.findall(word))
    if groups > 1 and (
        re.search(r"[^aeiouyl]e$", word)
        or re.search(r"[^aeiouydt]ed$", word)
        or re.search(r"[^aeiouycgszx]es$", word)
    ):
        groups -= 1
    return max(1, groups)


def flesch(text):
    sentences = [part for part in re.split(r"[.!?:]+\s|\n", text) if WORD.search(part)]
    words = WORD.findall(text)
    if not words:
        return 100.0
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * sum(map(syllables, words)) / len(words)
