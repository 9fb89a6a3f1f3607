"""Acclaim's skeleton files (.asf), as the CMU motion capture database has them. Their motions are amc.py's.

A bone turns at its parent's tip, about axes of its own: with the bone's `axis` C and the motion's angles M, it is
turned from its parent by C · M · C⁻¹. Angles about fixed axes follow each other in the order in which they are named,
so "X Y Z" is Rz · Ry · Rx. Limits and masses are not read.
Source: "Acclaim Skeleton File Definition V1.10" (Schafer, 1995); "Acclaim Format - ASF line details",
graphics.cs.cmu.edu/nsp/course/cs229/info/ACCLAIMdef.html; the unit, mocap.cs.cmu.edu/faqs.php.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.files import read_bytes
from pipeline.motion.rotations import from_euler
from pipeline.motion.skeleton import Point, Skeleton

INCH_M = 0.0254

MOST_BONES = 400
_MOST_BYTES = 1_000_000
_TURNS = ("rx", "ry", "rz")
_SHIFTS = ("tx", "ty", "tz")

Words = list[str]


@dataclass(frozen=True, eq=False)
class Acclaim:
    """A skeleton, and how a motion file's numbers turn it."""

    skeleton: Skeleton
    """In metres. The root is called `root`."""
    metres: float
    """That one unit of the file's lengths stands for."""
    in_degrees: bool
    """Whether the skeleton's angles are degrees; a motion file may say otherwise of its own."""
    dofs: tuple[tuple[str, ...], ...]
    """Of each joint, what its numbers are, in order: of rx, ry, rz, and of the root tx, ty, tz too."""
    axes: np.ndarray
    """`(joints, 4)` quaternions C."""
    root: Point
    """Metres; added to every position."""


@dataclass
class _Bone:
    name: str = ""
    direction: Point = (0.0, 0.0, 0.0)
    length: float | None = None
    axis: Point = (0.0, 0.0, 0.0)
    order: str = "XYZ"
    dofs: tuple[str, ...] = ()


def read(path: Path, *, unit_m: float = INCH_M) -> Acclaim:
    """A skeleton. Raises: SourceMissing if there is none, MediaError if it cannot be used."""
    return parse(read_bytes(path), str(path), unit_m=unit_m)


def parse(data: bytes, where: str, *, unit_m: float = INCH_M) -> Acclaim:
    """The skeleton of a file's bytes. `unit_m`: metres of the unit that the file's `length` divides, CMU's an inch.

    Raises: MediaError, with the line, for what is missing, damaged or not understood.
    """
    if len(data) > _MOST_BYTES:
        raise MediaError(f"{where}: is larger than {_MOST_BYTES:,} bytes, as no skeleton is; is it a motion?")
    parts = _sections(data.decode("utf-8-sig", "replace"), where)
    for name in (":root", ":bonedata", ":hierarchy"):
        if not parts.get(name):
            raise MediaError(f"{where}: has no section {name}, so it is no whole ASF file; copy it again")
    length, in_degrees = _units(parts.get(":units", []))
    metres = unit_m / length
    root, dofs = _root(parts[":root"])
    bones = {bone.name: bone for bone in _bones(parts[":bonedata"])}
    order = _hierarchy(parts[":hierarchy"], bones)
    names = ("root", *(name for name, _ in order))
    parents = (-1, *(names.index(parent) for _, parent in order))
    offsets: list[Point] = [(0.0, 0.0, 0.0)]
    offsets += [_tip(bones[parent], metres) if parent in bones else (0.0, 0.0, 0.0) for _, parent in order]
    tips = tuple(
        (place, _tip(bones[name], metres)) for place, name in enumerate(names) if place and place not in parents
    )
    everyone = (root, *(bones[name] for name, _ in order))
    axes = np.stack([turned(np.array([bone.axis]), bone.order, in_degrees=in_degrees)[0] for bone in everyone])
    x, y, z = (value * metres for value in root.direction)
    return Acclaim(
        Skeleton(names, parents, tuple(offsets), tips),
        metres,
        in_degrees,
        (dofs, *(bones[name].dofs for name, _ in order)),
        axes,
        (x, y, z),
    )


def turned(angles: np.ndarray, order: str, *, in_degrees: bool) -> np.ndarray:
    """Quaternions of `(frames, len(order))` angles about fixed axes, the first named turning first."""
    radians = np.radians(angles) if in_degrees else angles
    return from_euler(radians[:, ::-1], order[::-1])


def _sections(text: str, where: str) -> dict[str, list[tuple[str, Words]]]:
    """Keyword → its lines' words, each with where it stands."""
    made: dict[str, list[tuple[str, Words]]] = {}
    here: list[tuple[str, Words]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].replace("(", " ").replace(")", " ").replace(",", " ").split()
        if words and words[0].startswith(":"):
            here = made.setdefault(words[0].casefold(), [])
            words = words[1:]
        if words:
            here.append((f"{where}:{number}", words))
    return made


def _units(lines: list[tuple[str, Words]]) -> tuple[float, bool]:
    length, in_degrees = 1.0, True
    for where, (key, *words) in lines:
        if key.casefold() == "length":
            length = _numbers(words, 1, f"{where}: length")[0]
            if not 1e-6 < length < 1e6:
                raise MediaError(f"{where}: a unit of length {length:g} is none; CMU's files have 0.45")
        elif key.casefold() == "angle":
            if [word.casefold() for word in words] not in (["deg"], ["rad"]):
                raise MediaError(f"{where}: angle is {' '.join(words)[:40]!r}; write deg or rad")
            in_degrees = words[0].casefold() == "deg"
    return length, in_degrees


def _root(lines: list[tuple[str, Words]]) -> tuple[_Bone, tuple[str, ...]]:
    """What stands before the root's motion (its position as `direction`), and the motion's numbers."""
    root = _Bone("root")
    dofs: tuple[str, ...] = (*_SHIFTS, *_TURNS)
    for where, (key, *words) in lines:
        match key.casefold():
            case "order":
                dofs = tuple(word.casefold() for word in words)
                if sorted(dofs) != sorted((*_SHIFTS, *_TURNS)):
                    raise MediaError(f"{where}: the root's order is TX TY TZ RX RY RZ or another row of these six")
            case "axis":
                root.order = _order(words[0], where)
            case "position":
                root.direction = _numbers(words, 3, f"{where}: position")
            case "orientation":
                root.axis = _numbers(words, 3, f"{where}: orientation")
    return root, dofs


def _bones(lines: list[tuple[str, Words]]) -> Iterator[_Bone]:
    bone: _Bone | None = None
    seen: set[str] = set()
    for where, (key, *words) in lines:
        key = key.casefold()
        if key == "begin":
            bone = _Bone()
        elif bone is None:
            raise MediaError(f"{where}: {key[:40]!r} stands outside of begin and end; copy the file again")
        elif key == "end":
            if not bone.name or bone.name in seen or bone.length is None:
                raise MediaError(f"{where}: the bone {bone.name!r} ends without a name of its own or a length")
            seen.add(bone.name)
            if len(seen) > MOST_BONES:
                raise MediaError(f"{where}: has more than {MOST_BONES} bones, as no body has; is it damaged?")
            yield bone
            bone = None
        else:
            _describe(bone, key, words, where)
    if bone is not None:
        raise MediaError(f"{lines[-1][0]}: the bone {bone.name!r} has no end; copy the file again")


def _describe(bone: _Bone, key: str, words: Words, where: str) -> None:
    match key:
        case "name" if words and words[0] != "root":
            bone.name = words[0]
        case "direction":
            bone.direction = _numbers(words, 3, f"{where}: direction")
        case "length":
            bone.length = _numbers(words, 1, f"{where}: length")[0]
        case "axis":
            bone.axis = _numbers(words[:3], 3, f"{where}: axis")
            bone.order = _order(words[3], where) if words[3:] else "XYZ"
        case "dof":
            bone.dofs = tuple(word.casefold() for word in words)
            if odd := [name for name in bone.dofs if name not in _TURNS]:
                raise MediaError(
                    f"{where}: {bone.name} moves by {odd[0][:20]!r}; bones that turn are read, by rx, ry, rz"
                )
            if len(set(bone.dofs)) < len(bone.dofs):
                raise MediaError(f"{where}: {bone.name} names a way to turn twice; name each once")


def _hierarchy(lines: list[tuple[str, Words]], bones: dict[str, _Bone]) -> list[tuple[str, str]]:
    """Bones with their parents, parents first; each bone once."""
    made: list[tuple[str, str]] = []
    placed = {"root"}
    for where, words in lines:
        if words[0].casefold() in ("begin", "end"):
            continue
        parent, *children = words
        if parent not in placed:
            raise MediaError(
                f"{where}: {parent[:40]!r} has no place yet; name parents before their children, from root on"
            )
        for child in children:
            if child not in bones:
                raise MediaError(f"{where}: {child[:40]!r} is no bone of :bonedata; is its name spelt as there?")
            if child in placed:
                raise MediaError(f"{where}: {child} hangs on two bones; keep one of them")
            placed.add(child)
            made.append((child, parent))
    if left := [name for name in bones if name not in placed]:
        raise MediaError(f"{lines[-1][0]}: the bone {left[0]} hangs on nothing; name it in :hierarchy")
    return made


def _tip(bone: _Bone, metres: float) -> Point:
    reach = (bone.length or 0.0) * metres
    x, y, z = bone.direction
    return x * reach, y * reach, z * reach


def _order(word: str, where: str) -> str:
    if sorted(word.upper()) != ["X", "Y", "Z"]:
        raise MediaError(f"{where}: {word[:20]!r} is no order of axes; write XYZ or another row of the three")
    return word.upper()


def _numbers(words: Words, count: int, where: str) -> Point:
    """`count` numbers, and zeros behind them."""
    try:
        made = [float(word) for word in words]
        if len(made) != count or not all(abs(value) < 1e6 for value in made):
            raise ValueError
    except ValueError as error:
        several = "one number" if count == 1 else f"{count} numbers"
        raise MediaError(f"{where} is followed by {several}, here by {' '.join(words)[:40]!r}") from error
    x, y, z, *_ = (*made, 0.0, 0.0)
    return x, y, z
