"""Poster motifs told in words."""

from __future__ import annotations

import numpy as np

from pipeline.drawing import motifs
from pipeline.drawing.motifs.attributes import COUNTED, Motif
from pipeline.drawing.phrases import a, joined
from pipeline.drawing.told.words import Facts

_NUMBERS = {"1": "one", "2": "two", "3": "three", "4": "four"}
_SECOND = {
    "hills": "under a {} sun", "mountains": "with {} snow", "sea": "under a {} moon", "city": "with {} windows",
    "boat": "on a {} sea", "tree": "with a {} stem", "house": "with a {} roof", "vase": "in a {} vase",
    "cup": "on a {} saucer", "balloon": "with a {} basket",
}  # fmt: skip
_FIRST = {"vase": "flowers", "stars": "star", "hearts": "heart", "circles": "circle"}
_MANY = ("hills", "mountains", "vase", "stripes")


def picture(seed: int, size: int) -> tuple[np.ndarray, Facts]:
    """The motif of a seed, (size, size, 3) uint8 sRGB, and its facts."""
    motif = motifs.sample(seed)
    return motifs.draw(motif, size), facts(motif)


def facts(motif: Motif) -> Facts:
    """Everything that is told of a motif."""
    told = {
        "kind": "poster",
        "count": str(motif.count) if motif.subject in COUNTED else "",
        "subject": motif.subject,
        "colour": motif.colour,
        "second": motif.second if motif.subject in _SECOND else "",
        "ground": motif.ground,
    }
    return {name: value for name, value in told.items() if value}


def sentence(told: Facts) -> str:
    """One English sentence of some facts. `subject` must be among them."""
    subject = told["subject"]
    second = _SECOND[subject].format(told["second"]) if "second" in told else ""
    ground = f"on a {told['ground']} ground" if "ground" in told else ""
    return joined("a poster of", _first(subject, told.get("colour", ""), told.get("count", "")), second, ground)


def _first(subject: str, colour: str, count: str) -> str:
    noun = _FIRST.get(subject, subject)
    if subject in COUNTED:
        noun = noun if count == "1" else f"{noun}s"
        return joined(_NUMBERS.get(count, ""), colour, noun)
    return joined(colour, noun) if subject in _MANY else a(joined(colour, noun))
