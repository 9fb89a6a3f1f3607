"""When feet are on the floor: near it, and hardly moving."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipeline.motion.figure import FEET, FIGURE, REST_HEIGHTS_M

FEET_PLACES = tuple(FIGURE.index[name] for name in FEET)
"""Ankle and toe of the left foot, then of the right."""


@dataclass(frozen=True)
class ContactLimits:
    """What still counts as standing."""

    above_rest_m: float = 0.04
    """Above the height that the joint has in a figure that stands."""
    speed_m_s: float = 0.5
    """A walk's feet pass the standing one at 2 to 4 m/s; noise of recordings stays below 0.3."""


DEFAULT_LIMITS = ContactLimits()


def speeds(positions: np.ndarray, rate: Fraction) -> np.ndarray:
    """Metres a second of positions `(frames, …, 3)`: `(frames, …)`, from neighbour to neighbour."""
    if len(positions) < 2:
        return np.zeros(positions.shape[:-1])
    return np.linalg.norm(np.gradient(positions, float(1 / rate), axis=0), axis=-1)


def contacts(positions: np.ndarray, rate: Fraction, limits: ContactLimits = DEFAULT_LIMITS) -> np.ndarray:
    """Which of FEET are on the floor: `(frames, 4)` bool. `positions`: our skeleton's, `(frames, 22, 3)` metres."""
    feet = positions[:, FEET_PLACES]
    low = feet[..., 1] < np.array(REST_HEIGHTS_M) + limits.above_rest_m
    return low & (speeds(feet, rate) < limits.speed_m_s)
