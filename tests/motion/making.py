"""Small motions and files that tests make themselves."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from pipeline.motion.clip import Clip
from pipeline.motion.figure import FIGURE
from pipeline.motion.retarget import grounded
from pipeline.motion.rotations import about, from_euler, inverse, multiply, normalised, to_matrices
from pipeline.motion.skeleton import Skeleton

BVH = """HIERARCHY
ROOT Hips
{
\tOFFSET 0 0 0
\tCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
\tJOINT Chest
\t{
\t\tOFFSET 0 20 0
\t\tCHANNELS 3 Yrotation Zrotation Xrotation
\t\tEnd Site
\t\t{
\t\t\tOFFSET 0 30 0
\t\t}
\t}
\tJOINT Knee
\t{
\t\tOFFSET 10 -40 0
\t\tCHANNELS 1 Xrotation
\t\tEnd Site
\t\t{
\t\t\tOFFSET 0 -40 5
\t\t}
\t}
}
MOTION
Frames: 3
Frame Time: 0.0083333
0 90 0 0 0 0 0 0 0 10
1 90 0 5 0 90 0 -90 0 20
2 91.5 -1e-3 10 20 30 40 50 60 30
"""

ASF = """# by hand
:version 1.10
:name TEST
:units
  mass 1.0
  length 0.45
  angle deg
:root
  order TX TY TZ RX RY RZ
  axis XYZ
  position 0 0 0
  orientation 0 0 0
:bonedata
  begin
    id 1
    name leg
    direction 0 -1 0
    length 9
    axis 0 0 20 XYZ
    dof rx rz
    limits (-160.0 20.0)
           (-70.0 70.0)
  end
  begin
    id 2
    name foot
    direction 0 0 1
    length 4.5
    axis 0 0 0 XYZ
  end
:hierarchy
  begin
    root leg
    leg foot
  end
"""

AMC = """#!OML:ASF
:FULLY-SPECIFIED
:DEGREES
1
root 0 18 0 0 0 0
leg 0 0
2
root 0 18 9 0 90 0
leg 90 0
"""


def walk(seconds: float = 2.0, rate: int = 30, *, bend: float = 0.0) -> Clip:
    """A figure that walks in a wide curve, swings its arms, and looks about; no two joints are turned alike."""
    t = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * t
    turns = np.zeros((len(t), len(FIGURE.names), 4))
    turns[..., 0] = 1
    heading = 0.3 * t + 0.1 * np.sin(phase)

    def turn(name: str, x: np.ndarray | float = 0.0, y: np.ndarray | float = 0.0, z: np.ndarray | float = 0.0) -> None:
        angles = np.stack(np.broadcast_arrays(z, x, y, t)[:3], axis=-1).astype(float)
        turns[:, FIGURE.index[name]] = from_euler(angles, "ZXY")

    for side, sign, at in (("Left", 1, phase), ("Right", -1, phase + np.pi)):
        turn(f"{side}UpLeg", x=-0.5 * np.sin(at), z=0.03 * sign)
        turn(f"{side}Leg", x=0.5 + 0.5 * np.sin(at - 1))
        turn(f"{side}Foot", x=-0.2 + 0.2 * np.sin(at))
        turn(f"{side}ToeBase", x=-0.1 + 0.1 * np.sin(at))
        turn(f"{side}Arm", x=0.4 * np.sin(at), z=-1.2 * sign)
        turn(f"{side}ForeArm", y=-sign * (0.7 + 0.3 * np.sin(at)))
        turn(f"{side}Hand", z=0.1 * np.sin(at))
    turn("Spine1", x=0.05 + bend, y=0.1 * np.sin(phase))
    turn("Head", x=-0.1, y=0.3 * np.sin(phase / 2))
    turn("Hips", z=0.04 * np.sin(phase), x=0.05 * np.cos(phase))
    turns[:, 0] = multiply(about(1, heading), turns[:, 0])
    roots = np.stack([1.3 * t * np.sin(heading), 0.93 + 0.02 * np.cos(2 * phase), 1.3 * t * np.cos(heading)], axis=1)
    return grounded(Clip(FIGURE, Fraction(rate), roots, turns))


def scrambled(clip: Clip, seed: int = 0) -> Clip:
    """The same motion of a skeleton whose zero pose is no pose: each joint's axes are turned at random."""
    return _with_axes(clip, normalised(np.random.default_rng(seed).normal(size=(len(clip.skeleton.names), 4))))


def with_zero(clip: Clip, zero: dict[str, tuple[int, float]]) -> Clip:
    """The same motion of a skeleton whose zero pose has these joints turned, about an axis by an angle."""
    skeleton = clip.skeleton
    own = np.tile([1.0, 0, 0, 0], (len(skeleton.names), 1))
    for joint, parent in enumerate(skeleton.parents):
        axis, angle = zero.get(skeleton.names[joint], (0, 0.0))
        own[joint] = multiply(own[parent] if parent >= 0 else own[joint], about(axis, np.array(angle)))
    return _with_axes(clip, inverse(own))


def _with_axes(clip: Clip, own: np.ndarray) -> Clip:
    """The same motion of a skeleton whose joints' axes are turned by the quaternions `own`."""
    skeleton = clip.skeleton
    offsets, turns = skeleton.offsets_m.copy(), clip.turns.copy()
    for joint, parent in enumerate(skeleton.parents):
        made = multiply(clip.turns[:, joint], np.broadcast_to(own[joint], turns[:, joint].shape))
        if parent >= 0:
            made = multiply(np.broadcast_to(inverse(own[parent]), made.shape), made)
            offsets[joint] = to_matrices(own[parent]).T @ offsets[joint]
        turns[:, joint] = made
    tips = [(joint, to_matrices(own[joint]).T @ np.array(tip)) for joint, tip in skeleton.tips]
    return Clip(with_offsets(skeleton, offsets, tips), clip.rate, clip.roots, turns)


def with_offsets(skeleton: Skeleton, offsets: np.ndarray, tips: list[tuple[int, np.ndarray]] | None = None) -> Skeleton:
    """The skeleton with other lengths."""
    made = tuple((float(x), float(y), float(z)) for x, y, z in offsets)
    kept = skeleton.tips if tips is None else tuple((at, (float(x), float(y), float(z))) for at, (x, y, z) in tips)
    return Skeleton(skeleton.names, skeleton.parents, made, kept)


def renamed(clip: Clip, names: dict[str, str]) -> Clip:
    """The clip with other names of its joints."""
    skeleton = clip.skeleton
    made = tuple(names.get(name, name) for name in skeleton.names)
    return Clip(Skeleton(made, skeleton.parents, skeleton.offsets, skeleton.tips), clip.rate, clip.roots, clip.turns)


def damaged(data: bytes, number: int) -> bytes:
    """The file with one to three parts replaced, always the same ones for a number."""
    rng = np.random.default_rng(number)
    pieces = [
        b"5",
        b"",
        b"8 ",
        b"\n",
        b"}",
        b"\nMOTION\n",
        b"1e308 ",
        b"\0",
        b"nan",
        b"-",
        b" 7 ",
        b"\xff",
        rng.bytes(4),
    ]
    made = bytearray(data)
    for _ in range(rng.integers(1, 3)):
        start = int(rng.integers(0, len(made)))
        made[start : start + int(rng.integers(0, 3))] = pieces[rng.integers(0, len(pieces))]
    return bytes(made)


def far(here: object, there: object) -> float:
    """The largest difference between two arrays."""
    return float(np.abs(np.asarray(here) - np.asarray(there)).max())
