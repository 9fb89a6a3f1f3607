"""Letters as people count them, and words as they tell them apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pipeline.typography.breaks import graphemes
from pipeline.typography.scripts import script

_KEPT = {"\u200c", "\u200d"}
"""Joiners, of all invisible characters: Persian and Indian scripts, and emoji, are written with them."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Unicode's categories of what is no letter, sign or space."""

_SPACELESS = {"Hani", "Hira", "Kana", "Khmr", "Laoo", "Mymr", "Thai"}
"""Scripts that put no space between words."""


def count(text: str) -> int:
    """How many letters people see: grapheme clusters, so that é, 한 and a flag are one each."""
    return len(graphemes(text)) - 1


def cleaned(text: str) -> str:
    """One line without control characters, without what changes the direction of others, in one normal form."""
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    kept = (letter for letter in plain if letter in _KEPT or unicodedata.category(letter) not in _INVISIBLE)
    return " ".join("".join(kept).split())


def folded(text: str) -> str:
    """The text without what makes no difference to a word: case, compatibility forms, joiners."""
    plain = "".join(letter for letter in text if letter not in _KEPT)
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold()).split())


def has_words(text: str, words: str) -> bool:
    """Whether the text has these words as whole ones, whatever their case; in scripts without spaces, as they stand."""
    return next(_places(folded(text), folded(words)), None) is not None


def without(text: str, words: str) -> str:
    """The text without these very words, wherever they are whole."""
    rest, at = "", 0
    for start in _places(text, words):
        rest, at = f"{rest}{text[at:start]} ", start + len(words)
    return rest + text[at:]


def words_of(text: str) -> list[str]:
    """The words of a text, folded, each once. An apostrophe is part of its word."""
    marked = "".join(letter if _is_inner(letter) or letter in "'\u2019" else " " for letter in folded(text))
    return list(dict.fromkeys(marked.split()))


def _places(text: str, words: str) -> Iterator[int]:
    """Where whole words begin, without overlaps."""
    start = text.find(words) if words else -1
    while start >= 0:
        stop = start + len(words)
        if _parts(text[start - 1 : start], words[0]) and _parts(words[-1], text[stop : stop + 1]):
            yield start
            start = text.find(words, stop)
        else:
            start = text.find(words, start + 1)


def _parts(left: str, right: str) -> bool:
    """Whether a word may end between these two characters; one of them may be none."""
    if not left or not right or not (_is_inner(left) and _is_inner(right)):
        return True
    return script(left) in _SPACELESS or script(right) in _SPACELESS


def _is_inner(letter: str) -> bool:
    """Whether it is part of a word: a letter, a digit, or a mark on one."""
    return letter.isalnum() or letter == "_" or unicodedata.category(letter).startswith("M")
