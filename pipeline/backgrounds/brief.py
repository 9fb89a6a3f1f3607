"""What the painter of posters must know of a background, as a plan holds it. Torch-free."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.film.source import Source

Play = Literal["loop", "stretch", "hold", "bounce"]
"""How a film becomes as long as a poster: see timing.py."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Film(_Part):
    """Frames `[start, stop)`, one after the other."""

    start: int
    stop: int
    rate: Fraction
    """Frames a second."""
    loops: bool = False
    """Whether the last leads back to the first without a jump."""

    def __len__(self) -> int:
        return self.stop - self.start


class Painted(_Part):
    """What another kind makes: its plan, as far as its painter and we must know it."""

    kind: str
    """Of job."""
    name: str
    """What people call the look of it: its model or style."""
    painter: Annotated[str, Field(pattern=r"^pipeline(\.[a-z][a-z0-9_]*)+:[A-Z][A-Za-z0-9]*Painter$")]
    """`module:attr` of a pipeline.painter.Painter. A plan comes from the store: it may choose among our painters, and
    call nothing else."""
    inputs: dict[str, Any]
    """That painter's."""
    models: tuple[int, ...] = ()
    """Places of its models among the poster plan's."""
    files: tuple[int, ...] = ()
    """Places of its files among the poster plan's."""
    chunks: tuple[int, ...]
    """Where its chunks begin, and at last where the last one ends: no painter is asked for frames of two."""
    lead_in: int = 0
    separable: bool = True
    """Whether a frame can be painted without those before it in its chunk."""
    stills: tuple[tuple[int, int], ...] = ()
    """Runs `[start, stop)` of the frames that are pictures for their own sake."""
    film: Film | None = None

    @property
    def frames(self) -> int:
        """How many it can paint."""
        return self.chunks[-1]

    def chunk_of(self, frame: int) -> tuple[int, int]:
        """The chunk that holds a frame."""
        place = bisect_right(self.chunks, frame)
        return self.chunks[place - 1], self.chunks[place]

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return sum(stop - start for start, stop in self.stills)

    def still(self, index: int) -> int:
        """The frame of a picture."""
        for start, stop in self.stills:
            if index < stop - start:
                return start + index
            index -= stop - start
        raise IndexError(index)


class Own(_Part):
    """A picture or film that the user has."""

    name: str
    """As its user calls it."""
    file: int | None = None
    """Of a picture, its place among the plan's files; or …"""
    source: Source | None = None
    """… a film, which stays where it is."""


class BackgroundBrief(_Part):
    """What lies behind a poster: what another kind makes, or the user's own files, which variants take by turns."""

    painted: Painted | None = None
    own: tuple[Own, ...] = ()
    play: Play | None = None
    """None: whatever suits the film."""
    blend: bool = False
    """Whether moments between two frames show both."""
    upscale: bool | None = None
    """Whether pictures that are small for their canvas are enlarged by a network; None: those that are less than a
    third as large."""
    upscaler: int | None = None
    """That network's place among the plan's models."""


def runs(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Rising numbers as runs `[start, stop)`."""
    if isinstance(numbers, range) and numbers.step == 1:
        return ((numbers.start, numbers.stop),) if numbers else ()
    grouped = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    rows = [[number for _, number in group] for _, group in grouped]
    return tuple((row[0], row[-1] + 1) for row in rows)
