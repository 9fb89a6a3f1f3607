"""What is wrong with a motion, in numbers that anybody can picture: feet that slide, bones that stretch, jerks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from pipeline.motion.contacts import FEET_PLACES
from pipeline.motion.skeleton import Skeleton


def foot_skate_cm_s(positions: np.ndarray, rate: Fraction, touching: np.ndarray) -> float:
    """How fast feet slide over the floor while they stand on it, centimetres a second; 0 if none ever stands.

    `positions`: our skeleton's, `(frames, 22, 3)` metres. `touching`: `(frames, 4)` bool, as contacts.py has it. A step
    from one frame to the next counts if the foot touches the floor in both.
    """
    standing = touching[1:] & touching[:-1]
    if not standing.any():
        return 0.0
    steps = np.linalg.norm(np.diff(positions[:, FEET_PLACES][..., [0, 2]], axis=0), axis=-1)
    return float(steps[standing].mean() * rate * 100)


def bone_deviation(positions: np.ndarray, skeleton: Skeleton) -> tuple[float, float]:
    """By which share of its length a bone is off: mean over frames and bones, and the worst.

    `positions`: `(frames, joints, 3)`. Bones without a length are left out.
    """
    has = [place for place, length in enumerate(skeleton.bone_lengths_m) if length > 1e-6]
    parents = [skeleton.parents[place] for place in has]
    there = np.linalg.norm(positions[:, has] - positions[:, parents], axis=-1)
    off = np.abs(there / skeleton.bone_lengths_m[has] - 1)
    return float(off.mean()), float(off.max())


def acceleration_m_s2(positions: np.ndarray, rate: Fraction) -> float:
    """Mean magnitude over frames and joints, metres a second squared; 0 of fewer than three frames."""
    return _difference(positions, rate, 2)


def jerk_m_s3(positions: np.ndarray, rate: Fraction) -> float:
    """Mean magnitude of how acceleration changes, metres a second cubed; 0 of fewer than four frames."""
    return _difference(positions, rate, 3)


def _difference(positions: np.ndarray, rate: Fraction, order: int) -> float:
    if len(positions) <= order:
        return 0.0
    return float(np.linalg.norm(np.diff(positions, order, axis=0), axis=-1).mean() * float(rate) ** order)
