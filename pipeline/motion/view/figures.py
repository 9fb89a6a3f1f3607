"""Who is on the stage: a clip, how it is coloured, where it stands and what it holds. Its body is body.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.motion.clip import Clip
from pipeline.motion.view.palettes import PALETTES, Palette

Prop = Literal["sword"]
"""What a figure may hold in its right hand."""

Place = tuple[float, float]
"""Metres (x, z) on the floor."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """One who moves. After the clip's end it stands as it ended."""

    clip: Clip
    """On FIGURE; retarget others first."""
    palette: Palette = PALETTES["porcelain"]
    place: Place | None = None
    """Where its hips are above in the clip's first frame; None: as recorded if it is alone, else side by side with the
    others that have no place."""
    facing_deg: float | None = None
    """Where it faces in the first frame: 0 is z, 90 is x; None: as recorded, and of several without a place, as the
    first one does."""
    prop: Prop | None = None
