"""A path that agrees with the feet: what slides is not the foot that stands, but the figure above it.

A generator's velocities are a little off, and over minutes a figure that stands drifts and turns. So the path is
corrected from step to step: by the movement of the feet that stand, turned round. What is left, where two feet
disagree, is planting.py's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.motion.clip import Clip, posed
from pipeline.motion.figure import FEET, FIGURE
from pipeline.motion.rotations import about, multiply

_FASTEST_M_S = 0.5
"""What moves faster does not stand, whatever is said of it."""
_SMOOTH_S = 0.2
"""Over which a correction comes and goes, so that a foot's first contact is no jolt."""
_APART_M = 0.15
"""Feet that are nearer to each other do not tell how a figure turns."""

_FLOOR = [0, 2]


def steadied(clip: Clip, touching: np.ndarray) -> Clip:
    """The clip on a path on which standing feet stay where they are, as far as all of them can.

    `clip`: of our skeleton. `touching`: `(frames, 4)` bool, as contacts.contacts has it.
    """
    if clip.frames < 2:
        return clip
    centres, turned, slid = _movements(clip, touching)
    window = max(1, round(_SMOOTH_S * float(clip.rate)) // 2 * 2 + 1)
    turned, slid = _smoothed(turned[:, None], window)[:, 0], _smoothed(slid, window)
    # World as it is → world as it is to be: a turn by `angle`, then `to`.
    angle, to = 0.0, np.zeros(2)
    angles, roots = np.zeros(clip.frames), clip.roots.copy()
    for step in range(clip.frames - 1):
        # Undo what the feet did: the turn about their middle, and the way that it went.
        angle -= turned[step]
        moved = centres[step] + slid[step]
        before = _turned(centres[step], angle + turned[step]) + to
        to = before - _turned(moved, angle)
        angles[step + 1] = angle
        roots[step + 1, _FLOOR] = _turned(clip.roots[step + 1, _FLOOR], angle) + to
    turns = clip.turns.copy()
    turns[:, 0] = multiply(about(1, angles), turns[:, 0])
    return replace(clip, roots=roots, turns=turns)


def _movements(clip: Clip, touching: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each step from frame to frame: the middle of what stands `(2,)`, by which angle that turned, where it went."""
    positions = posed(clip).positions
    places = [FIGURE.index[name] for name in FEET]
    feet = positions[:, places][..., _FLOOR]
    steps = np.diff(feet, axis=0)
    slow = np.linalg.norm(steps, axis=-1) * float(clip.rate) < _FASTEST_M_S
    stands = touching[1:] & touching[:-1] & slow
    centres = positions[:-1, 0][:, _FLOOR].copy()
    turned, slid = np.zeros(len(steps)), np.zeros((len(steps), 2))
    for step, (here, moved, flags) in enumerate(zip(feet[:-1], steps, stands, strict=True)):
        # Of a foot whose toe stands, the toe; else the ankle.
        points = [
            2 * foot + (1 if flags[2 * foot + 1] else 0) for foot in (0, 1) if flags[2 * foot : 2 * foot + 2].any()
        ]
        if not points:
            continue
        centres[step], slid[step] = here[points].mean(0), moved[points].mean(0)
        if len(points) > 1:
            across = here[points[1]] - here[points[0]]
            if np.linalg.norm(across) > _APART_M:
                after = across + moved[points[1]] - moved[points[0]]
                turned[step] = _angle(after) - _angle(across)
    return centres, (turned + np.pi) % (2 * np.pi) - np.pi, slid


def _angle(vector: np.ndarray) -> float:
    """About the vertical, of `(x, z)`; 0 along z."""
    return float(np.arctan2(vector[0], vector[1]))


def _turned(point: np.ndarray, angle: float) -> np.ndarray:
    """`(x, z)` turned about the vertical."""
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([cosine * point[0] + sine * point[1], cosine * point[1] - sine * point[0]])


def _smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """Means over so many steps, an odd number; ends are as if they went on."""
    half = window // 2
    wide = np.concatenate([np.repeat(values[:1], half, axis=0), values, np.repeat(values[-1:], half, axis=0)])
    sums = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), wide]), axis=0)
    return (sums[window:] - sums[:-window]) / window
