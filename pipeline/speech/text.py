"""Texts as they are said: parted into pieces that a voice can say in one breath, and numbers into words.

Sentences end by Unicode's rules and each language's, as ICU carries them out; a line break ends one, too, as in verse.
What is too long for a voice is parted after a comma or the like, else between words.
Source: Unicode Standard Annex #29; numbers by CLDR's rules of spelling out.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from pipeline.errors import InputError

LONGEST = 20_000
"""Letters of a line: a quarter of an hour, whose sound a worker holds in memory as a whole."""

Ends = Literal["sentence", "verse", "clause", "words"]
"""After what a piece ends: how long the pause is after it."""

_LINES = re.compile(r"\r\n|[\r\n\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\x85]")

_CLAUSE = re.compile(r"[,;:\u2013\u2014\u2026\u060c\u061b\u3001\uff0c\uff1b\uff1a]+[\"'\u201d\u2019\u00bb)\]]*\s*")
"""What ends a clause, in several scripts."""

_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?:[.,\u00a0\u202f\u2019]\d+)*(?!\w|[:/-]\d)")

_SPACES = "\u00a0\u202f"

_ABBREVIATED = re.compile(
    r"(?:^|\W)(?:\w|Dr|Mr|Mrs|Ms|Prof|St|Mt|Gen|Col|Sgt|Capt|Rev|Hon|vs|Nr|ca|bzw|Hr|Fr|Str|Mme|Mlle|Sra?|Sig|dott"
    r"|z\. ?B|d\. ?h|u\. ?a|e\.g|i\.e)\.$",
    re.IGNORECASE,
)
"""An end of a sentence that is none: ICU knows no abbreviations as it is bound here. Initials are of one letter."""

_OPENING = "\u201c\u2018\u201e\u00ab\u300c\u300e\uff08("
"""What begins something, and is of what comes after it."""

_QUOTED = 40
_MOST_DIGITS = 15
"""Beyond, a number is none that a float holds exactly, and no number that people say as one."""


@dataclass(frozen=True)
class Piece:
    """A part of a line that is said at once."""

    text: str
    ends: Ends


def clean(text: str) -> str:
    """The text with one kind of line break and of space, and without what has no sound.

    Raises: InputError if it is no text, or there is nothing in it to say.
    """
    if len(text) > LONGEST:
        raise InputError(f"text {quoted(text)}: has {len(text):,} letters; at most {LONGEST:,} are said in one line")
    made = unicodedata.normalize("NFC", _LINES.sub("\n", text)).replace("\N{SOFT HYPHEN}", "")
    for at, letter in enumerate(made):
        kind = unicodedata.category(letter)
        if kind in ("Cs", "Cn", "Co") or (kind == "Cc" and letter not in "\n\t"):
            said = f"character {at + 1} is U+{ord(letter):04X}, which is no letter"
            raise InputError(f"text {quoted(text)}: {said}; leave it out")
    made = "\n".join(" ".join(line.split()) for line in made.split("\n")).strip()
    if not any(letter.isalnum() for letter in made):
        said = f"text {quoted(text)}: holds nothing that can be said; write some words"
        raise InputError(said if made else "text is empty; write what is to be said")
    return made


def quoted(text: str) -> str:
    """As a message shows it: its beginning, with nothing in it that a terminal would act upon."""
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")


def pieces(text: str, language: str, longest: int) -> tuple[Piece, ...]:
    """The parts of a cleaned text, in order, of at most `longest` letters each."""
    return tuple(_pieces(text, language, longest))


def _pieces(text: str, language: str, longest: int) -> Iterator[Piece]:
    for verse in text.split("\n"):
        sentences = [each.strip() for each in _sentences(verse, language)]
        spoken = [each for each in sentences if any(letter.isalnum() for letter in each)]
        for number, sentence in enumerate(spoken, 1):
            yield from _fitting(sentence, longest, "verse" if number == len(spoken) else "sentence")


def _sentences(text: str, language: str) -> Iterator[str]:
    from icu4py.breakers import SentenceBreaker

    held = ""
    for part in SentenceBreaker(text, language or "en"):
        held += part
        whole = held.rstrip()
        if _ABBREVIATED.search(whole):
            continue
        kept = whole.rstrip(_OPENING)
        yield kept
        held = whole[len(kept) :]
    yield held


def _fitting(sentence: str, longest: int, ends: Ends) -> Iterator[Piece]:
    """A sentence whole, else in clauses, else in as many words as fit."""
    if len(sentence) <= longest:
        yield Piece(sentence, ends)
        return
    bounds = [0, *(match.end() for match in _CLAUSE.finditer(sentence) if match.end() < len(sentence)), len(sentence)]
    clauses = _packed([sentence[start:stop] for start, stop in pairwise(bounds)], longest)
    for number, clause in enumerate(clauses, 1):
        parts = [clause] if len(clause) <= longest else _packed(_words(clause, longest), longest)
        for place, part in enumerate(parts, 1):
            is_last = place == len(parts)
            after: Ends = "words" if not is_last else ends if number == len(clauses) else "clause"
            if stripped := part.strip():
                yield Piece(stripped, after)


def _words(clause: str, longest: int) -> list[str]:
    """Words with what follows them; those that are longer than a voice's breath are cut."""
    from icu4py.breakers import LineBreaker

    words = list(LineBreaker(clause, "en"))
    return [word[at : at + longest] for word in words for at in range(0, len(word), longest)]


def _packed(parts: list[str], longest: int) -> list[str]:
    """Neighbours put together as far as they fit, and evenly: no word stands alone at the end."""
    total = sum(map(len, parts))
    wanted = total / max(1, -(-total // longest))
    packed = [""]
    for part in parts:
        is_full = len(packed[-1]) + len(part.rstrip()) > longest
        if packed[-1] and (is_full or len(packed[-1]) >= wanted):
            packed.append("")
        packed[-1] += part
    return packed


def spelled(text: str, language: str) -> str:
    """The text with its numbers in words, as the language says them: `1,984` is one thousand nine hundred …

    Only what is written as a number of that language is one; a date or a score stays as it is, in digits.
    """
    group, point = _signs(language)
    if group in _SPACES:
        text = re.sub(rf"(?<=\d)[ {_SPACES}](?=\d{{3}}(?!\d))", group, text)
    grouped = re.compile(rf"\d{{1,3}}(?:{re.escape(group)}\d{{2,3}})*{re.escape(group)}\d{{3}}")

    def words(match: re.Match[str]) -> str:
        whole, *decimals = match[0].split(point)
        if group in whole:
            # A year has no grouping, and 3.10. is a day.
            whole = whole.replace(group, "") if grouped.fullmatch(whole) else ""
        if len(decimals) > 1 or not all(map(str.isdigit, (whole, *decimals))) or len(match[0]) > _MOST_DIGITS:
            return match[0]
        if len(whole) > 1 and whole[0] == "0":
            return " ".join(_formatted("{n, spellout}", language, int(digit)) for digit in whole)
        value = float(f"{whole}.{decimals[0]}") if decimals else int(whole)
        return _formatted("{n, spellout}", language, value).replace("\N{SOFT HYPHEN}", "")

    return _NUMBER.sub(words, text)


@lru_cache(maxsize=64)
def _signs(language: str) -> tuple[str, str]:
    """What stands between thousands, and before decimals."""
    written = _formatted("{n, number}", language, 1234567.5)
    signs = [letter for letter in written if not letter.isdigit()]
    return (signs[0], signs[-1]) if len(signs) >= 2 else (",", ".")


def _formatted(pattern: str, language: str, value: float) -> str:
    from icu4py.locale import Locale
    from icu4py.messageformat import MessageFormat

    made: str = MessageFormat(pattern, Locale(language or "en")).format({"n": value})
    return made


def whole_words(text: str, language: str, heard: Iterable[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    """Where words begin and when, of times that a voice told, which may be of parts of words, as of a number's digits.

    `heard`: places in the text, in characters, and seconds. A word of which nothing was told is part of the one before.
    """
    starts = word_starts(text, language)
    found: dict[int, float] = {}
    for place, second in sorted(heard):
        word = starts[max(0, bisect_right(starts, place) - 1)] if starts else 0
        found.setdefault(word, second)
    return tuple(found.items())


def word_starts(text: str, language: str) -> list[int]:
    """Where words begin, with a letter or digit in them."""
    from icu4py.breakers import WordBreaker

    starts, at = [], 0
    for part in WordBreaker(text, language or "en"):
        if any(letter.isalnum() for letter in part):
            starts.append(at)
        at += len(part)
    return starts
