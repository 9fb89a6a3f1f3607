"""A text as it came → one that can be set, or one sentence on why it cannot."""

from __future__ import annotations

import unicodedata

from pipeline.errors import InputError
from pipeline.typography.casing import upper
from pipeline.typography.locales import locale
from pipeline.typography.style import TextStyle

MOST_LETTERS = 20_000

_QUOTED = 40
"""Characters of a text that a message quotes."""

_NEWLINES = str.maketrans({"\r": "\n", "\N{LINE SEPARATOR}": "\n", "\N{PARAGRAPH SEPARATOR}": "\n", "\x85": "\n"})

_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
"""Kinds of characters that leave no ink: spaces, marks of direction, joiners."""


def prepared(text: str, style: TextStyle) -> str:
    """The text as it is set: clean, and in capitals if it should be. Raises: InputError if it is none."""
    text = clean(text)
    return upper(text, locale(style.locale)) if style.case == "upper" else text


def clean(text: str) -> str:
    """The text with one kind of line break and no tabs.

    Raises: InputError for characters that are no text, and for no text at all.
    """
    text = text.replace("\r\n", "\n").translate(_NEWLINES).replace("\t", " ")
    if len(text) > MOST_LETTERS:
        raise InputError(f"text {quoted(text)}: has {len(text)} characters; at most {MOST_LETTERS} can be set")
    kinds = [unicodedata.category(letter) for letter in text]
    for at, (letter, kind) in enumerate(zip(text, kinds, strict=True)):
        if kind == "Cs" or (kind == "Cc" and letter != "\n"):
            what = "half of a surrogate pair" if kind == "Cs" else "a control character"
            raise InputError(
                f"text {quoted(text)}: character {at + 1} is U+{ord(letter):04X}, {what} and no letter; leave it out"
            )
    if _UNSEEN.issuperset(kinds):
        raise InputError("text is empty; give some, or leave its layer out")
    return text.strip("\n")


def quoted(text: str) -> str:
    """As a message shows it: its beginning, with nothing in it that a terminal would act upon."""
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")
