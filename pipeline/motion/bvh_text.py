"""The text of BVH files, read strictly and written so that a joint keeps its place to a thousandth of a millimetre."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.bvh import POSITIONS, ROTATIONS, Bvh, check_channels
from pipeline.motion.files import read_bytes
from pipeline.motion.rates import rate_of, written
from pipeline.motion.rows import read_rows
from pipeline.motion.skeleton import Point, Skeleton

MOST_JOINTS = 400
"""Hands with all fingers and a face make some 150."""

_HEADER_BYTES = 1_000_000
_FAR = 1e6
"""Of a joint from its parent: no unit makes a bone so long."""

_NAME = 100
"""Letters of a joint's name that are read."""

_MOTION = re.compile(rb"^[ \t]*MOTION[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_CHANNELS = {name.casefold(): name for name in (*POSITIONS, *ROTATIONS)}
_BEGINS = "it begins with HIERARCHY, then ROOT and a name"


def read(path: Path) -> Bvh:
    """A file's content. Raises: SourceMissing if there is none, MediaError if it cannot be used."""
    return parse(read_bytes(path), str(path))


def parse(data: bytes, where: str) -> Bvh:
    """The content of a file's bytes. `where`: what its user calls it.

    Raises: MediaError, with the line, for anything that is missing, damaged, too large or not finite.
    """
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    parted = _MOTION.search(data, 0, _HEADER_BYTES)
    if parted is None:
        raise MediaError(f"{where}: has no line MOTION, so it is no whole BVH file; {_BEGINS}")
    header = data[: parted.start()].decode("utf-8-sig", "replace")
    joints = _Hierarchy(where).read(header)
    line = 2 + data.count(b"\n", 0, parted.start())
    texts, start = [], data.find(b"\n", parted.end()) + 1 or len(data)
    for key, example in (("Frames:", "Frames: 120"), ("Frame Time:", "Frame Time: 0.0083333")):
        while (end := data.find(b"\n", start)) >= 0 and not data[start:end].strip():
            start, line = end + 1, line + 1
        end = end if end >= 0 else len(data)
        said = data[start : min(end, start + 200)].decode("utf-8", "replace").strip()
        if not said.casefold().startswith(key.casefold()):
            raise MediaError(f"{where}:{line}: {said[:40]!r} stands where {key!r} belongs; write it as {example}")
        texts.append((said[len(key) :].strip(), f"{where}:{line}"))
        start, line = min(end + 1, len(data)), line + 1
    frames = _frames(*texts[0])
    rate = rate_of(*texts[1])
    names = [f"{joint.name}'s {channel}" for joint in joints for channel in joint.channels or ()]
    values = read_rows(data, names, start=start, where=where, line=line)
    if len(values) != frames:
        raise MediaError(
            f"{where}: says that it has {frames:,} frames and has {len(values):,}; it is cut off, copy it again"
            if len(values) < frames
            else f"{where}: says that it has {frames:,} frames and has {len(values):,}; mend its line Frames:"
        )
    skeleton = Skeleton(
        tuple(joint.name for joint in joints),
        tuple(joint.parent for joint in joints),
        ((0.0, 0.0, 0.0), *(_there(joint.offset) for joint in joints[1:])),
        tuple((place, tip) for place, joint in enumerate(joints) for tip in joint.tips),
    )
    channels = tuple(joint.channels or () for joint in joints)
    return Bvh(skeleton, _there(joints[0].offset), channels, rate, values)


def write(bvh: Bvh, path: Path) -> None:
    """Write the file. Raises: MediaError if that is not possible."""
    try:
        path.write_bytes(serialised(bvh))
    except OSError as error:
        raise MediaError(f"{path}: cannot be written: {error.strerror}; choose another place") from error


def serialised(bvh: Bvh) -> bytes:
    """The file's bytes. Numbers have six decimals, so where a unit is a metre, a joint may move by a micrometre."""
    lines = ["HIERARCHY", *_written(bvh, 0, ""), "MOTION", f"Frames: {len(bvh.values)}"]
    lines.append(f"Frame Time: {written(bvh.rate)}")
    row = " ".join(["%.6f"] * bvh.values.shape[1])
    # What rounds to -0 is written as 0.
    lines += [row % tuple(values) for values in np.round(bvh.values, 6) + 0.0]
    return ("\n".join(lines) + "\n").encode()


def _written(bvh: Bvh, joint: int, indent: str) -> Iterator[str]:
    skeleton = bvh.skeleton
    inner = indent + "\t"
    offset = skeleton.offsets[joint] if joint else bvh.root_offset
    yield f"{indent}{'JOINT' if joint else 'ROOT'} {skeleton.names[joint]}"
    yield indent + "{"
    yield inner + _offset(offset)
    yield f"{inner}CHANNELS {len(bvh.channels[joint])} {' '.join(bvh.channels[joint])}".rstrip()
    for child in skeleton.children[joint]:
        yield from _written(bvh, child, inner)
    for place, tip in skeleton.tips:
        if place == joint:
            yield from (f"{inner}End Site", inner + "{", inner + "\t" + _offset(tip), inner + "}")
    yield indent + "}"


def _offset(point: Point) -> str:
    return "OFFSET " + " ".join(f"{value + 0.0:.6f}" for value in point)


@dataclass
class _Joint:
    name: str
    parent: int
    offset: Point | None = None
    channels: tuple[str, ...] | None = None
    tips: list[Point] = field(default_factory=list)


class _Hierarchy:
    """Reads what stands between HIERARCHY and MOTION, line by line."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._joints: list[_Joint] = []
        self._open: list[int | None] = []
        """Places of the joints that are not closed yet; None is an End Site."""
        self._awaits_brace = False

    def read(self, text: str) -> list[_Joint]:
        number = 0
        for number, words in _lines(text):
            self._line(words, f"{self._where}:{number}")
        where = f"{self._where}:{number}"
        if not self._joints:
            raise MediaError(f"{where}: names no joint; {_BEGINS}")
        if self._open or self._awaits_brace:
            raise MediaError(f"{where}: ends while a joint is open; a brace is missing, or the file was cut")
        return self._joints

    def _line(self, words: list[str], where: str) -> None:
        key = words[0].casefold()
        if self._awaits_brace != (key == "{"):
            expected = "'{'" if self._awaits_brace else "OFFSET, CHANNELS, JOINT, End Site or '}'"
            raise MediaError(f"{where}: {words[0][:40]!r} stands where {expected} belongs")
        if key == "{":
            self._awaits_brace = False
        elif key == "}":
            self._close(where)
        elif key in ("root", "joint"):
            self._begin(key, " ".join(words[1:])[:_NAME], where)
        elif key == "end" and self._open and self._open[-1] is not None:
            self._open.append(None)
            self._awaits_brace = True
        elif key == "offset":
            self._offset(words[1:], where)
        elif key == "channels":
            self._channels(words[1:], where)
        elif key != "hierarchy" or self._joints:
            raise MediaError(f"{where}: {words[0][:40]!r} is no word of BVH files; export the file again")

    def _begin(self, key: str, name: str, where: str) -> None:
        if (key == "root") != (not self._joints):
            raise MediaError(f"{where}: a file has one ROOT, and all other joints below it; part the figures")
        if key == "joint" and (not self._open or self._open[-1] is None):
            raise MediaError(f"{where}: JOINT {name} hangs on no joint; a brace is out of place")
        if not name:
            raise MediaError(f"{where}: a joint has no name; write JOINT and a name")
        if any(joint.name == name for joint in self._joints):
            raise MediaError(f"{where}: a second joint is called {name}; give each its own name")
        if len(self._joints) == MOST_JOINTS:
            raise MediaError(f"{where}: has more than {MOST_JOINTS} joints; export the body alone")
        parent = self._open[-1] if self._open else -1
        self._joints.append(_Joint(name, -1 if parent is None else parent))
        self._open.append(len(self._joints) - 1)
        self._awaits_brace = True

    def _close(self, where: str) -> None:
        if not self._open:
            raise MediaError(f"{where}: closes a joint that is not open; a brace is too many")
        place = self._open.pop()
        if place is not None:
            joint = self._joints[place]
            for what, there in (("OFFSET", joint.offset), ("CHANNELS", joint.channels)):
                if there is None:
                    raise MediaError(f"{where}: {joint.name} has no {what}; export the file again")

    def _offset(self, words: list[str], where: str) -> None:
        joint = self._joint("OFFSET", where)
        try:
            x, y, z = map(float, words)
            if not all(abs(value) < _FAR for value in (x, y, z)):
                raise ValueError
        except ValueError as error:
            raise MediaError(f"{where}: OFFSET is followed by three numbers, as in OFFSET 0 10.5 0") from error
        if self._open[-1] is None:
            joint.tips.append((x, y, z))
        elif joint.offset is None:
            joint.offset = x, y, z
        else:
            raise MediaError(f"{where}: {joint.name} has a second OFFSET; keep one of them")

    def _channels(self, words: list[str], where: str) -> None:
        joint = self._joint("CHANNELS", where)
        if self._open[-1] is None or joint.channels is not None:
            raise MediaError(
                f"{where}: these CHANNELS belong to no joint, or to one that has some; export the file again"
            )
        names = tuple(_CHANNELS.get(word.casefold(), word) for word in words[1:])
        if not words or words[0] != str(len(names)):
            said = words[0][:20] if words else "no number"
            raise MediaError(f"{where}: {joint.name}'s CHANNELS says {said} and names {len(names)}; one is missing")
        check_channels(joint.name, names, where, is_root=joint.parent < 0)
        joint.channels = names

    def _joint(self, what: str, where: str) -> _Joint:
        if not self._open:
            raise MediaError(f"{where}: {what} stands outside of every joint; a brace is out of place")
        place = self._open[-1]
        # An End Site belongs to the joint around it.
        return self._joints[place if place is not None else next(p for p in reversed(self._open) if p is not None)]


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Words with the number of their line; braces are lines of their own, wherever they stand."""
    for number, line in enumerate(text.split("\n"), start=1):
        for part in re.split(r"([{}])", line):
            if words := part.split():
                yield number, words


def _frames(text: str, where: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise MediaError(f"{where}: {text[:40]!r} is no number of frames; write it as Frames: 120")
    if int(text) == 0:
        raise MediaError(f"{where}: has no frames; export it with the motion")
    return int(text)


def _there(offset: Point | None) -> Point:
    # Joints without one were refused when they were closed.
    return offset or (0.0, 0.0, 0.0)
