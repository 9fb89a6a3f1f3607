"""Rotations in the four ways in which motion is written: Euler angles, matrices, quaternions and 6-D.

Every function works on arrays with any number of leading axes. Matrices `(…, 3, 3)` turn column vectors, quaternions
`(…, 4)` are (w, x, y, z) and of unit length, angles are radians. An order of Euler angles such as "ZXY" means
R = Rz · Rx · Ry: turns about axes that move along, named in the order in which BVH lists its channels.
"""

from __future__ import annotations

import numpy as np

_AXES = {"X": 0, "Y": 1, "Z": 2}

_LOCKED = 1e-9
"""Cosine of the middle angle below which the outer two turn about the same axis."""


def multiply(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The quaternion that turns by `second` and then by `first`."""
    w1, x1, y1, z1 = np.moveaxis(first, -1, 0)
    w2, x2, y2, z2 = np.moveaxis(second, -1, 0)
    return np.stack(
        [
            w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
            w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
            w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
            w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
        ],
        axis=-1,
    )


def inverse(quaternions: np.ndarray) -> np.ndarray:
    """The quaternion that turns back."""
    return quaternions * np.array([1.0, -1.0, -1.0, -1.0])


def normalised(vectors: np.ndarray, *, fallback: np.ndarray | None = None) -> np.ndarray:
    """Vectors of length 1 along the last axis; where there is no direction, `fallback`, else zeros."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    made = vectors / np.where(length > 1e-12, length, 1.0)
    return made if fallback is None else np.where(length > 1e-12, made, fallback)


def about(axis: int, angles: np.ndarray) -> np.ndarray:
    """Quaternions that turn by these angles about x (0), y (1) or z (2)."""
    made = np.zeros((*np.shape(angles), 4))
    made[..., 0] = np.cos(angles / 2)
    made[..., 1 + axis] = np.sin(angles / 2)
    return made


def to_matrices(quaternions: np.ndarray) -> np.ndarray:
    """Matrices `(…, 3, 3)` of quaternions `(…, 4)`."""
    w, x, y, z = np.moveaxis(quaternions, -1, 0)
    made = np.empty((*quaternions.shape[:-1], 3, 3))
    made[..., 0, 0] = 1 - 2 * (y * y + z * z)
    made[..., 0, 1] = 2 * (x * y - w * z)
    made[..., 0, 2] = 2 * (x * z + w * y)
    made[..., 1, 0] = 2 * (x * y + w * z)
    made[..., 1, 1] = 1 - 2 * (x * x + z * z)
    made[..., 1, 2] = 2 * (y * z - w * x)
    made[..., 2, 0] = 2 * (x * z - w * y)
    made[..., 2, 1] = 2 * (y * z + w * x)
    made[..., 2, 2] = 1 - 2 * (x * x + y * y)
    return made


def from_matrices(matrices: np.ndarray) -> np.ndarray:
    """Quaternions `(…, 4)` of matrices `(…, 3, 3)`, w ≥ 0.

    Of the four ways to divide, the one with the largest divisor, so that no digits are lost.
    Source: Shepperd, "Quaternion from rotation matrix", Journal of Guidance and Control 1 (1978).
    """
    m = np.moveaxis(matrices, (-2, -1), (0, 1))
    trace = m[0, 0] + m[1, 1] + m[2, 2]
    parts = np.stack([trace, m[0, 0], m[1, 1], m[2, 2]], axis=-1)
    ways = np.stack(
        [
            np.stack([1 + trace, m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]], axis=-1),
            np.stack([m[2, 1] - m[1, 2], 1 + 2 * m[0, 0] - trace, m[0, 1] + m[1, 0], m[0, 2] + m[2, 0]], axis=-1),
            np.stack([m[0, 2] - m[2, 0], m[0, 1] + m[1, 0], 1 + 2 * m[1, 1] - trace, m[1, 2] + m[2, 1]], axis=-1),
            np.stack([m[1, 0] - m[0, 1], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1], 1 + 2 * m[2, 2] - trace], axis=-1),
        ],
        axis=-2,
    )
    best = parts.argmax(axis=-1)
    made = normalised(np.take_along_axis(ways, best[..., None, None], axis=-2)[..., 0, :])
    return np.where(made[..., :1] < 0, -made, made)


def from_euler(angles: np.ndarray, order: str) -> np.ndarray:
    """Quaternions of angles `(…, len(order))`. `order`: one to three of X, Y and Z, the outermost turn first."""
    made = about(_AXES[order[0]], angles[..., 0])
    for place, letter in enumerate(order[1:], start=1):
        made = multiply(made, about(_AXES[letter], angles[..., place]))
    return made


def to_euler(quaternions: np.ndarray, order: str) -> np.ndarray:
    """Angles `(…, 3)` in (-π, π], the middle one in [-π/2, π/2]. `order`: three different letters of X, Y and Z.

    Where the outer axes coincide, the last angle is 0: the rotation is the same all the same.
    Source: Shoemake, "Euler angle conversion", Graphics Gems IV (1994).
    """
    i, j, k = (_AXES[letter] for letter in order)
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    m = to_matrices(quaternions)
    cosine = np.hypot(m[..., i, i], m[..., i, j])
    middle = np.arctan2(sign * m[..., i, k], cosine)
    locked = cosine < _LOCKED
    first = np.where(
        locked,
        np.arctan2(sign * m[..., k, j], m[..., j, j]),
        np.arctan2(-sign * m[..., j, k], m[..., k, k]),
    )
    last = np.where(locked, 0.0, np.arctan2(-sign * m[..., i, j], m[..., i, i]))
    return np.stack([first, middle, last], axis=-1)


def to_six(quaternions: np.ndarray) -> np.ndarray:
    """The first two columns of the matrix, one after the other: `(…, 6)`, continuous where angles jump.

    Source: Zhou et al., "On the continuity of rotation representations in neural networks", CVPR 2019, section 4.
    """
    m = to_matrices(quaternions)
    return np.concatenate([m[..., :, 0], m[..., :, 1]], axis=-1)


def from_six(six: np.ndarray) -> np.ndarray:
    """Quaternions `(…, 4)` of any `(…, 6)`: the two columns are made perpendicular and of length 1 (Gram-Schmidt).

    Source: Zhou et al., CVPR 2019, equation 15.
    """
    first = normalised(six[..., :3], fallback=np.array([1.0, 0.0, 0.0]))
    rest = six[..., 3:] - (first * six[..., 3:]).sum(-1, keepdims=True) * first
    second = normalised(rest, fallback=_perpendicular(first))
    return from_matrices(np.stack([first, second, np.cross(first, second)], axis=-1))


def _perpendicular(vectors: np.ndarray) -> np.ndarray:
    """Some unit vector at a right angle to each unit vector."""
    least = np.eye(3)[np.abs(vectors).argmin(axis=-1)]
    return normalised(np.cross(np.cross(vectors, least), vectors))


def between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The matrices `(…, 3, 3)` of the least turn that brings the unit vectors `start` to `end`."""
    cosine = (start * end).sum(-1, keepdims=True)
    opposite = np.concatenate([np.zeros_like(cosine), _perpendicular(start)], axis=-1)
    half = normalised(np.concatenate([1 + cosine, np.cross(start, end)], axis=-1))
    return to_matrices(np.where(cosine < -1 + 1e-9, opposite, half))


def slerp(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Quaternions on the shorter way from `start` (share 0) to `end` (share 1), at even speed. `share`: `(…)`.

    Source: Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985.
    """
    cosine = (start * end).sum(-1)
    end = np.where(cosine[..., None] < 0, -end, end)
    angle = np.arccos(np.minimum(np.abs(cosine), 1.0))
    # So close together that the chord is the arc.
    near = angle < 1e-6
    sine = np.where(near, 1.0, np.sin(angle))
    before = np.where(near, 1 - share, np.sin((1 - share) * angle) / sine)
    after = np.where(near, share, np.sin(share * angle) / sine)
    return normalised(before[..., None] * start + after[..., None] * end)


def yaw_of(quaternions: np.ndarray) -> np.ndarray:
    """The angle `(…)` by which each turns about the vertical, in (-π, π], what is left being the least tilt.

    Defined unless a figure stands on its head.
    """
    made = 2 * np.arctan2(quaternions[..., 2], quaternions[..., 0])
    return (made + np.pi) % (2 * np.pi) - np.pi
