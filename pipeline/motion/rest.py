"""How a skeleton's joints are turned when it stands as ours does, in a T-pose: what makes turns comparable.

Files put zero where they like: CMU's figures spread their legs, others let their arms hang, some lay all bones along
one axis. For each of our joints we look for A such that "its joint is turned by G" means "ours is turned by G · A".
Where the skeleton stands upright at zero, that pose shows it. Where it does not, the motion does: knees and elbows bend
about one axis, soles lie on the floor, and on the whole heads look where chests do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.motion.clip import Pose, at_rest, posed
from pipeline.motion.figure import FIGURE
from pipeline.motion.rotations import between, normalised
from pipeline.motion.skeleton import Skeleton

_SIDES = ("Left", "Right")

_NEXT = {"UpLeg": "Leg", "Leg": "Foot", "Arm": "ForeArm", "ForeArm": "Hand"}
"""A limb's joint → the one that its bone leads to."""

_UPRIGHT = 0.8
"""Cosine between a leg and straight down, above which a skeleton stands."""

_STRAIGHT = 0.5
"""Cosine between upper arm and forearm, above which the arm is as straight as a T-pose's."""

_ALONG = 0.9
"""Cosine between a direction and an axis, above which the axis is meant."""

_TURNED_IN = 0.3
"""Sine between shin and foot, below which a foot tells no direction."""

_GUESSED = 0.02
"""Weight of what is true of most people beside what a motion shows of a joint's axis."""

_STOOPING = 0.02
"""One less the cosine of a trunk that leans by 11 degrees, and counts for a third of an upright one."""

_STEPPING_M = 0.02
"""Soles lie flat while a foot is about so near to its lowest place."""


@dataclass(frozen=True)
class Joints:
    """Where our joints are in another skeleton."""

    skeleton: Skeleton
    named: Mapping[str, int]
    spine: tuple[int, ...]
    """From above the hips to the chest, the joint from which arms part."""

    def hand_end(self, side: str) -> np.ndarray | None:
        """Direction `(3,)` from the wrist to the fingers, in the hand's own axes; None if nothing tells it."""
        place = self.named.get(side + "Hand")
        if place is None:
            return None
        offsets = [
            self.skeleton.offsets_m[child]
            for child in self.skeleton.children[place]
            if "thumb" not in self.skeleton.names[child].casefold()
        ]
        offsets += [np.array(tip) for joint, tip in self.skeleton.tips if joint == place]
        total = np.sum(offsets, axis=0) if offsets else np.zeros(3)
        return normalised(total) if np.linalg.norm(total) > 1e-6 else None


def joints_of(skeleton: Skeleton, named: Mapping[str, int]) -> Joints:
    """Finds the spine: what lies between the hips and the joint from which both arms hang."""
    arms = [skeleton.path(0, named[side + "Arm"]) for side in _SIDES]
    chest = [left for left, right in zip(*arms, strict=False) if left == right][-1]
    # In some skeletons hips and spine hang side by side on a root.
    below = set(skeleton.path(0, named["Hips"]))
    return Joints(skeleton, named, tuple(place for place in skeleton.path(0, chest) if place not in below))


def alignments(joints: Joints, motion: Pose, up: np.ndarray) -> dict[int, np.ndarray]:
    """Place of a joint → A `(3, 3)`, for all joints that have a name or are of the spine.

    `up`: the world's, `(3,)`; where a skeleton does not stand at zero, `motion` shows how its joints are turned.
    """
    rest = posed(at_rest(joints.skeleton)).positions[0]
    body = _standing(joints, rest)
    return _measured(joints, motion, up) if body is None else _of_rest(joints, rest, body)


def _standing(joints: Joints, rest: np.ndarray) -> np.ndarray | None:
    """Columns left, up, ahead of the pose at zero; None if it is no person who stands."""
    at = {name: rest[place] for name, place in joints.named.items()}
    left = normalised(at["LeftUpLeg"] - at["RightUpLeg"]) + normalised(at["LeftArm"] - at["RightArm"])
    up = normalised(at["Head"] - (at["LeftUpLeg"] + at["RightUpLeg"]) / 2)
    if np.linalg.norm(left) < 1 or abs(up @ normalised(left)) > 0.5 or not up.any():
        return None
    for side in _SIDES:
        leg = normalised(at[side + "Foot"] - at[side + "UpLeg"])
        upper = normalised(at[side + "ForeArm"] - at[side + "Arm"])
        lower = normalised(at[side + "Hand"] - at[side + "ForeArm"]) if side + "Hand" in at else upper
        if -leg @ up < _UPRIGHT or upper @ lower < _STRAIGHT:
            return None
    up, left, _ = _frame(_squared(up), _squared(normalised(left))).T
    return np.stack([left, up, np.cross(left, up)], axis=-1)


def _squared(direction: np.ndarray) -> np.ndarray:
    """The axis that a direction is near to, else the direction: zero poses are drawn along axes, people are not."""
    place = int(np.abs(direction).argmax())
    return np.eye(3)[place] * np.sign(direction[place]) if abs(direction[place]) > _ALONG else direction


def _of_rest(joints: Joints, rest: np.ndarray, body: np.ndarray) -> dict[int, np.ndarray]:
    """From the pose at zero. Limbs are turned from ours by the least turn that makes their bones parallel."""
    named = joints.named
    made = dict.fromkeys((*named.values(), *joints.spine), body)
    for side in _SIDES:
        for chain in (("UpLeg", "Leg", "Foot", "ToeBase"), ("Arm", "ForeArm", "Hand")):
            turn = body
            for part in chain:
                place = named.get(side + part)
                if place is None:
                    break
                ahead = _NEXT.get(part)
                if part == "Hand" and (end := joints.hand_end(side)) is not None:
                    turn = between(turn @ _ours(side, "ForeArm"), end) @ turn
                elif part == "Foot" and side + "ToeBase" in named:
                    turn = _toed(turn, rest[named[side + "ToeBase"]] - rest[place])
                elif ahead is not None and side + ahead in named:
                    turn = between(turn @ _ours(side, part), normalised(rest[named[side + ahead]] - rest[place])) @ turn
                made[place] = turn
    return made


def _toed(shin: np.ndarray, foot: np.ndarray) -> np.ndarray:
    """The shin's turn, turned about the shin to where the foot points. Soles are at a right angle to shins."""
    flat = normalised(foot)
    flat = flat - (flat @ shin[:, 1]) * shin[:, 1]
    if np.linalg.norm(flat) < _TURNED_IN:
        return shin
    return between(shin[:, 2], normalised(flat)) @ shin


def _measured(joints: Joints, motion: Pose, up: np.ndarray) -> dict[int, np.ndarray]:
    """From the motion: of each joint, the mean direction of two of the body's axes as the joint sees them."""
    named = joints.named
    at = {name: motion.positions[:, place] for name, place in named.items()}
    hips, arms = at["LeftUpLeg"] - at["RightUpLeg"], at["LeftArm"] - at["RightArm"]
    spine = (at["LeftArm"] + at["RightArm"] - at["LeftUpLeg"] - at["RightUpLeg"]) / 2
    hips, arms, spine = normalised(hips), normalised(arms), normalised(spine)
    made: dict[int, np.ndarray] = {}

    def seen(place: int, directions: np.ndarray) -> np.ndarray:
        return np.einsum("nij,ni->j", motion.turns[:, place], np.broadcast_to(directions, motion.positions[:, 0].shape))

    # People who stand straight hold their trunks as a T-pose does; who bends does not.
    straight = np.exp(-(1 - spine @ up) / _STOOPING)[:, None]
    for place in (*named.values(), *joints.spine):
        across = hips if place == named["Hips"] else arms
        made[place] = _frame(seen(place, straight * across), seen(place, straight * spine))
    for side in _SIDES:
        ahead = np.cross(arms, spine)
        upper, lower = at[side + "Leg"] - at[side + "UpLeg"], at[side + "Foot"] - at[side + "Leg"]
        knee = np.cross(normalised(upper), normalised(lower)) + _GUESSED * hips
        for part in ("UpLeg", "Leg"):
            place = named[side + part]
            bone = seen(place, at[side + _NEXT[part]] - at[side + part])
            made[place] = _aligned(bone, seen(place, knee), _ours(side, part), np.array([1.0, 0.0, 0.0]))
        made |= _foot(joints, motion, side, up, seen(named[side + "Foot"], np.cross(knee, up)))
        if side + "Hand" not in named:
            continue
        upper, lower = at[side + "ForeArm"] - at[side + "Arm"], at[side + "Hand"] - at[side + "ForeArm"]
        elbow = np.cross(normalised(upper), normalised(lower)) + _GUESSED * np.cross(normalised(upper), ahead)
        hinge = np.array([0.0, -1.0 if side == "Left" else 1.0, 0.0])
        for part in ("Arm", "ForeArm", "Hand"):
            place = named[side + part]
            fingers = joints.hand_end(side) if part == "Hand" else None
            ahead_m = lower if part == "Hand" else at[side + _NEXT[part]] - at[side + part]
            bone = seen(place, ahead_m) if fingers is None else fingers
            made[place] = _aligned(bone, seen(place, elbow), _ours(side, "Arm"), hinge)
    return made


def _foot(joints: Joints, motion: Pose, side: str, up: np.ndarray, ahead: np.ndarray) -> dict[int, np.ndarray]:
    """Foot and toes: their upward axis is the world's while the foot is down. `ahead`: as the foot sees it."""
    made = {}
    for part in ("Foot", "ToeBase"):
        place = joints.named.get(side + part)
        if place is None:
            continue
        height = motion.positions[:, place] @ up
        down = np.exp(-(height - height.min()) / _STEPPING_M)
        sole = np.einsum("nij,i,n->j", motion.turns[:, place], up, down)
        toe = joints.named.get(side + "ToeBase")
        if part == "Foot" and toe is not None:
            points = motion.positions[:, toe] - motion.positions[:, place]
            ahead = np.einsum("nij,ni->j", motion.turns[:, place], points)
        made[place] = _aligned(sole, ahead, np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
        # Toes follow the foot: seen from them, ahead is where the foot points.
        if part == "Foot" and toe is not None:
            world = np.einsum("nij,j->ni", motion.turns[:, place], ahead)
            ahead = np.einsum("nij,ni->j", motion.turns[:, toe], world)
    return made


def _ours(side: str, part: str) -> np.ndarray:
    """Direction of our bone from that joint on."""
    return normalised(FIGURE.offsets_m[FIGURE.index[side + _NEXT[part]]])


def _aligned(first: np.ndarray, second: np.ndarray, our_first: np.ndarray, our_second: np.ndarray) -> np.ndarray:
    """The turn that brings our two directions to theirs, the first exactly."""
    return _frame(first, second) @ _frame(our_first, our_second).T


def _frame(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Columns: `first`, what of `second` is at a right angle to it, and their cross product; all of length 1."""
    first = normalised(first, fallback=np.array([1.0, 0.0, 0.0]))
    across = np.cross(first, second)
    if np.linalg.norm(across) < 1e-9 * max(1.0, float(np.linalg.norm(second))):
        across = np.cross(first, np.eye(3)[np.abs(first).argmin()])
    third = normalised(across)
    return np.stack([first, np.cross(third, first), third], axis=-1)
