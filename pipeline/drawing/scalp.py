"""What all hairstyles have in common: the hairline, the scalp's cap, and hair that falls from a parting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.curves import smooth
from pipeline.drawing.locks import Points, Sheet, sheet
from pipeline.drawing.pose import Pose


@dataclass
class Hair:
    """The parts of a hairstyle, in the order in which they are painted."""

    behind: list[np.ndarray] = field(default_factory=list)
    """Masses behind neck and shoulders: outlines (M, 2) in picture units."""
    behind_sheets: list[Sheet] = field(default_factory=list)
    cap: np.ndarray | None = None
    """What lies close on the skull."""
    cap_blur: float = 0.0
    cap_opacity: float = 1.0
    behind_bulk: list[np.ndarray] = field(default_factory=list)
    bulk: list[np.ndarray] = field(default_factory=list)
    """Masses of curls, behind the face and on it."""
    sheets: list[Sheet] = field(default_factory=list)
    curl: float = 0.0
    """Size of single curls in picture units; 0: none are drawn."""


def crown(portrait: Portrait) -> float:
    """y of the hair's highest point."""
    return -1.84 - 0.22 * portrait.hair_volume


def hairline(portrait: Portrait) -> float:
    """y of the hairline in the middle."""
    return -1.13 - 0.3 * portrait.hairline


def _outer(portrait: Portrait, side: int, part: float, *, tail: Points) -> Points:
    v, top = portrait.hair_volume, crown(portrait)
    return [
        (part, top + 0.04 * abs(part), 0.1),
        (part + (side * 0.9 - part) * 0.66, top + 0.12, 0.05),
        (side * (1.03 + 0.1 * v), -1.24 - 0.06 * v, 0),
        (side * (1.15 + 0.15 * v), -0.6, 0),
        (side * (1.17 + 0.18 * v), 0.02, 0),
        *tail,
    ]


def _inner(portrait: Portrait, side: int, part: float, *, tail: Points) -> Points:
    line = hairline(portrait)
    return [
        (part, line, 0.75),
        (part + (side * 0.78 - part) * 0.6, line + 0.06, 0.7),
        (side * 0.88, -0.72 - 0.1 * portrait.hairline, 0.5),
        (side * 0.985, -0.2, 0.3),
        *tail,
    ]


def cap(portrait: Portrait, pose: Pose, grow: float = 0.0, *, burn: float = 0.15) -> np.ndarray:
    """The scalp down to the sideburns, closed."""
    line, high = hairline(portrait), 0.14 * portrait.hairline
    corner = 0.07 if portrait.presentation == "man" else 0.02
    outer = [
        (1.03, burn + 0.08),
        (1.12 + grow, -0.4),
        (1.0 + grow, -1.2),
        (0.62 + grow / 2, -1.64 - grow),
        (0, -1.8 - grow),
    ]
    inner = [
        (0.985, burn, 0.2),
        (0.95, -0.3, 0.35),
        (0.9, -0.62 - high, 0.45),
        (0.72 + corner, -0.98 - high, 0.5),
        (0.42, line - corner, 0.6),
        (0, line, 0.65),
    ]
    right = [(x, y, 0.05) for x, y in outer] + [(-x, y, 0.05) for x, y in outer[-2::-1]]
    under = [(-x, y, z) for x, y, z in inner] + inner[-2::-1]
    return np.concatenate([smooth(pose.place(np.array(points))) for points in (right, under)])


def parted(portrait: Portrait, pose: Pose, tails: Callable[[int], tuple[Points, Points]], **how: float) -> list[Sheet]:
    """Two sheets that fall to either side of a parting."""
    part = 0.45 * portrait.parting
    sheets = []
    for side in (-1, 1):
        inner, outer = tails(side)
        near, far = _inner(portrait, side, part, tail=inner), _outer(portrait, side, part, tail=outer)
        sheets.append(sheet(pose, near, far, phase=1.7 * side, **how))
    # The wider one lies over the other.
    return sheets if portrait.parting < 0 else sheets[::-1]
