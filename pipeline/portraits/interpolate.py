"""Ways between latents: straight, along a great circle, and through a row of them without corners.

Latents are float64 here, `(…, D)`.
"""

from __future__ import annotations

import numpy as np

_ALIKE = 1e-8
"""Sine of the angle below which two directions are one."""


def lerp(start: np.ndarray, stop: np.ndarray, share: float) -> np.ndarray:
    """The straight way: `start` at 0, `stop` at 1, both exactly."""
    return start * (1 - share) + stop * share


def slerp(start: np.ndarray, stop: np.ndarray, share: float) -> np.ndarray:
    """The way along the great circle, at constant speed, while the length goes evenly from one to the other.

    A normal latent's length tells nothing, and hardly any is short: the straight way's middle is a latent that no
    training saw. Between opposites, which have every great circle in common, it turns by way of the axis that either is
    the furthest from. Source: Shoemake, "Animating Rotation with Quaternion Curves", 1985.
    """
    lengths = np.linalg.norm(start, axis=-1, keepdims=True), np.linalg.norm(stop, axis=-1, keepdims=True)
    if not (lengths[0].all() and lengths[1].all()):
        return lerp(start, stop, share)
    first, last = start / lengths[0], stop / lengths[1]
    cosine = (first * last).sum(-1, keepdims=True)
    sideways = last - first * cosine
    sine = np.linalg.norm(sideways, axis=-1, keepdims=True)
    angle = np.arctan2(sine, cosine)
    # Opposites lie in no one direction from each other, and what is alike needs none.
    sideways = np.where(sine > _ALIKE, sideways, _perpendicular(first))
    sideways /= np.linalg.norm(sideways, axis=-1, keepdims=True)
    turned = first * np.cos(share * angle) + sideways * np.sin(share * angle)
    return turned * lerp(*lengths, share)


def _perpendicular(directions: np.ndarray) -> np.ndarray:
    """For each unit direction one at a right angle to it, from the axis that it has the least of."""
    axes = np.eye(directions.shape[-1])[np.abs(directions).argmin(-1)]
    return axes - directions * (directions * axes).sum(-1, keepdims=True)


class Spline:
    """The cubic spline through points, evenly timed: no corner, and no jump in how sharply it bends.

    Source: de Boor, "A Practical Guide to Splines", chapter IV: the slopes at the points solve a tridiagonal system,
    which is cyclic if the spline is closed; an open one is straight at its ends.
    """

    def __init__(self, points: np.ndarray, *, closed: bool):
        """`points`: (K, D), at the times 0, 1 … K - 1; a closed spline is back at the first one at the time K."""
        self._points, self._closed = points, closed
        self._slopes = _slopes(points, closed=closed)

    def __call__(self, time: float) -> np.ndarray:
        """The point at that time, (D,)."""
        count = len(self._points)
        if count == 1:
            return self._points[0]
        at = int(time // 1) % count if self._closed else min(max(int(time), 0), count - 2)
        t = time % 1 if self._closed else time - at
        after = (at + 1) % count
        # Hermite's basis.
        return (
            (1 + 2 * t) * (1 - t) ** 2 * self._points[at]
            + t * (1 - t) ** 2 * self._slopes[at]
            + t**2 * (3 - 2 * t) * self._points[after]
            + t**2 * (t - 1) * self._slopes[after]
        )


def _slopes(points: np.ndarray, *, closed: bool) -> np.ndarray:
    count = len(points)
    if count < 2:
        return np.zeros_like(points)
    before, after = np.roll(points, 1, 0), np.roll(points, -1, 0)
    matrix = 4 * np.eye(count) + np.roll(np.eye(count), 1, 1) + np.roll(np.eye(count), -1, 1)
    wanted = 3 * (after - before)
    if not closed:
        matrix[0], matrix[-1] = 0, 0
        matrix[0, :2], matrix[-1, -2:] = (2, 1), (1, 2)
        wanted[0], wanted[-1] = 3 * (points[1] - points[0]), 3 * (points[-1] - points[-2])
    return np.linalg.solve(matrix, wanted)
