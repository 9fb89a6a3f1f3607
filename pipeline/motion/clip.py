"""A clip: a skeleton that moves, and where that brings its joints. Cutting, joining and the like are editing.py's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipeline.motion.rotations import to_matrices
from pipeline.motion.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Clip:
    """How a skeleton moves. Frame i is at i / rate seconds."""

    skeleton: Skeleton
    rate: Fraction
    """Frames a second."""
    roots: np.ndarray
    """`(frames, 3)` metres: where the root is in the world."""
    turns: np.ndarray
    """`(frames, joints, 4)` quaternions: how each joint is turned from its parent, the root from the world."""
    bones: np.ndarray | None = None
    """`(frames, joints, 3)` metres from parent to joint, where bones change their length; None: the skeleton's offsets.
    The root's row is not read."""

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return len(self.roots)

    @property
    def seconds(self) -> float:
        """How long the clip is shown."""
        return float(self.frames / self.rate)


@dataclass(frozen=True, eq=False)
class Pose:
    """Where joints are in the world, in each frame."""

    positions: np.ndarray
    """`(frames, joints, 3)` metres."""
    turns: np.ndarray
    """`(frames, joints, 3, 3)` matrices from each joint's own axes to the world's."""
    tips: np.ndarray
    """`(frames, tips, 3)` metres, in the order of the skeleton's tips."""


def posed(clip: Clip) -> Pose:
    """Every joint's place and turn in the world: forward kinematics, joint by joint, all frames at once."""
    skeleton, local = clip.skeleton, to_matrices(clip.turns)
    turns = np.empty_like(local)
    positions = np.empty((*local.shape[:2], 3))
    for place, parent in enumerate(skeleton.parents):
        if parent < 0:
            turns[:, place], positions[:, place] = local[:, place], clip.roots
            continue
        np.matmul(turns[:, parent], local[:, place], out=turns[:, place])
        offset = skeleton.offsets_m[place] if clip.bones is None else clip.bones[:, place]
        positions[:, place] = positions[:, parent] + _turned(turns[:, parent], offset)
    tips = [positions[:, place] + _turned(turns[:, place], np.array(offset)) for place, offset in skeleton.tips]
    return Pose(positions, turns, np.stack(tips, axis=1) if tips else np.empty((clip.frames, 0, 3)))


def at_rest(skeleton: Skeleton) -> Clip:
    """One frame in which nothing is turned and the root lies at the origin."""
    turns = np.zeros((1, len(skeleton.names), 4))
    turns[..., 0] = 1
    return Clip(skeleton, Fraction(1), np.zeros((1, 3)), turns)


def _turned(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return np.einsum("nij,nj->ni", matrices, np.broadcast_to(vectors, (len(matrices), 3)))
