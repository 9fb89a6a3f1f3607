"""Where a stage is seen from: a camera that follows, circles or stands still. What one sees is views.py's."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import InputError


@dataclass(frozen=True, kw_only=True)
class _Camera:
    """What all cameras have."""

    height_deg: float = 9.0
    """How far above the horizontal it is, seen from what it looks at: 0 to 80."""
    lens_deg: float = 26.0
    """The picture's height as an angle: 10 is a long lens, 60 a wide one."""
    zoom: float = 1.0
    """1 keeps every figure in the picture in all frames; 2 is twice as near."""

    def check(self) -> None:
        """Raises: InputError if a number is out of its range."""
        _within("height_deg", self.height_deg, 0, 80)
        _within("lens_deg", self.lens_deg, 5, 90)
        _within("zoom", self.zoom, 0.1, 10)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise InputError(f"a camera's {name} is {least:g} to {most:g}, not {value:g}")


@dataclass(frozen=True, kw_only=True)
class Follow(_Camera):
    """Goes along with the figures, without their swaying, and a little ahead of them."""

    side_deg: float = 35.0
    """How far to the left of where the first figure faces when it begins: 0 is its front, 90 its left, 180 its back."""
    turns: bool = False
    """Whether it goes round when the first figure turns, so that its front stays seen."""


@dataclass(frozen=True, kw_only=True)
class Orbit(_Camera):
    """Goes along, and around the figures at even speed."""

    start_deg: float = 35.0
    """As Follow's `side_deg`, in the first frame."""
    turn_s: float = 12.0
    """Seconds of once around; less than 0: the other way round."""

    def check(self) -> None:
        """Raises: InputError if a number is out of its range."""
        super().check()
        if not 1 <= abs(self.turn_s) <= 3600:
            raise InputError(f"a camera's turn_s is 1 to 3600 seconds, or less than 0 as many, not {self.turn_s:g}")


@dataclass(frozen=True, kw_only=True)
class Fixed(_Camera):
    """Stands still, and has the whole motion in its picture."""

    side_deg: float = 35.0
    """As Follow's."""


Camera = Follow | Orbit | Fixed
