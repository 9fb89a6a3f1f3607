"""Feet that stand where they stand: what slides over the floor is held, and legs are bent so that they reach.

A leg is two bones. Given where its ankle belongs, knee and hip follow from the lengths alone, in the plane in which the
leg is bent already; the foot keeps its direction.
Source: Kovar, Schreiner and Gleicher, "Footskate cleanup for motion capture editing", SCA 2002 (what is held, and that
it is let go slowly); the two-bone solution is trigonometry.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.motion.clip import Clip, posed
from pipeline.motion.figure import FIGURE
from pipeline.motion.rotations import between, from_matrices, inverse, multiply, normalised

_SIDES = ("Left", "Right")
_LET_GO_S = 0.2
"""In which a foot that leaves the floor comes to where it would have been, and one that comes down from there."""
_LONGEST_M = 0.15
"""What is farther from where it belongs was no contact."""
_SHORTEST = 3
"""Frames of a contact."""
_STRETCHED = 0.999
"""Of a leg's length: straighter ones snap."""


def planted(clip: Clip, touching: np.ndarray) -> Clip:
    """The clip with feet that do not slide while they stand.

    `clip`: of our skeleton. `touching`: `(frames, 4)` bool, as contacts.contacts has it.
    """
    pose = posed(clip)
    turns = clip.turns.copy()
    for number, side in enumerate(_SIDES):
        ankle, toe = FIGURE.index[f"{side}Foot"], FIGURE.index[f"{side}ToeBase"]
        stands = touching[:, 2 * number : 2 * number + 2]
        shift = _shifts(pose.positions[:, ankle], pose.positions[:, toe], stands, float(clip.rate))
        _reach(turns, pose.positions, pose.turns, side, pose.positions[:, ankle] + shift)
    return replace(clip, turns=turns)


def lasting(touching: np.ndarray) -> np.ndarray:
    """Contacts `(frames, 4)` without those of fewer than _SHORTEST frames."""
    made = np.zeros_like(touching)
    for foot in range(touching.shape[1]):
        for start, stop in _runs(touching[:, foot]):
            made[start:stop, foot] = stop - start >= _SHORTEST
    return made


def _shifts(ankle: np.ndarray, toe: np.ndarray, stands: np.ndarray, rate: float) -> np.ndarray:
    """By how much a foot is moved in each frame: `(frames, 3)` metres, along the floor."""
    made = np.zeros((len(ankle), 3))
    standing = np.asarray(stands.any(axis=1))
    for start, stop in _runs(standing):
        # What stands is the toe where it touches, else the heel: it must not have moved since the frame before.
        on_toe = stands[start:stop, 1]
        steps = np.where(
            (on_toe[1:] & on_toe[:-1])[:, None], np.diff(toe[start:stop], axis=0), np.diff(ankle[start:stop], axis=0)
        )
        slid = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
        slid[:, 1] = 0
        # In the middle of where it slid, so that no foot goes far.
        back = slid.mean(axis=0) - slid
        if np.linalg.norm(back, axis=1).max() < _LONGEST_M:
            made[start:stop] = back
    return _let_go(made, standing, max(1, round(_LET_GO_S * rate)))


def _let_go(shifts: np.ndarray, stands: np.ndarray, frames: int) -> np.ndarray:
    """Between two times on the floor, a foot goes from one shift to nothing, and from there to the next."""
    made = shifts.copy()
    for start, stop in _runs(~stands):
        before = shifts[start - 1] if start else np.zeros(3)
        after = shifts[stop] if stop < len(shifts) else np.zeros(3)
        # In short flights both are at work at once, and add up.
        at = np.arange(1, stop - start + 1)
        made[start:stop] = before * _fade(at, frames)[:, None] + after * _fade(at[::-1], frames)[:, None]
    return made


def _fade(steps: np.ndarray, frames: int) -> np.ndarray:
    """From 1 down to 0 after so many frames, slow at both ends."""
    share = np.clip(1 - steps / (frames + 1), 0, 1)
    return share * share * (3 - 2 * share)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """`[start, stop)` of each run of true ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _reach(turns: np.ndarray, positions: np.ndarray, world: np.ndarray, side: str, goal: np.ndarray) -> None:
    """Bend one leg so that its ankle is at `goal`, `(frames, 3)`; changes `turns`."""
    hip, knee, ankle = (FIGURE.index[side + name] for name in ("UpLeg", "Leg", "Foot"))
    at_hip, at_knee, at_ankle = positions[:, hip], positions[:, knee], positions[:, ankle]
    moved = np.linalg.norm(goal - at_ankle, axis=1) > 1e-6
    upper, lower = FIGURE.bone_lengths_m[knee], FIGURE.bone_lengths_m[ankle]
    far = np.linalg.norm(goal - at_hip, axis=1)
    far = np.clip(far, abs(upper - lower) * 1.001, (upper + lower) * _STRETCHED)
    towards = normalised(goal - at_hip)
    # The knee stays on its side: in the plane of the leg as it was, or before it if it was straight.
    aside = at_knee - at_hip
    aside = aside - (aside * towards).sum(1, keepdims=True) * towards
    ahead = world[:, hip, :, 2]
    ahead = ahead - (ahead * towards).sum(1, keepdims=True) * towards
    out = normalised(aside + 1e-3 * ahead)
    along = (upper**2 + far**2 - lower**2) / (2 * far)
    height = np.sqrt(np.maximum(upper**2 - along**2, 0))
    new_knee = at_hip + along[:, None] * towards + height[:, None] * out
    new_ankle = at_hip + far[:, None] * towards
    swing = between(normalised(at_knee - at_hip), normalised(new_knee - at_hip))
    swung = np.einsum("nij,nj->ni", swing, at_ankle - at_knee)
    thigh = swing @ world[:, hip]
    shin = between(normalised(swung), normalised(new_ankle - new_knee)) @ swing @ world[:, knee]
    parent = from_matrices(world[:, FIGURE.parents[hip]])
    legs = [from_matrices(thigh), from_matrices(shin), from_matrices(world[:, ankle])]
    for joint, above, own in zip((hip, knee, ankle), (parent, *legs[:2]), legs, strict=True):
        local = multiply(inverse(above), own)
        turns[:, joint] = np.where(moved[:, None], local, turns[:, joint])
