"""How phrases are put together."""

from __future__ import annotations

from collections.abc import Iterable

Facts = dict[str, str]
"""Of a picture, in the order in which they are told."""

NONE = "none"
"""The value of what is not there."""


def joined(*words: str) -> str:
    """Those words that are there, with spaces between."""
    return " ".join(word for word in words if word)


def a(phrase: str) -> str:
    """With its article."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


def listed(phrases: Iterable[str]) -> str:
    """One, one and two; one, two and three."""
    *first, last = [phrase for phrase in phrases if phrase] or [""]
    return f"{', '.join(first)} and {last}" if first else last
