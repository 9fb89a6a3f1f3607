"""Long hair: bobs, hair over the shoulders, and hair that is put up."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pipeline.drawing.attributes import Portrait
from pipeline.drawing.curves import ellipse, smooth
from pipeline.drawing.locks import Points, Sheet, sheet
from pipeline.drawing.pose import Pose
from pipeline.drawing.scalp import Hair, cap, crown, hairline, parted
from pipeline.drawing.short_hair import curls


def _tucked(portrait: Portrait) -> bool:
    """Whether the hair goes behind the ears, to show what hangs there."""
    return portrait.earrings != "none"


def bob(portrait: Portrait, pose: Pose) -> Hair:
    """To the chin or the neck, parted."""
    length, v = 1.05 + 0.75 * portrait.hair_length, portrait.hair_volume

    def tails(side: int) -> tuple[Points, Points]:
        inner = [(side * 0.99, 0.45, 0.3), (side * 0.93, length - 0.35, 0.3), (side * 0.78, length, 0.35)]
        if _tucked(portrait):
            inner = [(side * 1.14, 0.12, 0), (side * 1.22, 0.6, -0.1), (side * 1.1, length, -0.1)]
        outer = [
            (side * (1.27 + 0.2 * v), 0.6, 0),
            (side * (1.3 + 0.2 * v), length - 0.3, 0),
            (side * (1.1 + 0.2 * v), length + 0.08, 0),
        ]
        return inner, outer

    sheets = parted(portrait, pose, tails, ragged=0.07, wave=0.09 * portrait.hair_wave, gloss=0.3)
    return Hair(behind=[_curtain(portrait, pose, length + 0.05, flare=0.0)], sheets=sheets)


def fringe(portrait: Portrait, pose: Pose) -> Hair:
    """A bob with hair down to the brows."""
    hair = bob(portrait, pose)
    low, top = -0.62 + 0.12 * portrait.hair_length, crown(portrait)
    left = [(-0.1, top + 0.12, 0.1), (-0.62, -1.55, 0.35), (-0.93, -1.0, 0.5), (-0.98, low + 0.12, 0.5)]
    right = [(0.1, top + 0.12, 0.1), (0.62, -1.55, 0.35), (0.93, -1.0, 0.5), (0.98, low + 0.12, 0.5)]
    hair.sheets.append(sheet(pose, left, right, ragged=0.06, phase=portrait.parting, gloss=0.5))
    return hair


def _curtain(portrait: Portrait, pose: Pose, low: float, *, flare: float) -> np.ndarray:
    """Hair behind the neck, from the crown down."""
    v = portrait.hair_volume
    half = [
        (0, crown(portrait)),
        (0.9, -1.5),
        (1.2 + 0.15 * v, -0.4),
        (1.28 + 0.2 * v, 0.7),
        (1.28 + 0.2 * v + flare, low - 0.4),
        (1.0 + flare, low),
        (0, low),
    ]
    points = np.array([(x, y, -0.4) for x, y in half] + [(-x, y, -0.4) for x, y in half[-2:0:-1]])
    return smooth(pose.place(points), closed=True)


def long(portrait: Portrait, pose: Pose) -> Hair:
    """Over the shoulders, straight or in waves."""
    length, v, wave = 2.15 + 0.9 * portrait.hair_length, portrait.hair_volume, portrait.hair_wave
    wavy = 0.03 + 0.05 * wave if portrait.hair == "long straight hair" else 0.1 + 0.09 * wave

    def tails(side: int) -> tuple[Points, Points]:
        inner = [(side * 1.0, 0.4, 0.3), (side * 1.0, 1.0, 0.2), (side * 0.9, 1.7, 0.1), (side * 0.66, length, 0.1)]
        if _tucked(portrait):
            inner = [
                (side * 1.14, 0.12, 0),
                (side * 1.22, 0.7, -0.1),
                (side * 1.05, 1.7, 0),
                (side * 0.75, length, 0.1),
            ]
        outer = [
            (side * (1.28 + 0.2 * v), 0.7, 0),
            (side * (1.34 + 0.24 * v), 1.5, 0),
            (side * (1.28 + 0.3 * v), length, 0),
        ]
        return inner, outer

    turns = 1.0 if portrait.hair == "long straight hair" else 2.1
    sheets = parted(portrait, pose, tails, ragged=0.12, wave=wavy, turns=turns, gloss=0.24)
    return Hair(behind=[_curtain(portrait, pose, length - 0.1, flare=0.05)], sheets=sheets)


def long_curls(portrait: Portrait, pose: Pose) -> Hair:
    """Curls to the shoulders or below."""
    hair = curls(portrait, pose)
    rng = np.random.default_rng([portrait.detail, 4])
    v, low = portrait.hair_volume, 1.3 + 1.2 * portrait.hair_length
    for side in (-1, 1):
        for y in np.arange(-0.4, low, 0.27):
            wide = 1.22 + 0.2 * v + 0.16 * min(y + 0.4, 1.6) + rng.uniform(-0.06, 0.06)
            at = pose.place(np.array([side * wide, y, -0.1]))
            size = rng.uniform(0.24, 0.34) * 0.176
            hair.bulk.append(ellipse((at[0], at[1]), (size, size), count=18))
            if y > 0.4:
                nearer = pose.place(np.array([side * (wide - 0.3), y, -0.1]))
                hair.bulk.append(ellipse((nearer[0], nearer[1]), (size, size), count=18))
    hair.behind = [_curtain(portrait, pose, low + 0.1, flare=0.15)]
    return hair


def _pulled_back(portrait: Portrait, pose: Pose, knot: tuple[float, float]) -> list[Sheet]:
    line, high = hairline(portrait), 0.14 * portrait.hairline
    sheets = []
    for side in (-1, 1):
        guides: list[Points] = [
            [
                (side * 0.99, 0.1, 0.2),
                (side * 1.11, -0.4, 0),
                (side * 1.02, -1.15, 0),
                (side * 0.66, -1.64, 0),
                (*knot, 0),
            ],
            [
                (side * 0.93, -0.45, 0.45),
                (side * 0.98, -0.9, 0.4),
                (side * 0.75, -1.4, 0.3),
                (knot[0] + side * 0.05, knot[1], 0),
            ],
            [(side * 0.68, -0.96 - high, 0.65), (side * 0.62, -1.3 - high, 0.5), (side * 0.4, -1.62, 0.3), (*knot, 0)],
            [(0, line, 0.75), (knot[0] * 0.3, line - 0.25, 0.6), (knot[0] * 0.7, -1.65, 0.3), (*knot, 0)],
        ]
        sheets += [sheet(pose, upper, lower, gloss=0.42) for lower, upper in pairwise(guides)]
    return sheets


def bun(portrait: Portrait, pose: Pose) -> Hair:
    """Put up into a knot on the head."""
    at = (0.25 * portrait.parting, -1.92)
    size = 0.36 + 0.14 * portrait.hair_volume
    x, y = at[0], at[1] - size * 0.62
    sheets = []
    for turn in (-1, 1):
        inner = [(x, y + size, 0), (x - turn * 0.1 * size, y, 0), (x - turn * 0.1, y - size * 0.75, 0)]
        outer = [
            (x, y + size, 0),
            (x + turn * size * 1.15, y + 0.45 * size, 0),
            (x + turn * size * 1.05, y - 0.55 * size, 0),
            (x - turn * 0.1, y - size * 0.95, 0),
        ]
        sheets.append(sheet(pose, inner, outer, gloss=0.6, phase=0.0))
    return Hair(
        behind_sheets=sheets, cap=cap(portrait, pose, 0.06, burn=-0.05), sheets=_pulled_back(portrait, pose, at)
    )


def ponytail(portrait: Portrait, pose: Pose) -> Hair:
    """Drawn back, and hanging down on one side."""
    side = 1 if portrait.parting > 0 else -1
    low = 1.9 + 1.0 * portrait.hair_length
    inner = [(side * 0.7, -1.3, -0.6), (side * 1.15, -0.7, -0.6), (side * 1.12, 0.8, -0.6), (side * 0.95, low, -0.6)]
    outer = [
        (side * 0.7, -1.7, -0.6),
        (side * 1.5, -1.2, -0.6),
        (side * 1.75, 0.5, -0.6),
        (side * 1.2, low + 0.1, -0.6),
    ]
    tail = sheet(pose, inner, outer, wave=0.03 + 0.1 * portrait.hair_wave, ragged=0.1, gloss=0.35, tone=0.92)
    return Hair(
        behind_sheets=[tail],
        cap=cap(portrait, pose, 0.06, burn=-0.05),
        sheets=_pulled_back(portrait, pose, (side * 0.3, -1.78)),
    )
