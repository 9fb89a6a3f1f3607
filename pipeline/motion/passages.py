"""One clip after the other without a jump, and without losing a frame of either.

Where a clip begins, it stands where the one before would be next, and faces there. What is left, how its pose differs
and how its speed does, is added to it and dies away: after PASSAGE_S seconds it is that clip alone.
Source: Bollo, "Inertialization: high-performance animation transitions in Gears of War", GDC 2018 (the difference dies
away, and both clips are needed on one side of the cut only); here by one smooth curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip, posed
from pipeline.motion.editing import cut, moved
from pipeline.motion.rotations import inverse, multiply, normalised, yaw_of

PASSAGE_S = 0.5

_SPEED_S = 0.25
"""In which another speed becomes the clip's own: longer, it would carry limbs away."""


def followed(clips: Sequence[Clip]) -> Clip:
    """All clips in a row: as many frames as they have together. The first stands as it is.

    Raises: MediaError if their skeletons or rates differ, or bones change their length.
    """
    whole = clips[0]
    for number, clip in enumerate(clips[1:], start=2):
        if clip.skeleton != whole.skeleton or clip.rate != whole.rate:
            raise MediaError(f"clip {number} cannot follow: it has another skeleton or rate; retarget, resample first")
        if clip.bones is not None or whole.bones is not None:
            raise MediaError(f"clip {number} cannot follow: bones change their length; retarget both first")
        whole = _followed(whole, clip)
    return whole


def _followed(first: Clip, second: Clip) -> Clip:
    last = min(2, first.frames)
    roots, turns = first.roots[-last:], first.turns[-last:]
    step = roots[-1] - roots[0]
    spin = _logarithm(multiply(turns[-1], inverse(turns[0])))
    due = multiply(_exponential(spin), turns[-1])
    yaw = float(yaw_of(due[0]) - yaw_of(second.turns[0, 0]))
    there = np.array([roots[-1, 0] + step[0], second.roots[0, 1], roots[-1, 2] + step[2]])
    second = moved(second, yaw=yaw, to=there)
    after = min(1, second.frames - 1)
    at = np.arange(second.frames)
    left, speed = (_left(at / max(float(first.rate) * lasts, 1.0)) for lasts in (PASSAGE_S, _SPEED_S))

    # Heights come back; on the floor the figure stays where its greater or lesser speed has brought it.
    faster = step - (second.roots[after] - second.roots[0])
    shift = np.cumsum(speed)[:, None] * faster - faster
    # Who falls as a clip ends has no floor below that would stop it.
    shift[:, 1] = (roots[-1, 1] + step[1] - second.roots[0, 1]) * left + at * max(faster[1], 0.0) * speed
    bent = _logarithm(multiply(due, inverse(second.turns[0])))
    faster_spin = spin - _logarithm(multiply(second.turns[after], inverse(second.turns[0])))
    added = bent * left[:, None, None] + faster_spin * (at * speed)[:, None, None]
    bent_clip = replace(second, roots=second.roots + shift, turns=multiply(_exponential(added), second.turns))
    passage = int((left > 0).sum())
    floor = np.minimum(_lowest(cut(second, 0, passage)), _lowest(cut(first, first.frames - 1, first.frames)))
    lift = np.zeros(second.frames)
    lift[:passage] = np.maximum(floor - _lowest(cut(bent_clip, 0, passage)), 0)
    return Clip(
        first.skeleton,
        first.rate,
        np.concatenate([first.roots, bent_clip.roots + lift[:, None] * [0, 1, 0]]),
        np.concatenate([first.turns, bent_clip.turns]),
    )


def _lowest(clip: Clip) -> np.ndarray:
    """How high the lowest joint is, `(frames,)` metres."""
    return np.asarray(posed(clip).positions[..., 1].min(axis=1))


def _left(share: np.ndarray) -> np.ndarray:
    """How much of a difference is left after a share of the passage: from 1 to 0, without a corner at either end."""
    gone = np.clip(share, 0, 1)
    return 1 - gone**3 * (10 - 15 * gone + 6 * gone**2)


def _logarithm(quaternions: np.ndarray) -> np.ndarray:
    """Axes times angles `(…, 3)` in radians, the shorter way round."""
    near = np.where(quaternions[..., :1] < 0, -quaternions, quaternions)
    sine = np.linalg.norm(near[..., 1:], axis=-1, keepdims=True)
    return normalised(near[..., 1:]) * 2 * np.arctan2(sine, near[..., :1])


def _exponential(vectors: np.ndarray) -> np.ndarray:
    """The quaternions of axes times angles."""
    half = np.linalg.norm(vectors, axis=-1, keepdims=True) / 2
    return np.concatenate([np.cos(half), normalised(vectors) * np.sin(half)], axis=-1)
