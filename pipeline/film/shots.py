"""Shots: where a source cuts from one take to the next, and chunks that never span a cut. Torch-free.

Two neighbouring frames belong to one shot if the blocks of one are found again in the other, all moved in much the same
way, however bright they became. What lasts an eighth of a second or less and gives way to the picture from before is a
flash and no shot. Blank pictures (black, white, fog) resemble nothing: a fade through them is one cut, at the first
picture after it. Dissolves are no cuts: every step of them is small. Only brightness is compared, no colours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import cv2
import numpy as np

from pipeline.errors import InputError, MediaError
from pipeline.film.decode import read_frames
from pipeline.film.source import Source
from pipeline.stream import Ahead, spread

_DECODED_PX = 96
"""Longest side of the frames that are decoded to look for cuts."""

_WIDTH, _HEIGHT = 64, 36
"""Of what is compared, whatever the film's shape."""

_BLOCK = (16, 12)
_REACH = (20, 12)
"""How far a block is looked for, in px of the compared picture: a third of it each way."""

_MATCH_WEIGHT = 0.9
_ALIKE = -0.06
"""Alike if 0.9 of the blocks' match, less their scatter, is above -0.06: fitted on cuts between photographs, and on
motions of them."""
_CLEARLY = 0.3
_SCATTERED_PX = 10
"""A block this far from where the others went is lost; farther is no worse."""

_STILL = 2.0
"""Mean difference of luma (0 to 255) below which two frames are not compared further …"""
_STILL_CONTRAST = 0.1
"""… if it is below this part of their contrast, too: of two pictures near black, every one differs little."""
_JUMP = 8.0
"""The same, above which a picture does not fade into a blank one, but cuts."""

_UNREST = 1.3
"""A difference below 1.3 times the smallest of the last ones is no cut: heavy grain, or a camera thrown around."""
_UNREST_FRAMES = 4

_TEXTURE = 1.5
"""Standard deviation of luma (0 to 255) below which a block holds nothing to find again."""
_BLANK = 3.0
"""The same of a whole picture."""

_FLASH_S = Fraction(1, 8)
_FLASH_FRAMES = 3
"""The longest flash, at least."""


def find_shots(
    source: Source,
    start: int,
    stop: int,
    *,
    options: Any = None,
    threads: int = 2,
    report: Callable[[int], None] = lambda frames: None,
) -> tuple[int, ...]:
    """The first frame of each shot in [start, stop), counted from 0: always `start` first; nothing if it is empty.

    Every picture of a folder is a shot of its own. `threads`: for decoding. `report`: how many frames were looked at.
    Raises: MediaError naming the frame if the source is gone, changed or damaged; TransientError if a store fails.
    """
    if not 0 <= start <= stop <= source.frames:
        raise MediaError(f"{source.url}: frames [{start}, {stop}) are not within its {source.frames}")
    if source.kind in ("picture", "folder") or stop - start < 2:
        return tuple(range(start, stop))
    patience = max(_FLASH_FRAMES, int((source.rate or 0) * _FLASH_S))
    with Ahead(_looks(source, range(start, stop), options, threads), depth=16, name="shots") as looks:
        cuts = tuple(start + cut for cut in _cuts(_counted(looks, report), patience))
    return (start, *cuts)


def chunks_within(shots: Sequence[int], stop: int, size: int) -> tuple[tuple[int, int], ...]:
    """[shots[0], stop) as chunks [start, stop) of at most `size` frames, none across a shot's first frame.

    The chunks of one shot differ by one frame at most.
    Raises: InputError if the size is not positive, or the shots do not grow up to `stop`.
    """
    if size < 1:
        raise InputError(f"a chunk of {size} frames is too small; give at least 1")
    bounds = (*shots, stop)
    if any(first >= after for first, after in pairwise(bounds)):
        raise InputError(f"the shots' first frames must grow, and end before frame {stop}")
    chunks: list[tuple[int, int]] = []
    for first, after in pairwise(bounds):
        length = after - first
        count = -(-length // size)
        edges = [first + length * place // count for place in range(count + 1)]
        chunks.extend(pairwise(edges))
    return tuple(chunks)


@dataclass(frozen=True)
class _Look:
    """What is kept of a frame to compare it with others: 9 KB."""

    luma: np.ndarray
    """(36, 64) float32, 0 to 255."""
    contrast: float
    """Standard deviation of the luma."""

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to see in it."""
        return self.contrast < _BLANK


def _look(frame: np.ndarray) -> _Look:
    small = cv2.resize(frame, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return _Look(luma, contrast=float(luma.std()))


def _looks(source: Source, numbers: range, options: Any, threads: int) -> Iterator[_Look]:
    if source.kind == "film":
        frames = read_frames(source, numbers.start, numbers.stop, size=_DECODED_PX, options=options, threads=threads)
        return map(_look, frames)

    def look(number: int) -> _Look:
        # Pictures are decoded by a thread each.
        return _look(next(read_frames(source, number, number + 1, size=_DECODED_PX, options=options)))

    return spread(look, numbers, threads=threads, name="shots-picture")


def _counted(looks: Iterable[_Look], report: Callable[[int], None]) -> Iterator[_Look]:
    for count, look in enumerate(looks, 1):
        yield look
        report(count)


def _cuts(looks: Iterator[_Look], patience: int) -> Iterator[int]:
    """The number of each look that begins a shot, but the first. Holds `patience` + 2 looks at a time."""
    window = deque(islice(looks, patience + 2))
    number = flash_ends = 0
    # Before the first step there is none: the second stands for it.
    steps = deque([_difference(window[1], window[2]) if len(window) > 2 else 0.0], maxlen=_UNREST_FRAMES)
    blank = _Blank(1, None, jumped_in=False) if window[0].is_blank else None
    while len(window) > 1:
        before, after, *later = window
        number += 1
        step = _difference(before, after)
        next_step = _difference(after, later[0]) if later else 0.0
        jumped = step > max(_JUMP, 2 * steps[-1], 2 * next_step)
        if number <= flash_ends:
            pass
        elif after.is_blank and not before.is_blank:
            blank = _Blank(number, before, jumped_in=jumped)
        elif before.is_blank and not after.is_blank and blank is not None:
            yield from blank.cuts(number, [after, *later], jumped_out=jumped, patience=patience)
            blank = None
        elif not _alike(before, after, step) and (jumped if after.is_blank else step > _UNREST * min(steps)):
            back = _return(before, later)
            if back is None:
                yield number
            else:
                flash_ends = number + back + 1
        steps.append(step)
        window.popleft()
        window.extend(islice(looks, 1))
    if blank is not None and blank.jumped_in and number - blank.start >= patience:
        yield blank.start


@dataclass(frozen=True)
class _Blank:
    """A run of blank pictures."""

    start: int
    before: _Look | None
    """The last picture before it; None at the beginning of the film."""
    jumped_in: bool
    """Whether it came at once, not as a fade."""

    def cuts(self, stop: int, after: Sequence[_Look], *, jumped_out: bool, patience: int) -> Iterator[int]:
        """Where to cut, when pictures come back at frame `stop`."""
        if self.before is None:
            if jumped_out:
                yield stop
        elif stop - self.start <= patience:
            if _return(self.before, after) is None:
                yield stop
        else:
            if self.jumped_in:
                yield self.start
            if jumped_out or not self.jumped_in:
                yield stop


def _return(before: _Look, later: Sequence[_Look]) -> int | None:
    """How many looks later the picture from before is back; None if it is not."""
    return next((place for place, look in enumerate(later) if _alike(before, look, _difference(before, look))), None)


def _difference(first: _Look, second: _Look) -> float:
    return float(cv2.norm(first.luma, second.luma, cv2.NORM_L1)) / first.luma.size


def _alike(first: _Look, second: _Look, difference: float) -> bool:
    """Whether two frames may belong to one shot."""
    if first.is_blank or second.is_blank:
        return first.is_blank and second.is_blank and difference < _JUMP
    if difference < min(_STILL, _STILL_CONTRAST * min(first.contrast, second.contrast)):
        return True
    found = _found_again(first.luma, second.luma)
    # Most pairs are so much alike that one way says it all.
    return found > _CLEARLY or (found + _found_again(second.luma, first.luma)) / 2 > _ALIKE


def _found_again(where: np.ndarray, what: np.ndarray) -> float:
    """How well the blocks of one luma are found in another, from -1 to 0.9: their match, less their scatter.

    In another picture the best match of a block may be good, but lies anywhere.
    """
    (width, height), (across, down) = _BLOCK, _REACH
    matches, weights, moves = [], [], []
    for top in range(0, _HEIGHT, height):
        for left in range(0, _WIDTH, width):
            block = what[top : top + height, left : left + width]
            texture = float(block.std())
            if texture < _TEXTURE:
                continue
            above, before = max(0, top - down), max(0, left - across)
            area = where[above : top + height + down, before : left + width + across]
            _, match, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(area, block, cv2.TM_CCOEFF_NORMED))
            matches.append(min(max(match, 0.0), 1.0))
            # Faint blocks are mostly noise.
            weights.append(texture**0.5)
            moves.append((before + x - left, above + y - top))
    if not moves:
        return 0.0
    astray = np.abs(moves - np.median(moves, axis=0)).sum(axis=1)
    scatter = np.minimum(astray / _SCATTERED_PX, 1).mean()
    return float(_MATCH_WEIGHT * np.average(matches, weights=weights) - scatter)
