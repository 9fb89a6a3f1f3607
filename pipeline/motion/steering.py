"""A motion led along a path on the floor: it goes as far as it went, and looks ahead, but where it is told.

What a figure does besides is kept: how it sways about its way, and turns about its direction. Feet that a bend makes
slide are planting.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip
from pipeline.motion.rotations import about, multiply, yaw_of

Path = Sequence[tuple[float, float]]
"""Points on the floor, x and z in metres, that are passed in this order; the first is where the figure begins."""

_SMOOTH_S = 1.0
"""Over which a figure's way and direction are taken, without the sway of single steps."""
_STEP_M = 0.02
"""Between places of a curve at which it is known."""
_LEAST_M = 0.05
"""Between two points of a path."""
_SHARPEST_DEG = 120.0
"""By how much a path may turn at a point."""


def steered(clip: Clip, path: Path) -> Clip:
    """The clip along a curve through the points; beyond the last one, and before the first, it goes on straight.

    Raises: MediaError if there are fewer than two points, two that follow each other are the same, or it turns back.
    """
    curve = _curve(path)
    window = max(1, round(_SMOOTH_S * float(clip.rate)) // 2 * 2 + 1)
    yaw = np.unwrap(yaw_of(clip.turns[:, 0]))
    direction = _smoothed(yaw, window)
    floor = clip.roots[:, [0, 2]]
    way = np.stack([_smoothed(column, window) for column in floor.T], axis=1)
    ahead = np.stack([np.sin(direction), np.cos(direction)], axis=1)
    gone = np.concatenate([[0.0], np.cumsum((np.diff(way, axis=0) * ahead[:-1]).sum(1))])
    places, tangents = curve.at(gone)
    turn = tangents - direction
    aside = floor - way
    cosine, sine = np.cos(turn), np.sin(turn)
    roots = clip.roots.copy()
    roots[:, 0] = places[:, 0] + cosine * aside[:, 0] + sine * aside[:, 1]
    roots[:, 2] = places[:, 1] + cosine * aside[:, 1] - sine * aside[:, 0]
    turns = clip.turns.copy()
    turns[:, 0] = multiply(about(1, turn), turns[:, 0])
    return replace(clip, roots=roots, turns=turns)


def check(path: Path) -> None:
    """Raises: MediaError as `steered`."""
    _curve(path)


@dataclass(frozen=True, eq=False)
class _Curve:
    """Places and directions by the metres to them along the curve."""

    metres: np.ndarray
    places: np.ndarray
    angles: np.ndarray

    def at(self, metres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`(N, 2)` places, and `(N,)` radians about the vertical, 0 along z."""
        there = np.stack([np.interp(metres, self.metres, column) for column in self.places.T], axis=1)
        angles = np.interp(metres, self.metres, self.angles)
        beyond = metres - np.clip(metres, 0, self.metres[-1])
        return there + beyond[:, None] * np.stack([np.sin(angles), np.cos(angles)], axis=1), angles


def _curve(path: Path) -> _Curve:
    """Through all points, bending evenly. Source: Catmull and Rom, "A class of local interpolating splines", 1974."""
    points = np.array(path, dtype=float).reshape(-1, 2)
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    if len(points) < 2 or not (lengths >= _LEAST_M).all() or not np.isfinite(points).all():
        raise MediaError(
            "a path needs two points or more, each at least 5 cm from the one before; write [[0, 0], [0, 5]]"
        )
    ahead = np.unwrap(np.arctan2(*np.diff(points, axis=0).T))
    sharp = np.abs(np.diff(ahead)) > np.radians(_SHARPEST_DEG)
    if sharp.any():
        point = int(np.argmax(sharp)) + 2
        raise MediaError(
            f"a path turns back on itself at its point {point}, by more than {_SHARPEST_DEG:g} degrees; lead it around "
            "there, by a point beside it"
        )
    wide = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    made = []
    for number, length in enumerate(lengths):
        t = np.linspace(0, 1, max(2, int(length / _STEP_M)), endpoint=False)[:, None]
        before, start, end, after = wide[number : number + 4]
        made.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    places = np.concatenate([*made, points[-1:]])
    steps = np.diff(places, axis=0)
    angles = np.unwrap(np.arctan2(steps[:, 0], steps[:, 1]))
    metres = np.concatenate([[0.0], np.cumsum(np.linalg.norm(steps, axis=1))])
    return _Curve(metres, places, np.append(angles, angles[-1]))


def _smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """Means over so many frames, an odd number; beyond its ends a motion goes on as it is there."""
    half = window // 2
    rise = [np.diff(values[:2]).sum(), np.diff(values[-2:]).sum()]
    before = values[0] - rise[0] * np.arange(half, 0, -1)
    after = values[-1] + rise[1] * np.arange(1, half + 1)
    return np.convolve(np.concatenate([before, values, after]), np.full(window, 1 / window), "valid")
