"""Short hair: cuts, curls and the afro."""

from __future__ import annotations

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.curves import ellipse
from pipeline.drawing.locks import Points, sheet
from pipeline.drawing.pose import Pose
from pipeline.drawing.scalp import Hair, cap, crown, hairline, parted


def buzz(portrait: Portrait, pose: Pose) -> Hair:
    """Cut close all over."""
    return Hair(cap=cap(portrait, pose, 0.02 + 0.04 * portrait.hair_length), cap_blur=0.005, cap_opacity=0.86)


def side_parting(portrait: Portrait, pose: Pose) -> Hair:
    """Combed from a parting, short at the sides."""

    def tails(side: int) -> tuple[Points, Points]:
        return [(side * 1.01, -0.08, 0.2)], [(side * 1.12, -0.04, 0.0)]

    sheets = parted(portrait, pose, tails, ragged=0.06, wave=0.05 * portrait.hair_wave, gloss=0.42)
    burn = 0.05 + 0.2 * portrait.hair_length
    return Hair(cap=cap(portrait, pose, 0.03, burn=burn), cap_blur=0.002, sheets=sheets)


def quiff(portrait: Portrait, pose: Pose) -> Hair:
    """Short at the sides, brushed up in front."""
    rise, line = 0.18 + 0.3 * portrait.hair_volume, hairline(portrait)
    over = 0.3 * portrait.parting
    left = [
        (-0.78, line + 0.16, 0.65),
        (-0.98, line - 0.3, 0.4),
        (-0.85 + over, -1.72 - rise * 0.5, 0.1),
        (-0.5 + over, -1.86 - rise, 0),
    ]
    right = [
        (0.78, line + 0.16, 0.65),
        (0.98, line - 0.3, 0.4),
        (0.92 + over, -1.72 - rise * 0.6, 0.1),
        (0.62 + over, -1.9 - rise, 0),
    ]
    top = sheet(pose, left, right, ragged=0.1, wave=0.07 * portrait.hair_wave, phase=1 + over, gloss=0.62)
    return Hair(cap=cap(portrait, pose, 0.04, burn=0.22), cap_blur=0.002, sheets=[top])


def crop(portrait: Portrait, pose: Pose) -> Hair:
    """Short, brushed into the forehead."""
    line, top = hairline(portrait) + 0.16 + 0.12 * portrait.hair_length, crown(portrait)
    left = [(-0.15, top + 0.06, 0.1), (-0.72, -1.62, 0.2), (-1.0, -1.3, 0.3), (-0.94, line + 0.14, 0.6)]
    right = [(0.15, top + 0.06, 0.1), (0.72, -1.62, 0.2), (1.0, -1.3, 0.3), (0.94, line + 0.14, 0.6)]
    front = sheet(pose, left, right, ragged=0.16, phase=2 + portrait.parting, wave=0.06 * portrait.hair_wave, gloss=0.4)
    return Hair(cap=cap(portrait, pose, 0.05, burn=0.15), cap_blur=0.002, sheets=[front])


def pixie(portrait: Portrait, pose: Pose) -> Hair:
    """Short, with a lock across the forehead."""

    def tails(side: int) -> tuple[Points, Points]:
        return [(side * 0.93, 0.28, 0.25)], [(side * 1.14, 0.4, 0.0)]

    sheets = parted(portrait, pose, tails, ragged=0.12, wave=0.05 * portrait.hair_wave, gloss=0.4)
    side = 1 if portrait.parting < 0 else -1
    part, line = 0.45 * portrait.parting, hairline(portrait)
    under = [
        (part, line - 0.2, 0.7),
        (side * 0.2, line + 0.1, 0.8),
        (side * 0.62, -0.72, 0.7),
        (side * 0.96, -0.42, 0.4),
    ]
    over = [
        (part, crown(portrait) + 0.1, 0.2),
        (side * 0.55, -1.6, 0.4),
        (side * 1.0, -1.1, 0.3),
        (side * 1.12, -0.3, 0.1),
    ]
    return Hair(cap=cap(portrait, pose, 0.05), sheets=[*sheets, sheet(pose, under, over, ragged=0.14, gloss=0.4)])


def _cloud(portrait: Portrait, pose: Pose, *, reach: float, bump: float, low: float, count: int) -> list[np.ndarray]:
    """Balls of hair around the skull, from one side's `low` to the other's."""
    rng = np.random.default_rng([portrait.detail, 2])
    angles = np.linspace(-1.7, 1.7, count)
    balls = []
    for angle in angles:
        wide = 1.1 + reach * 0.85 + rng.uniform(-0.04, 0.04)
        x, y = np.sin(angle) * wide, -0.42 - np.cos(angle) * (1.24 + reach) * (1.0 if abs(angle) < 1.57 else low)
        at = pose.place(np.array([x, y, -0.1]))
        size = bump * rng.uniform(0.85, 1.2) * 0.176
        balls.append(ellipse((at[0], at[1]), (size, size), count=20))
    return balls


def curls(portrait: Portrait, pose: Pose) -> Hair:
    """A head of short curls."""
    reach = 0.08 + 0.2 * portrait.hair_volume
    line = hairline(portrait) + 0.05
    rng = np.random.default_rng([portrait.detail, 3])
    fringe = []
    for x in np.linspace(-0.8, 0.8, 7):
        at = pose.place(np.array([x, line - 0.08 + 0.12 * x * x + rng.uniform(-0.06, 0.08), 0.7]))
        fringe.append(ellipse((at[0], at[1]), (0.036, 0.034), count=16))
    around = _cloud(portrait, pose, reach=reach - 0.1, bump=0.26, low=0.9, count=15)
    return Hair(
        behind_bulk=[*around, cap(portrait, pose, reach, burn=0.0)],
        bulk=[cap(portrait, pose, reach, burn=0.0), *fringe],
        curl=0.026,
    )


def afro(portrait: Portrait, pose: Pose) -> Hair:
    """A round cloud of small curls."""
    reach = 0.22 + 0.4 * portrait.hair_volume
    around = _cloud(portrait, pose, reach=reach - 0.05, bump=0.3, low=1.2, count=19)
    return Hair(
        behind_bulk=[*around, cap(portrait, pose, reach, burn=0.0)],
        bulk=[cap(portrait, pose, reach, burn=0.0)],
        curl=0.021,
    )
