"""The kinds of picture that are told in words, and what holds for all of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pipeline.drawing.told import motifs, portraits, rooms
from pipeline.drawing.told.words import Facts

__all__ = ["KINDS", "Facts", "Kind", "held_out", "mirrored", "some"]

_HELD_OUT = 12
"""One in so many pairs is never learnt from."""


class Kind(NamedTuple):
    """One kind of picture."""

    picture: Callable[[int, int], tuple[np.ndarray, Facts]]
    """From a seed and a side in px: (side, side, 3) uint8 sRGB, and its facts."""
    sentence: Callable[[Facts], str]
    """Of some facts or all."""
    always: tuple[str, ...]
    """Facts that no sentence leaves out."""
    pair: tuple[str, str]
    """Facts whose pairs are held out, to see whether what was learnt apart comes together."""


KINDS: dict[str, Kind] = {
    "portrait": Kind(portraits.picture, portraits.sentence, ("who",), ("garment", "garment colour")),
    "room": Kind(rooms.picture, rooms.sentence, (), ("walls", "sofa")),
    "poster": Kind(motifs.picture, motifs.sentence, ("subject",), ("subject", "colour")),
}
"""By the fact `kind`."""


def some(facts: Facts, rng: np.random.Generator) -> Facts:
    """As many facts as lots say, so that short sentences are understood as well as long ones."""
    kept = ("kind", *KINDS[facts["kind"]].always)
    share = rng.uniform(0.35, 1.15)
    return {name: value for name, value in facts.items() if name in kept or rng.random() < share}


def mirrored(facts: Facts) -> Facts:
    """What is told of the picture's mirror image."""
    sides = {"left": "right", "right": "left"}
    return {name: sides.get(value, value) for name, value in facts.items()}


def held_out(facts: Facts) -> bool:
    """Whether a picture is of those that no training sees: a twelfth of all pairs of certain facts."""
    pair = [facts.get(name, "") for name in KINDS[facts["kind"]].pair]
    return zlib.crc32("|".join([facts["kind"], *pair]).encode()) % _HELD_OUT == 0
