"""What each character is to the algorithm, and which isolates belong together."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

ISOLATES = frozenset({"LRI", "RLI", "FSI"})
EMBEDDINGS = {"LRE": 0, "LRO": 0, "RLE": 1, "RLO": 1}
OVERRIDES = {"LRO": "L", "RLO": "R"}
REMOVED = frozenset({"LRE", "LRO", "RLE", "RLO", "PDF", "BN"})
NEUTRAL = frozenset({"B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"})
STRONG = {"L": 0, "R": 1, "AL": 1}


@lru_cache(maxsize=8192)
def class_of(letter: str) -> str:
    return unicodedata.bidirectional(letter) or "L"


def classes_of(text: str) -> list[str]:
    return [class_of(letter) for letter in text]


def partners_of(classes: Sequence[str]) -> dict[int, int]:
    """BD9: the place of each isolate's end by that of its beginning."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for at, of in enumerate(classes):
        if of in ISOLATES:
            opened.append(at)
        elif of == "PDI" and opened:
            partners[opened.pop()] = at
    return partners


def first_strong_of(classes: Sequence[str], where: range, partners: dict[int, int]) -> int | None:
    at = where.start
    while at < where.stop:
        if classes[at] in STRONG:
            return STRONG[classes[at]]
        at = partners.get(at, len(classes)) + 1 if classes[at] in ISOLATES else at + 1
    return None
