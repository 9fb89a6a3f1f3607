"""Balls and cones as a camera sees them: for every pixel, how far, and which way they face, from a few numbers each.

A ray from the eye through a pixel, (x, y, 1), meets a quadric where k2 t² + 2 k1 t + k0 = 0, t being metres into the
picture. k1 is linear and h = k1² - k0 k2 is quadratic in x and y; h = 0 is the outline, so h over its gradient is the
distance from it, and coverage needs no more samples. Where the ray enters, t = k0 / (√h - k1), which never divides by
a vanishing k2. Normals are n + N · t (x, y, 1).

What is wider along some axes is a ball or cone in a space that is narrower by as much: M takes rays there.
Source: Inigo Quilez, "Rounded cone - intersection" (the quadratic and its normal); the rest is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.motion.view.body import Parts
from pipeline.motion.view.views import View

NEAR_M = 0.3
"""What is nearer to the eye is not drawn."""

_THIN_PX = 0.6
"""Nothing is thinner than twice this."""

_OVERLAP = 0.03
"""Of a ball's radius: how far a cap goes below its cone, so that nothing is open between them."""

_LOOSE = 0.04
"""Of a ball's radius: how much wider boxes are, for what perspective adds to extents."""


@dataclass(frozen=True, eq=False)
class Quadrics:
    """Q surfaces in a picture: cones between balls, caps on their ends, and balls alone."""

    parts: np.ndarray
    """`(Q,)` int: which part each belongs to."""
    boxes: np.ndarray
    """`(Q, 4)` int: columns and rows `[left, top, right, bottom)`, outside of which there is nothing of it."""
    outline: np.ndarray
    """`(Q, 3, 3)`: h = (i, j, 1) · o · (i, j, 1), i and j being pixels from the picture's middle. Symmetric."""
    steep: np.ndarray
    """`(Q,)`: h's gradient at the outline where it is steepest, about."""
    k1: np.ndarray
    """`(Q, 3)`, of (i, j, 1)."""
    k0: np.ndarray
    """`(Q,)`."""
    normal: np.ndarray
    """`(Q, 3)`."""
    normals: np.ndarray
    """`(Q, 3, 3)`, of metres along the camera's axes."""
    begin: np.ndarray
    """`(Q,)`: begin + t (along · (i, j, 1)) is 0 where a cone begins and 1 where it ends; of a cap it is 0 where that
    begins, and never 1."""
    along: np.ndarray
    """`(Q, 3)`."""


_Surface = tuple[np.ndarray, ...]
"""Of all parts: outline, k1, k0, normal, normals, begin, along."""


def quadrics(parts: Parts, view: View) -> Quadrics:
    """All surfaces of parts that are in the picture, those of one part one after the other."""
    # What is thinner than a pixel would be seen in some pixels only.
    least = _THIN_PX * view.seen(parts.starts)[:, 2] / view.focal / parts.radii.max(axis=1)
    scales = np.maximum(parts.scales, least[:, None])
    matrices = np.swapaxes(parts.turns, 1, 2) @ view.turn.T / scales[:, :, None]
    seen = np.stack([view.seen(parts.starts), view.seen(parts.stops)], axis=1)
    is_two = (parts.starts != parts.stops).any(axis=1)
    surfaces = [_cone(matrices, seen, parts.radii), *(_ball(matrices, seen, parts.radii, end) for end in (0, 1))]
    is_cone = is_two & (
        _squared(seen[:, 1] - seen[:, 0], matrices) > (parts.radii[:, 0] - parts.radii[:, 1]) ** 2 + 1e-9
    )
    wanted = np.stack([is_cone, parts.closed[:, 0] | ~is_two, parts.closed[:, 1] & is_two], axis=1)
    wanted &= (seen[:, :, 2].min(axis=1) > NEAR_M)[:, None]
    boxes = _boxes(matrices, seen, parts.radii, view)
    wanted &= (boxes[:, :, 0] < boxes[:, :, 2]) & (boxes[:, :, 1] < boxes[:, :, 3])
    order = np.flatnonzero(wanted)
    mixed = [np.stack(kinds, axis=1).reshape(-1, *kinds[0].shape[1:])[order] for kinds in zip(*surfaces, strict=True)]
    outline, k1, k0, normal, normals, begin, along = mixed
    # From rays to pixels from the middle.
    pixel = np.array([1 / view.focal, 1 / view.focal, 1.0])
    outline, k1, along = outline * pixel[:, None] * pixel, k1 * pixel, along * pixel
    middles = np.concatenate([seen, seen[:, :1]], axis=1)[:, (0, 0, 1)].reshape(-1, 3)[order]
    radii = np.stack([parts.radii.mean(axis=1), parts.radii[:, 0], parts.radii[:, 1]], axis=1).reshape(-1)[order]
    at = np.concatenate([middles[:, :2] / middles[:, 2:] * view.focal, np.ones((len(order), 1))], axis=1)
    peak = np.einsum("qi,qij,qj->q", at, outline, at)
    thinnest = radii * scales.min(axis=1)[order // 3]
    steep = 2 * np.abs(peak) / (thinnest * view.focal / middles[:, 2])
    return Quadrics(order // 3, boxes.reshape(-1, 4)[order], outline, steep, k1, k0, normal, normals, begin, along)


def _squared(vectors: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    made = _times(matrices, vectors)
    return (made * made).sum(axis=1)


def _scaled(k1: np.ndarray, k0: np.ndarray, k2: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """h, k1 and k0 so that k1 is near -1: the same surface, and numbers that float32 holds well."""
    factor = 1 / np.maximum(np.abs(k1[:, 2]), 1e-12)
    k1, k0 = k1 * factor[:, None], k0 * factor
    return k1[:, :, None] * k1[:, None, :] - (k0 * factor)[:, None, None] * k2, k1, k0


def _ball(matrices: np.ndarray, seen: np.ndarray, radii: np.ndarray, end: int) -> _Surface:
    """The surfaces of the balls at one end. Of a part with two, only what its cone does not touch is drawn."""
    start, axis, radius = -_times(matrices, seen[:, end]), _times(matrices, seen[:, 1] - seen[:, 0]), radii[:, end]
    back = np.swapaxes(matrices, 1, 2)
    outline, k1, k0 = _scaled(_times(back, start), (start * start).sum(1) - radius**2, back @ matrices)
    normal = _times(back, start) / radius[:, None]
    normals = back @ matrices / radius[:, None, None]
    length = np.linalg.norm(axis, axis=1)
    # Never 1: a fifth of what goes from 0 at the cone to 1 at a pole.
    outwards = (1 if end else -1) * np.where(length > 1e-9, 0.2 / np.maximum(length * radius, 1e-9), 0.0)
    less = radius * (radii[:, 0] - radii[:, 1])
    begin = ((axis * start).sum(1) - less) * outwards + np.where(length > 1e-9, 0.2 * _OVERLAP, 0.5)
    return outline, k1, k0, normal, normals, begin, _times(back, axis) * outwards[:, None]


def _cone(matrices: np.ndarray, seen: np.ndarray, radii: np.ndarray) -> _Surface:
    """The surfaces between two balls; nothing of use where one ball holds the other."""
    start, axis = -_times(matrices, seen[:, 0]), _times(matrices, seen[:, 1] - seen[:, 0])
    first, less = radii[:, 0], radii[:, 0] - radii[:, 1]
    m0 = (axis * axis).sum(1)
    d2 = np.maximum(m0 - less**2, 1e-9)
    m1 = (axis * start).sum(1)
    back = np.swapaxes(matrices, 1, 2)
    m2 = _times(back, axis)
    k2 = d2[:, None, None] * (back @ matrices) - m2[:, :, None] * m2[:, None, :]
    k1 = d2[:, None] * _times(back, start) - (m1 - less * first)[:, None] * m2
    k0 = d2 * (start * start).sum(1) - m1**2 + 2 * m1 * less * first - m0 * first**2
    outline, k1, k0 = _scaled(k1, k0, k2)
    begin, along = (m1 - first * less) / d2, m2 / d2[:, None]
    normal = _times(back, start - axis * begin[:, None])
    normals = back @ (matrices - axis[:, :, None] * along[:, None, :])
    return outline, k1, k0, normal, normals, begin, along


def _boxes(matrices: np.ndarray, seen: np.ndarray, radii: np.ndarray, view: View) -> np.ndarray:
    """`(P, 3, 4)` int: boxes of cones, and of the caps at both ends.

    How far a surface reaches in a direction is how far its normals go in it. Those of a cone make one angle with its
    axis, those of a cap at most that angle.
    """
    axis = _times(matrices, seen[:, 1] - seen[:, 0])
    length = np.linalg.norm(axis, axis=1)
    is_ball = length < 1e-9
    axis = axis / np.where(is_ball, 1.0, length)[:, None]
    tilt = np.where(is_ball, 0.0, (radii[:, 0] - radii[:, 1]) / np.where(is_ball, 1.0, length)).clip(-1, 1)
    back = np.linalg.inv(matrices)
    far = np.maximum(seen[:, :, 2], NEAR_M)
    made = np.empty((len(seen), 3, 4))
    for side in (0, 1):
        for end in (0, 1):
            middle = seen[:, end, side] / far[:, end]
            # The direction in which points move to the side in the picture, in the space where the part is round.
            way = back[:, side] - middle[:, None] * back[:, 2]
            size = np.linalg.norm(way, axis=1)
            reach = radii[:, end] * size * view.focal / far[:, end]
            loose = 1.5 + _LOOSE * reach
            cosine = (_dot(way, axis) / size).clip(-1, 1)
            cone, cap = _extents(cosine, tilt, outwards=1 if end else -1)
            cap = np.where(is_ball, [[-1.0], [1.0]], cap)
            for kind, (least, most) in ((0, cone), (1 + end, cap)):
                low, high = middle * view.focal + reach * least - loose, middle * view.focal + reach * most + loose
                is_second = kind == 0 and end == 1
                made[:, kind, side] = np.minimum(made[:, kind, side], low) if is_second else low
                made[:, kind, 2 + side] = np.maximum(made[:, kind, 2 + side], high) if is_second else high
    made += np.tile(np.array(view.middle), 2)
    made[..., :2] = np.floor(made[..., :2])
    made[..., 2:] = np.ceil(made[..., 2:])
    return np.clip(made, 0, np.tile([view.width, view.height], 2)).astype(int)


def _extents(cosine: np.ndarray, tilt: np.ndarray, *, outwards: int) -> tuple[np.ndarray, np.ndarray]:
    """The least and the most of a direction in unit normals of a cone, and of its cap at one end: `(2, P)` each.

    `cosine`: between the direction and the axis. `tilt`: between the cone's normals and the axis. `outwards`: 1 at the
    axis's end, -1 at its start.
    """
    across = np.sqrt(1 - cosine * cosine) * np.sqrt(1 - tilt * tilt)
    cone = np.stack([tilt * cosine - across, tilt * cosine + across])
    out, edge = cosine * outwards, tilt * outwards
    # The direction itself, or its opposite, may be among a cap's normals.
    cap = np.stack([np.where(-out >= edge, -1.0, cone[0]), np.where(out >= edge, 1.0, cone[1])])
    return cone, cap


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    made: np.ndarray = (one * other).sum(axis=1)
    return made


def _times(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return np.einsum("pij,pj->pi", matrices, vectors)
