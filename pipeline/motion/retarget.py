"""Any person's motion on our skeleton (figure.py): its joints turn as theirs do, on bones of our lengths.

Turns are carried over in the world, joint by joint, past all differences of rest poses (rest.py). The hips go where
theirs go, as far as our legs are longer or shorter, and the lowest steps are on the floor, y = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip, Pose, posed
from pipeline.motion.figure import FEET, FIGURE, REST_HEIGHTS_M
from pipeline.motion.names import match
from pipeline.motion.rest import Joints, alignments, joints_of
from pipeline.motion.rotations import from_matrices, normalised, slerp, to_matrices

Up = Literal["x", "y", "z"]

_PROBABLY_Y = 0.5
"""Where heads are above feet by this share along y, that is up; lying and climbing do not change it."""

_FLOOR_PERCENT = 2
"""Of the frames may be below the floor: what a recording gets wrong, and toes that press into a mat."""

_SIDES = ("Left", "Right")


def retarget(
    clip: Clip, *, where: str = "the clip", mapping: Mapping[str, str] | None = None, up: Up | None = None
) -> Clip:
    """The motion on our skeleton, at its own rate.

    `where`: what its user calls it. `mapping`: our names → theirs, for names that nobody knows. `up`: which of their
    axes that is; found by itself where people mostly stand.
    Raises: MediaError if joints that are needed have no known name, or legs have no length.
    """
    joints = joints_of(clip.skeleton, match(clip.skeleton, mapping, where))
    pose = posed(clip)
    upright = _upright(joints, pose, up)
    scale = _scale(joints, pose, where)
    world = _world_turns(joints, pose, upright)
    turns = np.empty((clip.frames, len(FIGURE.names), 4))
    for place, parent in enumerate(FIGURE.parents):
        own = world[place] if parent < 0 else np.swapaxes(world[parent], 1, 2) @ world[place]
        turns[:, place] = from_matrices(own)
    middle = pose.positions[:, [joints.named["LeftUpLeg"], joints.named["RightUpLeg"]]].mean(axis=1)
    ours = FIGURE.offsets_m[[FIGURE.index["LeftUpLeg"], FIGURE.index["RightUpLeg"]]].mean(axis=0)
    roots = scale * middle @ upright.T - world[0] @ ours
    return grounded(Clip(FIGURE, clip.rate, roots, turns))


def grounded(clip: Clip) -> Clip:
    """The clip of our skeleton, raised or lowered until its lowest steps are on the floor, y = 0."""
    heights = posed(clip).positions[:, [FIGURE.index[name] for name in FEET], 1] - np.array(REST_HEIGHTS_M)
    floor = float(np.percentile(heights.min(axis=1), _FLOOR_PERCENT))
    return replace(clip, roots=clip.roots - np.array([0.0, floor, 0.0]))


def _upright(joints: Joints, pose: Pose, up: Up | None) -> np.ndarray:
    """The matrix that turns their world so that y is up."""
    if up is None:
        feet = pose.positions[:, [joints.named["LeftFoot"], joints.named["RightFoot"]]].mean(axis=1)
        rising = normalised(pose.positions[:, joints.named["Head"]] - feet).mean(axis=0)
        axis = 1 if rising[1] > _PROBABLY_Y else int(np.abs(rising).argmax())
        sign = 1.0 if rising[axis] >= 0 else -1.0
    else:
        axis, sign = "xyz".index(up), 1.0
    made = np.zeros((3, 3))
    made[1, axis] = sign
    made[2, (axis + 1) % 3] = 1.0
    made[0, (axis + 2) % 3] = sign
    return made


def _scale(joints: Joints, pose: Pose, where: str) -> float:
    """How much longer our legs are."""
    at = {name: pose.positions[:, place] for name, place in joints.named.items()}
    theirs = ours = 0.0
    for side in _SIDES:
        for upper, lower in (("UpLeg", "Leg"), ("Leg", "Foot")):
            theirs += float(np.linalg.norm(at[side + upper] - at[side + lower], axis=1).mean())
            ours += float(FIGURE.bone_lengths_m[FIGURE.index[side + lower]])
    if theirs < 1e-6:
        raise MediaError(f"{where}: its legs have no length; export it with the skeleton's offsets")
    return ours / theirs


def _world_turns(joints: Joints, pose: Pose, upright: np.ndarray) -> list[np.ndarray]:
    """Of each of our joints, `(frames, 3, 3)`: how it is turned in a world whose y is up."""
    align = alignments(joints, pose, upright[1])

    def turn(place: int) -> np.ndarray:
        return upright @ pose.turns[:, place] @ align[place]

    made = {name: turn(place) for name, place in joints.named.items()}
    knots = [made["Hips"], *map(turn, joints.spine)]
    for number, name in enumerate(("Spine", "Spine1", "Spine2"), start=1):
        made[name] = _along(knots, number / 3)
    made.setdefault("Neck", _along([made["Spine2"], made["Head"]], 0.5))
    for side in _SIDES:
        made.setdefault(side + "Shoulder", made["Spine2"])
        made.setdefault(side + "Hand", made[side + "ForeArm"])
        made.setdefault(side + "ToeBase", made[side + "Foot"])
    return [made[name] for name in FIGURE.names]


def _along(knots: list[np.ndarray], share: float) -> np.ndarray:
    """The turn at that share of the way along evenly spaced ones."""
    place = share * (len(knots) - 1)
    before = min(int(place + 1e-9), len(knots) - 1)
    rest = place - before
    if rest < 1e-9 or before + 1 == len(knots):
        return knots[before]
    start, end = from_matrices(knots[before]), from_matrices(knots[before + 1])
    return to_matrices(slerp(start, end, np.full(len(start), rest)))
