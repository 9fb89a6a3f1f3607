"""The one skeleton that all motion is brought to: 22 joints, a person of 1.72 m, in a T-pose that faces z.

Its joints have the names that Mixamo, MotionBuilder and Blender's retargeting know. Lengths are near those of the
subjects of CMU's recordings, the same on both sides.
"""

from __future__ import annotations

from pipeline.motion.skeleton import Point, Skeleton

_LEFT: tuple[tuple[str, str, Point], ...] = (
    ("UpLeg", "Hips", (0.092, -0.095, 0.0)),
    ("Leg", "UpLeg", (0.0, -0.43, 0.0)),
    ("Foot", "Leg", (0.0, -0.41, 0.0)),
    ("ToeBase", "Foot", (0.0, -0.033, 0.121)),
    ("Shoulder", "Spine2", (0.025, 0.13, 0.0)),
    ("Arm", "Shoulder", (0.165, 0.02, 0.0)),
    ("ForeArm", "Arm", (0.275, 0.0, 0.0)),
    ("Hand", "ForeArm", (0.265, 0.0, 0.0)),
)
_TRUNK: tuple[tuple[str, str, Point], ...] = (
    ("Hips", "", (0.0, 0.0, 0.0)),
    ("Spine", "Hips", (0.0, 0.04, 0.0)),
    ("Spine1", "Spine", (0.0, 0.11, 0.0)),
    ("Spine2", "Spine1", (0.0, 0.115, 0.0)),
    ("Neck", "Spine2", (0.0, 0.145, 0.0)),
    ("Head", "Neck", (0.0, 0.13, 0.01)),
)
_TIPS: tuple[tuple[str, Point], ...] = (
    ("Head", (0.0, 0.19, 0.0)),
    ("LeftToeBase", (0.0, 0.0, 0.065)),
    ("RightToeBase", (0.0, 0.0, 0.065)),
    ("LeftHand", (0.15, 0.0, 0.0)),
    ("RightHand", (-0.15, 0.0, 0.0)),
)

SOLE_M = 0.025
"""How high toe joints are above the floor when a figure stands."""

ANKLE_M = 0.058
"""How high ankles are above the floor when a figure stands."""


def _limb(side: str, start: int, stop: int) -> list[tuple[str, str, Point]]:
    sign = 1.0 if side == "Left" else -1.0
    own = {name for name, _, _ in _LEFT}
    return [
        (side + name, side + parent if parent in own else parent, (sign * x, y, z))
        for name, parent, (x, y, z) in _LEFT[start:stop]
    ]


def _figure() -> Skeleton:
    hips, *trunk = _TRUNK
    legs = _limb("Left", 0, 4) + _limb("Right", 0, 4)
    joints = [hips, *legs, *trunk, *_limb("Left", 4, 8), *_limb("Right", 4, 8)]
    names = [name for name, _, _ in joints]
    return Skeleton(
        tuple(names),
        tuple(names.index(parent) if parent else -1 for _, parent, _ in joints),
        tuple(offset for _, _, offset in joints),
        tuple((names.index(name), tip) for name, tip in _TIPS),
    )


FIGURE = _figure()
"""Hips, then the legs from hip to toe, the spine to the head, and the arms from collar to hand; left before right."""

FEET = ("LeftFoot", "LeftToeBase", "RightFoot", "RightToeBase")
"""The joints that touch the floor."""

REST_HEIGHTS_M = (ANKLE_M, SOLE_M, ANKLE_M, SOLE_M)
"""How high FEET are above the floor when a figure stands."""
