"""How captions' phrases are put together."""

from __future__ import annotations

from collections.abc import Iterable

Steps = tuple[tuple[float, str], ...]
"""Ends of ranges, rising, and the word of each."""


def below(steps: Steps, value: float) -> str:
    """The word of the range that a value lies in."""
    return next(word for end, word in steps if value < end)


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
