"""What a motif is: every attribute, with the range or the words it may take. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pipeline.drawing.attributes import Between, Lean, Share, check
from pipeline.drawing.named import COLOURS
from pipeline.errors import InputError

Subject = Literal[
    "hills", "mountains", "sea", "city", "boat", "tree", "house", "vase", "cup", "balloon", "stars", "hearts",
    "circles", "stripes",
]  # fmt: skip
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
COUNTED = ("stars", "hearts", "circles")
"""Subjects of which there may be several."""


@dataclass(frozen=True, kw_only=True)
class Motif:
    """One motif: flat shapes of three colours.

    Raises: InputError for a number out of its range, or a word that is not one of its list.
    """

    subject: Subject
    colour: str
    """Of what is shown; these three are of named.COLOURS."""
    second: str
    """Of what goes with it: the sun, a roof, the sea."""
    ground: str
    """Of what it is shown on."""
    count: Annotated[int, Between(1, 4)]
    """Of those that are COUNTED; 1 of others."""

    size: Lean
    place: Lean
    """From left to right."""
    height: Lean
    """Low to high."""
    lightness: Lean
    """A darker to a lighter one of each colour."""
    swing: Share
    """Where waves, hills and branches begin."""

    def __post_init__(self) -> None:
        check(self, "motif")
        for name in ("colour", "second", "ground"):
            if getattr(self, name) not in COLOURS:
                raise InputError(f"motif: {name} is {getattr(self, name)!r}, but is one of {', '.join(COLOURS)}")
