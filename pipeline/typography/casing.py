"""Capital letters as a language's readers expect them, where Unicode's own mapping is not theirs."""

from __future__ import annotations

import unicodedata

from pipeline.typography.locales import Locale

_DIAERESIS = "\N{COMBINING DIAERESIS}"
_ACCENTS = frozenset("\N{COMBINING ACUTE ACCENT}\N{COMBINING GREEK PERISPOMENI}\N{COMBINING GRAVE ACCENT}")
_GREEK_VOWELS = frozenset("αεηιουω".upper())
_PARTED = frozenset("αεο".upper())
_CLOSED = frozenset("\N{GREEK CAPITAL LETTER IOTA}\N{GREEK CAPITAL LETTER UPSILON}")
"""Vowels that run together with those in `_PARTED` before them, unless an accent there says otherwise."""


def upper(text: str, locale: Locale) -> str:
    """The text in capitals. German ß becomes SS, a Turkish i keeps its dot, and Greek capitals lose their accents."""
    if locale.language in ("tr", "az"):
        return text.replace("i", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}").upper()
    if locale.language == "el":
        return _greek(text)
    return text.upper()


def _greek(text: str) -> str:
    """Accents go, a diaeresis stays; and one arises where the accent alone kept two vowels apart: μάιος, ΜΑΪΟΣ."""
    kept: list[str] = []
    vowel = ""
    parted = False
    for letter in unicodedata.normalize("NFD", text):
        if letter in _ACCENTS and vowel:
            parted = vowel in _PARTED
            continue
        capital = letter.upper()
        kept.append(capital + _DIAERESIS if parted and capital in _CLOSED else capital)
        vowel, parted = capital if capital in _GREEK_VOWELS else "", False
    return unicodedata.normalize("NFC", "".join(kept).replace(2 * _DIAERESIS, _DIAERESIS))
