"""Acclaim's motion files (.amc): what the bones of an ASF file do, frame after frame.

They say no frame rate: whoever reads one says it. CMU's are 120 frames a second.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.errors import MediaError
from pipeline.motion.asf import Acclaim, turned
from pipeline.motion.clip import Clip
from pipeline.motion.files import read_bytes
from pipeline.motion.rotations import inverse, multiply

CMU_RATE = Fraction(120)
"""Frames a second of CMU's recordings. Source: mocap.cs.cmu.edu/info.php."""

_LARGEST = 1e6
_LONGEST = 40
"""Letters of a number or name that are read quickly; others are read one by one."""

_KEYWORDS = {b":degrees": True, b":radians": False}


def read(path: Path, acclaim: Acclaim, *, rate: Fraction = CMU_RATE) -> Clip:
    """The motion. Raises: SourceMissing if there is none, MediaError if it cannot be used."""
    return parse(read_bytes(path), acclaim, str(path), rate=rate)


def parse(data: bytes, acclaim: Acclaim, where: str, *, rate: Fraction = CMU_RATE) -> Clip:
    """The motion of a file's bytes, of that skeleton.

    Raises: MediaError, with the line, for a bone that is missing, unknown or has other numbers than its skeleton says.
    """
    start, line, in_degrees = _begin(data, where)
    if in_degrees is None:
        in_degrees = acclaim.in_degrees
    moving = [(name, dofs) for name, dofs in zip(acclaim.skeleton.names, acclaim.dofs, strict=True) if dofs]
    words = data[start:].split()
    if not words:
        raise MediaError(f"{where}: has no frames; copy it again, or export it with the motion")
    values = _regular(words, moving)
    if values is None:
        values = _by_line(data[start:], moving, where, line)
    return _clip(values, acclaim, rate, in_degrees=in_degrees)


def _begin(data: bytes, where: str) -> tuple[int, int, bool | None]:
    """Where the first frame's number stands, in which line, and whether a line says degrees or radians."""
    start, line, in_degrees = 0, 1, None
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        text = data[start : min(end, start + 1000)].strip()
        if text.isdigit():
            return start, line, in_degrees
        if text and not text.startswith((b"#", b":")):
            said = text[:40].decode("utf-8", "replace")
            raise MediaError(
                f"{where}:{line}: {said!r} stands where the first frame's number belongs; is it an AMC file?"
            )
        in_degrees = _KEYWORDS.get(text.lower(), in_degrees)
        start, line = end + 1, line + 1
    return len(data), line, in_degrees


def _regular(words: list[bytes], moving: list[tuple[str, tuple[str, ...]]]) -> np.ndarray | None:
    """`(frames, numbers)` of the bones that move, in the skeleton's order; None unless all frames are alike."""
    counts = {name.encode(): len(dofs) for name, dofs in moving}
    at, columns = 1, {}
    while at < len(words) and (count := counts.get(words[at])) is not None and words[at] not in columns:
        columns[words[at]] = range(at + 1, at + 1 + count)
        at += 1 + count
    # One endless word would make all of them as long.
    if len(columns) < len(counts) or len(words) % at or max(map(len, words)) > _LONGEST:
        return None
    table = np.array(words).reshape(-1, at)
    if not all((table[:, place.start - 1] == name).all() for name, place in columns.items()):
        return None
    try:
        numbers = table[:, [0, *(column for name in counts for column in columns[name])]].astype(float)
    except ValueError:
        return None
    if not (np.abs(numbers[:, 1:]) < _LARGEST).all() or (np.diff(numbers[:, 0]) != 1).any():
        return None
    return numbers[:, 1:]


def _by_line(data: bytes, moving: list[tuple[str, tuple[str, ...]]], where: str, line: int) -> np.ndarray:
    """The same, for frames that name their bones in different orders; or the sentence of what is wrong."""
    dofs = dict(moving)
    frames: list[dict[str, list[float]]] = []
    number = 0
    for line, raw in enumerate(data.split(b"\n"), start=line):  # noqa: B020
        words = raw.decode("utf-8", "replace").split()
        if not words or words[0].startswith("#"):
            continue
        here = f"{where}:{line}"
        if len(words) == 1 and words[0].isdigit():
            _check_whole(frames, dofs, here)
            if frames and int(words[0]) != number + 1:
                raise MediaError(
                    f"{here}: frame {words[0][:20]} follows frame {number}; some are missing, copy it again"
                )
            number = int(words[0])
            frames.append({})
            continue
        name, *numbers = words
        if name not in dofs:
            raise MediaError(
                f"{here}: {name[:40]!r} is no bone that moves in its skeleton; give the ASF file that belongs"
            )
        if name in frames[-1]:
            raise MediaError(f"{here}: frame {number} has {name} twice; copy the file again")
        frames[-1][name] = _numbers(numbers, dofs[name], f"{here}: {name}")
    _check_whole(frames, dofs, f"{where}:{line}")
    return np.array([[value for name in dofs for value in frame[name]] for frame in frames])


def _check_whole(frames: list[dict[str, list[float]]], dofs: dict[str, tuple[str, ...]], here: str) -> None:
    if frames and (missing := [name for name in dofs if name not in frames[-1]]):
        raise MediaError(f"{here}: the frame before has no {missing[0]}; the file is cut off or damaged, copy it again")


def _numbers(words: list[str], dofs: tuple[str, ...], here: str) -> list[float]:
    try:
        made = [float(word) for word in words]
    except ValueError as error:
        raise MediaError(f"{here} has {' '.join(words)[:40]!r}, which are no numbers; copy the file again") from error
    if len(made) != len(dofs):
        raise MediaError(
            f"{here} has {len(made)} numbers where its skeleton says {' '.join(dofs)}; give the ASF that belongs"
        )
    if not all(abs(value) < _LARGEST for value in made):
        raise MediaError(f"{here} has a number that is no place or angle: {' '.join(words)[:60]}; copy the file again")
    return made


def _clip(values: np.ndarray, acclaim: Acclaim, rate: Fraction, *, in_degrees: bool) -> Clip:
    turns = np.zeros((len(values), len(acclaim.skeleton.names), 4))
    turns[..., 0] = 1
    roots = np.tile(np.array(acclaim.root), (len(values), 1))
    start = 0
    for joint, dofs in enumerate(acclaim.dofs):
        columns = dict(zip(dofs, values[:, start : start + len(dofs)].T, strict=True))
        start += len(dofs)
        turning = [name for name in dofs if name.startswith("r")]
        if turning:
            angles = np.stack([columns[name] for name in turning], axis=1)
            order = "".join(name[1].upper() for name in turning)
            axis = np.broadcast_to(acclaim.axes[joint], (len(values), 4))
            turns[:, joint] = multiply(multiply(axis, turned(angles, order, in_degrees=in_degrees)), inverse(axis))
        if "tx" in columns:
            roots += np.stack([columns["tx"], columns["ty"], columns["tz"]], axis=1) * acclaim.metres
    return Clip(acclaim.skeleton, rate, roots, turns)
