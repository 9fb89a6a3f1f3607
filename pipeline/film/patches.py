"""Patches, which WebP and APNG hold: what each frame changes of the one before, and how long it stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from pipeline.film.changes import Change, Changes
from pipeline.film.economy import Animation, Economy, Frames, shown

_MASKED = 0.5
"""Of a rectangle of which less changed than this share, what did not change is left out. With more of it, holes only
make the rest harder to compress."""


@dataclass(frozen=True)
class Patch:
    """One frame of the file."""

    change: Change
    duration_ms: int

    @property
    def is_masked(self) -> bool:
        """Whether only the changed pixels belong into the file."""
        return self.change.share < _MASKED


class Patches:
    """Iterated once, the patches of an animation; equal frames are one. Afterwards `report` says what they made."""

    def __init__(self, frames: Frames, economy: Economy, rate: Fraction, *, longest_ms: int, snap: int = 1) -> None:
        """`longest_ms`: how long the format lets a frame stay. `snap`: where patches may begin, in pixels."""
        self._shown, self._every, self._rate = (
            shown(frames, every=economy.every, scale=economy.scale),
            economy.every,
            rate,
        )
        self._longest_ms = longest_ms
        self._changes = Changes(snap=snap)
        self._frames = self._ends = 0
        self.size = 0, 0
        """Width and height, once there is a first patch."""

    def __iter__(self) -> Iterator[Patch]:
        waiting: Change | None = None
        begins = 0
        for one in self._shown:
            change = self._changes.see(one.pixels)
            if change is None and self._ms(one.ends) - self._ms(begins) > self._longest_ms:
                change = Change(0, 0, one.pixels[:1, :1])
            if change is not None:
                if waiting is not None:
                    yield Patch(waiting, self._ms(one.begins) - self._ms(begins))
                waiting, begins = change, one.begins
            self._frames, self._ends = self._frames + 1, one.ends
            self.size = one.pixels.shape[1], one.pixels.shape[0]
        assert waiting is not None, "an animation has at least one frame"
        yield Patch(waiting, self._ms(self._ends) - self._ms(begins))

    def _ms(self, frame: int) -> int:
        return round(frame * 1000 / self._rate)

    def report(self) -> Animation:
        """What they made."""
        return Animation(self._frames, self._rate / self._every, self._ends / self._rate, *self.size)
