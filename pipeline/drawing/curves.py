"""Points → smooth outlines, tapered strokes and ellipses. No pixels here; those are in canvas.py."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

_PER_SPAN = 7
"""Corners drawn between two points of a smooth curve: unseen at 512 px."""


@lru_cache(maxsize=256)
def _weights(count: int, closed: bool, per_span: int) -> np.ndarray:
    """Catmull-Rom's blend of `count` points into each corner: (corners, count)."""
    spans = count if closed else count - 1
    rows = []
    for span in range(spans):
        for step in range(per_span):
            rows.append(_row(count, closed, span, t=step / per_span))
    if not closed:
        rows.append(_row(count, closed, spans - 1, t=1.0))
    return np.array(rows)


def _row(count: int, closed: bool, span: int, *, t: float) -> np.ndarray:
    blend = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (t**3 - t**2) / 2,
    )
    row = np.zeros(count)
    for offset, weight in zip((-1, 0, 1, 2), blend, strict=True):
        at = span + offset
        row[at % count if closed else min(max(at, 0), count - 1)] += weight
    return row


def smooth(points: np.ndarray, *, closed: bool = False, per_span: int = _PER_SPAN) -> np.ndarray:
    """A soft curve through points (N, D): (M, D)."""
    return _weights(len(points), closed, per_span) @ points


def resampled(points: np.ndarray, count: int) -> np.ndarray:
    """`count` points at even distances along a polyline (N, D)."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.linspace(0, lengths[-1], count)
    return np.stack([np.interp(at, lengths, axis) for axis in points.T], axis=1)


def ribbon(points: np.ndarray, widths: np.ndarray | float) -> np.ndarray:
    """The outline of a stroke along points (..., N, 2), so wide at each: (..., 2N, 2)."""
    reach = normals(points) * (np.asarray(widths)[..., None] / 2)
    return np.concatenate([points + reach, (points - reach)[..., ::-1, :]], axis=-2)


def normals(points: np.ndarray) -> np.ndarray:
    """Across a polyline (..., N, 2), of length 1 at each of its points: (..., N, 2)."""
    along = np.empty(points.shape)
    along[..., 1:-1, :] = points[..., 2:, :] - points[..., :-2, :]
    along[..., 0, :] = points[..., 1, :] - points[..., 0, :]
    along[..., -1, :] = points[..., -1, :] - points[..., -2, :]
    lengths = np.maximum(np.sqrt(along[..., 0] ** 2 + along[..., 1] ** 2), 1e-9)
    across = np.empty(points.shape)
    across[..., 0] = -along[..., 1] / lengths
    across[..., 1] = along[..., 0] / lengths
    return across


@lru_cache(maxsize=256)
def taper(count: int, *, start: float = 0.0, end: float = 0.0, peak: float = 0.5) -> np.ndarray:
    """Relative widths of a stroke, 1 at its peak: (count,)."""
    at = np.linspace(0, 1, count)
    rise = start + (1 - start) * np.sin(np.clip(at / peak, 0, 1) * math.pi / 2)
    fall = end + (1 - end) * np.sin(np.clip((1 - at) / (1 - peak), 0, 1) * math.pi / 2)
    return np.minimum(rise, fall)


def ellipse(
    centre: tuple[float, float], radii: tuple[float, float], *, turn: float = 0.0, count: int = 36
) -> np.ndarray:
    """An ellipse turned by an angle in radians: (count, 2)."""
    cos, sin = math.cos(turn), math.sin(turn)
    axes = np.array([[radii[0] * cos, radii[0] * sin], [-radii[1] * sin, radii[1] * cos]])
    return _circle(count) @ axes + centre


@lru_cache(maxsize=64)
def _circle(count: int) -> np.ndarray:
    angles = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def mirrored(half: np.ndarray) -> np.ndarray:
    """A closed outline (2N - 2, D) from its right half, which begins and ends on the middle line."""
    other = half[-2:0:-1].copy()
    other[:, 0] *= -1
    return np.concatenate([half, other])
