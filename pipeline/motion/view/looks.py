"""How a stage looks: studio, background, floor, shadow and trails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.errors import InputError
from pipeline.motion.view.palettes import Colour

StudioName = Literal["dark", "light", "dusk", "sand"]
"""A room of one colour whose floor becomes its wall, and the light in it."""


@dataclass(frozen=True)
class Gradient:
    """From the picture's upper edge to its lower one."""

    top: Colour
    bottom: Colour


@dataclass(frozen=True)
class Transparent:
    """No background: pictures have straight alpha."""


Picture = Callable[[int], np.ndarray]
"""Frame → `(height, width, 3)` uint8 of the stage's size, sRGB. Must give the same for the same frame."""

Background = Colour | Gradient | Transparent | Picture

LONGEST_TRAIL_S, MOST_GHOSTS = 10, 12

TrailOf = Literal["hands", "feet", "blade"]


@dataclass(frozen=True, kw_only=True)
class Trails:
    """What is left to be seen of where figures have been."""

    kind: Literal["ghosts", "ribbons"] = "ghosts"
    """Ghosts: the figure itself as it was. Ribbons: the ways of hands, feet or the blade's edge."""
    seconds: float = 1.0
    """How long ago is the last that is seen."""
    count: int = 4
    """How many ghosts."""
    of: tuple[TrailOf, ...] = ("hands",)
    """What ribbons are of. Figures that hold no blade have none of it."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is to be seen besides the figures."""

    studio: StudioName = "dark"
    """Its light falls on the figures whatever the background is."""
    background: Background | None = None
    """None: the studio's."""
    grid: bool | None = None
    """Lines on the floor, half a metre apart; None: in a studio, and not before a background of one's own."""
    shadow: float = 1.0
    """How dark the shadow on the floor is, 0 to 1 of the studio's; with no background it is black with alpha."""
    trails: Trails | None = None

    @property
    def has_grid(self) -> bool:
        """Whether there are lines on the floor."""
        return self.background is None if self.grid is None else self.grid

    def check(self) -> None:
        """Raises: InputError if a number is out of its range."""
        if not 0 <= self.shadow <= 1:
            raise InputError(f"a shadow of {self.shadow:g} is none; choose 0 to 1")
        if (trails := self.trails) is None:
            return
        if not 0 < trails.seconds <= LONGEST_TRAIL_S:
            raise InputError(f"trails of {trails.seconds:g} seconds are not drawn; choose up to {LONGEST_TRAIL_S}")
        if not 1 <= trails.count <= MOST_GHOSTS:
            raise InputError(f"{trails.count} ghosts are not drawn; choose 1 to {MOST_GHOSTS}")

    @property
    def is_transparent(self) -> bool:
        """Whether pictures have alpha."""
        return isinstance(self.background, Transparent)
