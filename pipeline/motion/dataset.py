"""A folder of clips and their labels, as a training takes them: on one skeleton, at one rate, in windows of one length.

Nothing is left to chance: the same folder and labels give the same clips in the same order. What cannot be used is left
out and told, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from pipeline.errors import InputError, MediaError
from pipeline.motion.clip import Clip
from pipeline.motion.editing import cut, mirrored, resampled
from pipeline.motion.features import features_of
from pipeline.motion.labels import Labels, Row
from pipeline.motion.opening import open_clip
from pipeline.motion.retarget import retarget

_TOLD = 3
"""Problems that a sentence names before it counts the rest."""


@dataclass(frozen=True, eq=False)
class Take:
    """One row of the labels: a clip of our skeleton, and what a network sees of it."""

    file: str
    action: str
    clip: Clip
    features: np.ndarray
    """`(frames, 203)` float32."""


@dataclass(frozen=True)
class Window:
    """A part of a take, as long as all others."""

    take: int
    start: int
    """Its first frame."""
    action: int
    """Place of its action among the classes."""


@dataclass(frozen=True, eq=False)
class Motions:
    """What a training learns from."""

    classes: tuple[str, ...]
    """Actions of which there is a take, in alphabetical order."""
    takes: tuple[Take, ...]
    rate: Fraction
    problems: tuple[str, ...]
    """A sentence for each row that could not be used."""

    def seconds(self) -> dict[str, float]:
        """Of each class."""
        made = dict.fromkeys(self.classes, 0.0)
        for take in self.takes:
            made[take.action] += take.clip.seconds
        return made

    def windows(self, frames: int, *, stride: int = 1) -> list[Window]:
        """All windows of that length, `stride` frames apart within a take, the last at its very end.

        A take that is shorter has none. Raises: MediaError if a class has none at all.
        """
        made = [
            Window(number, start, self.classes.index(take.action))
            for number, take in enumerate(self.takes)
            for start in _starts(take.clip.frames, frames, stride)
        ]
        found = {window.action for window in made}
        if missing := [name for number, name in enumerate(self.classes) if number not in found]:
            longest = max(take.clip.frames for take in self.takes if take.action == missing[0])
            raise MediaError(
                f"{missing[0]}: its longest clip has {longest} frames and a window {frames}; "
                "take shorter windows, or longer clips"
            )
        return made

    def with_mirrored(self) -> Motions:
        """Each take followed by the same in a mirror: left and right are then learnt alike."""
        takes = []
        for take in self.takes:
            other = mirrored(take.clip)
            takes += [take, Take(take.file, take.action, other, features_of(other))]
        return Motions(self.classes, tuple(takes), self.rate, self.problems)


def load(
    folder: Path,
    labels: Labels,
    *,
    rate: Fraction | None = None,
    mapping: Mapping[str, str] | None = None,
    report: Callable[[int], None] = lambda read: None,
) -> Motions:
    """The clips that the labels name. `rate`: frames a second that all are brought to; None: they must have one.

    `mapping`: our joints' names → theirs, for skeletons that nobody knows. `report` is told how many rows were read.
    Raises: MediaError if rates differ and none is said, or if no row can be used.
    """
    takes: list[Take] = []
    problems: list[str] = []
    opened: dict[tuple[str, Fraction | None], Clip | str] = {}
    for number, row in enumerate(labels.rows, start=1):
        key = (row.file, row.rate)
        if key not in opened:
            opened[key] = _opened(folder, row, mapping)
        whole = opened[key]
        taken = whole if isinstance(whole, str) else _take(whole, row, rate)
        if isinstance(taken, Take):
            takes.append(taken)
        else:
            problems.append(f"{labels.where}:{row.line}: {taken}")
        report(number)
    if not takes:
        raise MediaError(f"{labels.where}: no clip of {folder.name} can be used: {in_words(problems)}")
    first = takes[0]
    if other := next((take for take in takes if take.clip.rate != first.clip.rate), None):
        raise MediaError(
            f"{labels.where}: {first.file} has {float(first.clip.rate):g} frames a second and {other.file} "
            f"{float(other.clip.rate):g}; say a rate, and all are brought to it"
        )
    classes = tuple(sorted({take.action for take in takes}))
    gone = [action for action in labels.actions if action not in classes]
    problems += [f"{labels.where}: {action!r} is left without a clip, so it is not learnt" for action in gone]
    return Motions(classes, tuple(takes), first.clip.rate, tuple(problems))


def in_words(problems: list[str] | tuple[str, ...]) -> str:
    """Problems as a part of a sentence: the first ones, and how many more there are."""
    more = len(problems) - _TOLD
    return "; ".join(problems[:_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _opened(folder: Path, row: Row, mapping: Mapping[str, str] | None) -> Clip | str:
    """The whole file on our skeleton, or why not."""
    path = folder / row.file
    try:
        return retarget(open_clip(path, rate=row.rate), where=row.file, mapping=mapping)
    except InputError as error:
        return str(error).replace(str(path), row.file)


def _take(whole: Clip, row: Row, rate: Fraction | None) -> Take | str:
    start = round(row.start_s * whole.rate)
    stop = whole.frames if row.end_s is None else round(row.end_s * whole.rate)
    if not start < stop <= whole.frames:
        part = f"from {row.start_s:g} s to " + ("its end" if row.end_s is None else f"{row.end_s:g} s")
        return f"{row.file} lasts {whole.seconds:.2f} s and has no part {part}; write times in it"
    clip = cut(whole, start, stop)
    clip = clip if rate is None else resampled(clip, rate)
    if clip.frames < 2:
        return f"{row.file} has one frame there, and a motion needs two; take a longer part"
    return Take(row.file, row.action, clip, features_of(clip))


def _starts(there: int, frames: int, stride: int) -> list[int]:
    last = there - frames
    if last < 0:
        return []
    made = list(range(0, last + 1, stride))
    return made if made[-1] == last else [*made, last]
