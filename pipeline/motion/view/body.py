"""The body of a figure: rounded cones on its bones. Palettes colour them, quadrics.py finds out where they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.motion.clip import Pose
from pipeline.motion.figure import FIGURE
from pipeline.motion.skeleton import Point

SLOTS = ("limbs", "trunk", "joints", "head", "ends", "blade", "hilt")
"""What parts take their colour from."""

_CRISP, _SOFT, _BROAD = 0.001, 0.012, 0.03
"""Metres over which a part goes over into the one behind it."""


_OPEN, _BELOW, _BEYOND = (False, False), (True, False), (False, True)


@dataclass(frozen=True)
class End:
    """A ball on a joint."""

    joint: str
    at: Point
    """Metres along the joint's axes."""
    radius: float


@dataclass(frozen=True)
class Part:
    """What two balls and a cone that touches both enclose; a ball alone where there is no second one."""

    slot: str
    start: End
    stop: End | None = None
    scale: Point = (1.0, 1.0, 1.0)
    """How much wider it is along the axes of the first ball's joint."""
    blend_m: float = _SOFT
    """Over which it goes over into other parts."""
    closed: tuple[bool, bool] = (True, True)
    """Whether the first and the second ball are drawn, too; what lies inside another part needs none."""


def _ball(slot: str, joint: str, at: Point, radius: float, scale: Point = (1, 1, 1), blend_m: float = _SOFT) -> Part:
    return Part(slot, End(joint, at, radius), None, scale, blend_m)


_CHEST = (1.22, 1.0, 0.84)
"""Chests are wider than deep."""


def _trunk() -> list[Part]:
    chest = End("Spine2", (0, 0.07, 0.0), 0.122)
    return [
        _ball("trunk", "Hips", (0, -0.036, -0.004), 0.106, (1.46, 1.06, 1.0), _BROAD),
        Part("joints", End("Hips", (0, 0.03, 0), 0.096), End("Spine1", (0, 0.0, 0), 0.094), _CHEST, _CRISP, _OPEN),
        Part("trunk", End("Spine", (0, 0.078, 0), 0.101), End("Spine1", (0, 0.06, 0), 0.108), _CHEST, _CRISP),
        Part("trunk", End("Spine1", (0, 0.06, 0), 0.108), chest, _CHEST, _SOFT, _BEYOND),
        Part(
            "trunk",
            End("Spine2", (0, 0.09, 0), 0.1),
            End("Neck", (0, -0.012, -0.004), 0.056),
            (1.3, 1, 0.96),
            _BROAD,
            _BEYOND,
        ),
        Part(
            "joints",
            End("Spine2", (0, 0.12, 0.0), 0.05),
            End("Head", (0, 0.03, 0.008), 0.046),
            (1, 1, 1),
            _CRISP,
            _OPEN,
        ),
        Part(
            "head", End("Head", (0, 0.1, 0.016), 0.083), End("Head", (0, 0.03, 0.04), 0.056), (0.92, 1.08, 1.08), _SOFT
        ),
        _ball("joints", "Head", (0, 0.078, 0.0555), 0.062, (1.02, 0.52, 1.0), _CRISP),
    ]


def _arm(side: str, sign: float) -> list[Part]:
    def at(x: float, y: float = 0.0, z: float = 0.0) -> Point:
        return (sign * x, y, z)

    arm, fore, hand = side + "Arm", side + "ForeArm", side + "Hand"
    return [
        Part(
            "trunk",
            End("Spine2", at(0.09, 0.083, 0.0), 0.077),
            End(arm, at(-0.026), 0.056),
            (1, 1, 0.95),
            _BROAD,
        ),
        _ball("joints", arm, at(0.004), 0.0565, blend_m=_CRISP),
        Part("limbs", End(arm, at(0.042), 0.0545), End(arm, at(0.225), 0.0415)),
        _ball("joints", fore, at(0.0), 0.0395, blend_m=_CRISP),
        Part("limbs", End(fore, at(0.045), 0.043), End(fore, at(0.222), 0.0295)),
        _ball("joints", hand, at(-0.006), 0.0265, blend_m=_CRISP),
    ]


def _hand(side: str, sign: float) -> list[Part]:
    def end(x: float, y: float, z: float, radius: float) -> End:
        return End(side + "Hand", (sign * x, y, z), radius)

    return [
        Part("ends", end(0.03, 0, 0, 0.029), end(0.08, 0, 0, 0.036), (1, 0.56, 1.1)),
        Part("ends", end(0.085, 0, 0, 0.033), end(0.152, -0.014, 0, 0.02), (1, 0.52, 1.3)),
        Part("ends", end(0.03, -0.004, 0.022, 0.017), end(0.092, -0.02, 0.05, 0.0115)),
    ]


def _fist(side: str, sign: float) -> list[Part]:
    def end(x: float, y: float, z: float, radius: float) -> End:
        return End(side + "Hand", (sign * x, y, z), radius)

    return [
        Part("ends", end(0.028, 0, 0, 0.029), end(0.075, -0.002, 0, 0.035), (1, 0.62, 1.1), closed=_BELOW),
        Part("ends", end(0.088, -0.02, -0.024, 0.027), end(0.082, -0.02, 0.026, 0.028), (0.95, 1.1, 1)),
        Part("ends", end(0.045, -0.012, 0.03, 0.017), end(0.088, -0.036, 0.032, 0.0125)),
    ]


_GRIP = np.array([-0.082, -0.03, 0.0])
"""Where the right hand's palm holds something, along its axes."""

_WAY = np.array([-0.42, 0.0, 0.9075])
"""Where a blade points: ahead of the thumb, and a little along the fingers."""


def _sword() -> list[Part]:
    def end(along: float, radius: float, across: float = 0.0) -> End:
        x, y, z = (_GRIP + _WAY * along + np.array([0.0, across, 0.0])).tolist()
        return End("RightHand", (x, y, z), radius)

    return [
        _ball("hilt", "RightHand", end(-0.1, 0).at, 0.018),
        Part("joints", end(-0.095, 0.0125), end(0.065, 0.0135), blend_m=_CRISP, closed=_OPEN),
        Part("hilt", end(0.072, 0.0085, -0.075), end(0.072, 0.0085, 0.075), blend_m=_CRISP),
        Part("blade", end(0.07, 0.020), end(0.72, 0.016), (0.36, 1, 0.36), _CRISP, _OPEN),
        Part("blade", end(0.72, 0.016), end(BLADE_M, 0.003), (0.36, 1, 0.36), _CRISP, _BEYOND),
    ]


BLADE_M = 0.84
"""From the grip to the point."""

BLADE = (tuple((_GRIP + _WAY * 0.1).tolist()), tuple((_GRIP + _WAY * BLADE_M).tolist()))
"""Where a blade begins and ends, along the right hand's axes."""


def _leg(side: str) -> list[Part]:
    thigh, shin, foot, toe = side + "UpLeg", side + "Leg", side + "Foot", side + "ToeBase"
    return [
        Part("limbs", End(thigh, (0, -0.015, 0), 0.0895), End(thigh, (0, -0.375, 0.004), 0.0575), blend_m=_CRISP),
        _ball("joints", shin, (0, 0, 0.004), 0.0535, blend_m=_CRISP),
        Part("limbs", End(shin, (0, -0.055, 0), 0.054), End(shin, (0, -0.36, 0), 0.036)),
        _ball("limbs", shin, (0, -0.13, -0.018), 0.05, (0.95, 2.2, 0.92), 0.02),
        _ball("joints", foot, (0, 0.0, 0), 0.0345, blend_m=_CRISP),
        Part(
            "ends",
            End(foot, (0, -0.026, -0.03), 0.032),
            End(foot, (0, -0.032, 0.11), 0.026),
            (1.25, 1, 1),
            closed=_BELOW,
        ),
        Part(
            "ends", End(foot, (0, -0.008, 0.02), 0.036), End(foot, (0, -0.028, 0.1), 0.027), (1.12, 1, 1), closed=_OPEN
        ),
        Part("ends", End(toe, (0, 0.002, -0.008), 0.0265), End(toe, (0, -0.003, 0.055), 0.021), (1.45, 1, 1)),
    ]


def parts_of(prop: str | None) -> tuple[Part, ...]:
    """A body, and what it holds in its right hand: "sword" or nothing."""
    made = [*_trunk(), *_arm("Left", 1), *_arm("Right", -1), *_leg("Left"), *_leg("Right"), *_hand("Left", 1)]
    return (*made, *(_hand("Right", -1) if prop is None else [*_fist("Right", -1), *_sword()]))


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of bodies in one frame, in the world: P of them."""

    starts: np.ndarray
    """`(P, 3)` metres."""
    stops: np.ndarray
    """`(P, 3)` metres; of a ball alone, as its start."""
    radii: np.ndarray
    """`(P, 2)` metres."""
    turns: np.ndarray
    """`(P, 3, 3)`: from the axes of the scale to the world's."""
    scales: np.ndarray
    """`(P, 3)`."""
    closed: np.ndarray
    """`(P, 2)` bool: whether the balls at the start and the stop are seen."""
    balls: np.ndarray
    """`(B, 2)`: balls that stand for parts where shape does not matter: whose each is, and at what share of its way."""


class Body:
    """Parts whose joints were looked up."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts
        stops = [part.stop or part.start for part in parts]
        self._starts = np.array([FIGURE.index[part.start.joint] for part in parts])
        self._stops = np.array([FIGURE.index[stop.joint] for stop in stops])
        self._from = np.array([part.start.at for part in parts], float)
        self._to = np.array([stop.at for stop in stops], float)
        self._radii = np.array([(part.start.radius, stop.radius) for part, stop in zip(parts, stops, strict=True)])
        self.blends_m = np.array([part.blend_m for part in parts])
        """`(P,)`: over how much each goes over into others."""
        self._closed = np.array([part.closed for part in parts])
        self._balls = np.array([(number, share) for number, part in enumerate(parts) for share in _shares(part)])
        self._scales = np.array([part.scale for part in parts], float)

    def placed(self, pose: Pose, frame: int) -> Parts:
        """Where its parts are in one of a pose's frames."""
        turns, places = pose.turns[frame], pose.positions[frame]
        return Parts(
            places[self._starts] + np.einsum("pij,pj->pi", turns[self._starts], self._from),
            places[self._stops] + np.einsum("pij,pj->pi", turns[self._stops], self._to),
            self._radii,
            turns[self._starts],
            self._scales,
            self._closed,
            self._balls,
        )


def _shares(part: Part) -> list[float]:
    """Where balls along a part are: about one for each of its radius."""
    if part.stop is None or part.stop.joint != part.start.joint:
        return [0.5] if part.stop is None else [0.25, 0.75]
    length = float(np.linalg.norm(np.subtract(part.stop.at, part.start.at)))
    count = min(max(round(length / (part.start.radius + part.stop.radius)), 1), 6)
    return [(number + 0.5) / count for number in range(count)]


def together(many: Sequence[Parts]) -> Parts:
    """The parts of all, one after the other."""
    if len(many) == 1:
        return many[0]
    starts, stops, radii, turns, scales, closed = (
        np.concatenate(field)
        for field in zip(*[(p.starts, p.stops, p.radii, p.turns, p.scales, p.closed) for p in many], strict=True)
    )
    firsts = np.cumsum([0, *(len(parts.starts) for parts in many)])
    balls = [parts.balls + np.array([first, 0]) for parts, first in zip(many, firsts, strict=False)]
    return Parts(starts, stops, radii, turns, scales, closed, np.concatenate(balls))
