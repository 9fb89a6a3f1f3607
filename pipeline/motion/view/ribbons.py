"""Ribbons that hands, feet and blades leave behind: narrower and paler the longer ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.motion.clip import Pose
from pipeline.motion.figure import FIGURE
from pipeline.motion.view.body import BLADE
from pipeline.motion.view.looks import TrailOf
from pipeline.motion.view.surface_rows import FAR_M, Box
from pipeline.motion.view.views import View

_WIDE_M = 0.07
"""A hand's or foot's ribbon where it begins."""

_FINE = 2
"""Drawn at so many times the picture's size, and made smaller: that is what smooths its edges."""

_STEPS = 6
"""Parts between two frames: what is quick goes round corners."""

_SOLID = 0.72
"""How much the youngest end hides."""

_POINTS: dict[TrailOf, tuple[tuple[str, tuple[float, float, float]], ...]] = {
    "hands": (("LeftHand", (0.09, 0.0, 0.0)), ("RightHand", (-0.09, 0.0, 0.0))),
    "feet": (("LeftToeBase", (0.0, 0.0, 0.0)), ("RightToeBase", (0.0, 0.0, 0.0))),
}


@dataclass(frozen=True, eq=False)
class Ribbon:
    """A strip in the world, from its oldest end to its youngest."""

    edges: np.ndarray
    """`(2, n, 3)` metres; the same twice where it has a width instead."""
    widths: np.ndarray
    """`(n,)` metres."""
    solid: np.ndarray
    """`(n,)`: how much it hides, 0 to 1."""


def ribbons(pose: Pose, frame: int, length: int, of: Sequence[TrailOf], *, has_blade: bool) -> list[Ribbon]:
    """A figure's ribbons in a frame. `length`: frames from the oldest end to the youngest."""
    first = max(frame - length, 0)
    frame = min(frame, len(pose.positions) - 1)
    if frame - first < 1:
        return []
    made = []
    for name in of:
        if name == "blade" and not has_blade:
            continue
        points = (
            [[("RightHand", BLADE[1]), ("RightHand", _along_blade(0.3))]]
            if name == "blade"
            else [[p, p] for p in _POINTS[name]]
        )
        for pair in points:
            edges = np.stack([_smooth(_place(pose, joint, at, first, frame)) for joint, at in pair])
            share = 1 - (1 - np.linspace(0, 1, edges.shape[1])) * (frame - first) / length
            widths = _WIDE_M * share * (pair[0] is pair[1] or pair[0] == pair[1])
            made.append(Ribbon(edges, widths, _SOLID * share**1.3))
    return made


def _along_blade(share: float) -> tuple[float, float, float]:
    near, far = np.array(BLADE)
    x, y, z = (near + (far - near) * share).tolist()
    return x, y, z


def _place(pose: Pose, joint: str, at: tuple[float, float, float], first: int, last: int) -> np.ndarray:
    place = FIGURE.index[joint]
    turns = pose.turns[first : last + 1, place]
    return pose.positions[first : last + 1, place] + turns @ np.array(at)


def _smooth(points: np.ndarray) -> np.ndarray:
    """More points on a Catmull-Rom curve through these."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = (np.arange(_STEPS) / _STEPS)[:, None, None]
    made = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    return np.concatenate([made.swapaxes(0, 1).reshape(-1, 3), points[-1:]])


def drawn(made: Sequence[Ribbon], view: View) -> tuple[Box, np.ndarray, np.ndarray] | None:
    """A box of the picture; how much ribbons hide in it, 0 to 1; and how far away they are, metres. None: not seen."""
    strips = [strip for ribbon in made if (strip := _strip(ribbon, view)) is not None]
    if not strips:
        return None
    every = np.concatenate([outline.reshape(-1, 2) for outline, _, _ in strips])
    low, high = np.floor(every.min(axis=0)) - 2, np.ceil(every.max(axis=0)) + 2
    left, top = (int(value) for value in np.maximum(low, 0))
    right, bottom = (int(value) for value in np.minimum(high, (view.width, view.height)))
    if left >= right or top >= bottom:
        return None
    shape = (bottom - top, right - left)
    fine = np.zeros((shape[0] * _FINE, shape[1] * _FINE), np.uint8)
    depth = np.full(shape, FAR_M, np.float32)
    for outline, solid, far in strips:
        corners = outline - (left, top)
        quads = np.rint(corners * _FINE * 16 - 8).astype(np.int32), np.rint(corners * 16 - 8).astype(np.int32)
        for large, small, value, metres in zip(*quads, (solid * 255).tolist(), far.tolist(), strict=True):
            cv2.fillConvexPoly(fine, large, value, cv2.LINE_8, 4)
            cv2.fillConvexPoly(depth, small, metres, cv2.LINE_8, 4)
    cover = cv2.resize(fine, shape[::-1], interpolation=cv2.INTER_AREA)
    return (left, top, right, bottom), cover * np.float32(1 / 255), depth


def _strip(ribbon: Ribbon, view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Quads `(n, 4, 2)` in pixels, how much each hides, and how far away each is."""
    far = view.seen(ribbon.edges)[..., 2]
    if far.min() < 0.2:
        return None
    one, other = view.pixels(ribbon.edges)
    if ribbon.widths.any():
        way = np.gradient(one, axis=0)
        way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-3)
        aside = np.stack([-way[:, 1], way[:, 0]], axis=1) * (ribbon.widths / 2 * view.focal / far[0])[:, None]
        one, other = one + aside, other - aside
    quads = np.stack([one[:-1], one[1:], other[1:], other[:-1]], axis=1)
    return quads, ribbon.solid[1:], far.mean(axis=0)[1:]
