"""BVH files: what is in one, and how that becomes a clip and comes of one. Their text is bvh_text.py's.

A joint's channels may stand in any order, and any joint may have positions. A position takes the place of the offset,
as in Blender and MotionBuilder; programs that add the two show a figure elsewhere whose root has an offset.
Source: Meredith and Maddock, "Motion capture file formats explained", University of Sheffield, CS-01-11 (2001).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip
from pipeline.motion.rotations import from_euler, to_euler
from pipeline.motion.skeleton import Skeleton

POSITIONS = ("Xposition", "Yposition", "Zposition")
ROTATIONS = ("Xrotation", "Yrotation", "Zrotation")

CENTIMETRE = 0.01
"""Metres. BVH names no unit; most programs mean this."""

_ORDER = "ZXY"
"""Of the angles that we write: arms that hang and elbows that bend stay clear of where Euler angles lock."""

_STRETCHED_M = 1e-7
"""Bones that change by no more have one length."""


@dataclass(frozen=True, eq=False)
class Bvh:
    """A file's content, in its own units."""

    skeleton: Skeleton
    """Depth first, as files nest their joints. Offsets in the file's unit; the root's is `root_offset`."""
    root_offset: tuple[float, float, float]
    channels: tuple[tuple[str, ...], ...]
    """Of each joint, in the file's order."""
    rate: Fraction
    values: np.ndarray
    """`(frames, channels)` in the file's unit, and degrees."""


def clip_of(bvh: Bvh, *, unit_m: float = CENTIMETRE) -> Clip:
    """The motion. `unit_m`: metres that the file's unit stands for."""
    frames, skeleton = len(bvh.values), bvh.skeleton
    turns = np.zeros((frames, len(skeleton.names), 4))
    turns[..., 0] = 1
    offsets = skeleton.offsets_m * unit_m
    roots = np.tile(np.array(bvh.root_offset) * unit_m, (frames, 1))
    moving: dict[int, np.ndarray] = {}
    for joint, (channels, values) in enumerate(_by_joint(bvh)):
        turning = [at for at, name in enumerate(channels) if name in ROTATIONS]
        if turning:
            order = "".join(channels[at][0] for at in turning)
            turns[:, joint] = from_euler(np.radians(values[:, turning]), order)
        if len(turning) == len(channels):
            continue
        places = values[:, [channels.index(name) for name in POSITIONS]] * unit_m
        if joint == 0:
            roots = places
            continue
        offsets[joint] = places.mean(axis=0)
        if (np.abs(places - offsets[joint]) > _STRETCHED_M).any():
            moving[joint] = places
    tips = tuple((joint, _point(np.array(tip) * unit_m)) for joint, tip in skeleton.tips)
    made = Skeleton(skeleton.names, skeleton.parents, tuple(map(_point, offsets)), tips)
    if not moving:
        return Clip(made, bvh.rate, roots, turns)
    bones = np.tile(offsets, (frames, 1, 1))
    for joint, places in moving.items():
        bones[:, joint] = places
    return Clip(made, bvh.rate, roots, turns, bones)


def bvh_of(clip: Clip, *, unit_m: float = CENTIMETRE) -> Bvh:
    """A file's content for a clip: positions of the root, and of all joints if bones change their length."""
    skeleton = clip.skeleton
    turning = tuple(f"{letter}rotation" for letter in _ORDER)
    angles = np.degrees(np.unwrap(to_euler(clip.turns, _ORDER), axis=0))
    columns = []
    channels = []
    order = skeleton.depth_first()
    for joint in order:
        moves = joint == 0 or clip.bones is not None
        if moves:
            columns.append((clip.roots if joint == 0 or clip.bones is None else clip.bones[:, joint]) / unit_m)
        columns.append(angles[:, joint])
        channels.append((*POSITIONS, *turning) if moves else turning)
    place = {joint: at for at, joint in enumerate(order)} | {-1: -1}
    made = Skeleton(
        tuple(skeleton.names[joint] for joint in order),
        tuple(place[skeleton.parents[joint]] for joint in order),
        tuple(_point(skeleton.offsets_m[joint] / unit_m) for joint in order),
        tuple((place[joint], _point(np.array(tip) / unit_m)) for joint, tip in skeleton.tips),
    )
    return Bvh(made, (0.0, 0.0, 0.0), tuple(channels), clip.rate, np.concatenate(columns, axis=1))


def check_channels(joint: str, channels: tuple[str, ...], where: str, *, is_root: bool) -> None:
    """Raises: MediaError if one is unknown, twice there, or missing.

    A joint that turns about one or two axes is whole; a root is not, and neither is a position of two numbers.
    """
    known = (*POSITIONS, *ROTATIONS)
    for at, name in enumerate(channels):
        if name not in known:
            raise MediaError(f"{where}: {name[:40]!r} is no channel; a joint has some of {', '.join(known)}")
        if name in channels[:at]:
            raise MediaError(f"{where}: {joint} has {name} twice; name each channel once")
    there = set(channels)
    needed = (POSITIONS if there & set(POSITIONS) else ()) + (ROTATIONS if is_root else ())
    if missing := [name for name in needed if name not in there]:
        rest = ", ".join(name for name in needed if name in there)
        beside = f" beside {rest}" if rest else ""
        raise MediaError(
            f"{where}: {joint} has no channel {missing[0]}{beside}; export the file again with all of them"
        )


def _by_joint(bvh: Bvh) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
    start = 0
    for channels in bvh.channels:
        yield channels, bvh.values[:, start : start + len(channels)]
        start += len(channels)


def _point(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = map(float, values)
    return x, y, z
