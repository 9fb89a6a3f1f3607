"""What a network sees of a motion, `(frames, 203)`, and the way back to a clip.

A frame is seen from where its figure stands and looks: turned about the vertical by its heading, from the point of the
floor below its hips. So walking north and walking east are one motion. Velocities lead from frame to frame; adding them
up gives the path again, exactly. The layout is that of Guo et al., "Generating diverse and natural 3D human motions
from text", CVPR 2022, without joint velocities, which follow from the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip, posed
from pipeline.motion.contacts import DEFAULT_LIMITS, ContactLimits, contacts
from pipeline.motion.figure import FEET, FIGURE
from pipeline.motion.rotations import about, from_six, multiply, to_matrices, to_six, yaw_of

_JOINTS = len(FIGURE.names)

YAW_RATE = slice(0, 1)
"""Radians a second about the vertical, from the frame before to this one."""
VELOCITY = slice(1, 3)
"""Metres a second of the hips to the left and ahead, from the frame before to this one, in the heading of that one."""
HEIGHT = slice(3, 4)
"""Metres of the hips above the floor."""
POSITIONS = slice(4, 4 + 3 * (_JOINTS - 1))
"""Metres from the hips to the other joints, in the frame's heading."""
TURNS = slice(POSITIONS.stop, POSITIONS.stop + 6 * _JOINTS)
"""6-D turns from each joint's parent; the hips' in the frame's heading."""
CONTACTS = slice(TURNS.stop, TURNS.stop + len(FEET))
"""1 while ankle or toe is on the floor, else 0."""

WIDTH = CONTACTS.stop

_LEAST_SPREAD = 0.1
"""Of a group's mean deviation: a joint that hardly moves is not blown up."""


@dataclass(frozen=True)
class Start:
    """Where a path begins."""

    x_m: float = 0.0
    z_m: float = 0.0
    yaw: float = 0.0
    """Radians about the vertical; 0 looks along z."""


def features_of(clip: Clip, limits: ContactLimits = DEFAULT_LIMITS) -> np.ndarray:
    """`(frames, 203)` float32 of a clip of our skeleton. The first frame's velocities are the second's.

    Raises: MediaError if the clip has another skeleton, or fewer than two frames.
    """
    if clip.skeleton != FIGURE:
        raise MediaError("features are of our own skeleton; retarget the clip first")
    if clip.frames < 2:
        raise MediaError("features need two frames, for velocities; the clip has one")
    rate = float(clip.rate)
    positions = posed(clip).positions
    yaw = yaw_of(clip.turns[:, 0])
    back = about(1, -yaw)
    heading = to_matrices(back)
    made = np.empty((clip.frames, WIDTH))
    steps = np.diff(positions[:, 0], axis=0)
    turned = np.diff(yaw)
    made[1:, YAW_RATE] = ((turned + np.pi) % (2 * np.pi) - np.pi)[:, None] * rate
    made[1:, VELOCITY] = np.einsum("nij,nj->ni", heading[:-1], steps)[:, [0, 2]] * rate
    made[0, : VELOCITY.stop] = made[1, : VELOCITY.stop]
    made[:, HEIGHT] = positions[:, :1, 1]
    relative = np.einsum("nij,nkj->nki", heading, positions[:, 1:] - positions[:, :1])
    made[:, POSITIONS] = relative.reshape(clip.frames, -1)
    turns = clip.turns.copy()
    turns[:, 0] = multiply(back, turns[:, 0])
    made[:, TURNS] = to_six(turns).reshape(clip.frames, -1)
    made[:, CONTACTS] = contacts(positions, clip.rate, limits)
    return made.astype(np.float32)


def clip_of(features: np.ndarray, rate: Fraction, start: Start = Start()) -> Clip:
    """The clip of `(frames, 203)` features: turns and velocities make it, so bones keep their lengths.

    Velocities are added up in float64: after two minutes the end is within a tenth of a millimetre of the original's.
    Raises: MediaError if they have another shape or are not finite.
    """
    if features.ndim != 2 or features.shape[1] != WIDTH or not len(features):
        raise MediaError(f"features have the shape {features.shape}; (frames, {WIDTH}) belongs there")
    if not np.isfinite(features).all():
        raise MediaError("features hold values that are not finite; take an earlier state of the network")
    values = features.astype(np.float64)
    step = float(1 / rate)
    yaw = start.yaw + np.concatenate([[0.0], np.cumsum(values[1:, 0] * step)])
    sine, cosine = np.sin(yaw[:-1]), np.cos(yaw[:-1])
    left, ahead = values[1:, VELOCITY].T * step
    roots = np.empty((len(values), 3))
    roots[:, 0] = start.x_m + np.concatenate([[0.0], np.cumsum(cosine * left + sine * ahead)])
    roots[:, 1] = values[:, HEIGHT.start]
    roots[:, 2] = start.z_m + np.concatenate([[0.0], np.cumsum(cosine * ahead - sine * left)])
    turns = from_six(values[:, TURNS].reshape(-1, _JOINTS, 6))
    # A network's hips may be turned a little in what it takes for its heading; yaw is the path's alone.
    turns[:, 0] = multiply(about(1, yaw - yaw_of(turns[:, 0])), turns[:, 0])
    return Clip(FIGURE, rate, roots, turns)


def start_of(clip: Clip) -> Start:
    """Where a clip's path begins, so that `clip_of` gives it back in the same place."""
    return Start(float(clip.roots[0, 0]), float(clip.roots[0, 2]), float(yaw_of(clip.turns[0, 0])))


@dataclass(frozen=True, eq=False)
class Normal:
    """Mean and spread of each feature, by which a network's numbers are near 0 and near 1 in size."""

    mean: np.ndarray
    """`(203,)` float32."""
    spread: np.ndarray
    """`(203,)` float32, above 0."""

    def apply(self, features: np.ndarray) -> np.ndarray:
        """`(…, 203)` as networks take them."""
        return ((features - self.mean) / self.spread).astype(np.float32)

    def undo(self, numbers: np.ndarray) -> np.ndarray:
        """`(…, 203)` as a network gave them, in metres and radians."""
        return (numbers * self.spread + self.mean).astype(np.float32)


def normal_of(several: list[np.ndarray]) -> Normal:
    """Statistics over all frames of several clips' features, each `(frames, 203)`."""
    count = sum(map(len, several))
    mean = sum(values.sum(axis=0, dtype=np.float64) for values in several) / count
    square = sum(((values - mean) ** 2).sum(axis=0) for values in several) / count
    spread = np.sqrt(square)
    for group in (YAW_RATE, VELOCITY, HEIGHT, POSITIONS, TURNS, CONTACTS):
        spread[group] = np.maximum(spread[group], max(_LEAST_SPREAD * spread[group].mean(), 1e-4))
    return Normal(np.asarray(mean, np.float32), spread.astype(np.float32))
