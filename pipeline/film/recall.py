"""Frames that were painted before are not painted again: which these are, and which must be painted all the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace

import numpy as np

from pipeline.film.frame import Frame
from pipeline.painter import Work
from pipeline.stream import spread

_AT_ONCE = 4
"""Frames that are fetched at once: a store over the network takes longer to answer than a picture to be decoded."""

_LENGTHS = 2
"""How many times its size a batch may grow by frames that only ride along: they must not wait for ever."""


def looked_up(frames: Iterable[Frame], work: Work, recall: Callable[[str], np.ndarray | None]) -> Generator[Frame]:
    """The frames, each with what was painted of it before, if anything was; not those that only lead in."""

    def look(frame: Frame) -> Frame:
        if frame.number < work.start:
            return frame
        with work.watch.time("recall_s"):
            found = recall(frame.key)
        fits = found is not None and (found.shape, found.dtype) == (frame.content.shape, frame.content.dtype)
        return replace(frame, found=found) if fits else frame

    yield from spread(look, frames, threads=_AT_ONCE, name="recall")


def needed(frames: Iterable[Frame], *, start: int, lead_in: int) -> Iterator[Frame]:
    """A chunk's frames, each knowing whether it must be painted: those that were not found, and what leads in to them.

    `start`: the chunk's first frame; those before it only lead in. `lead_in`: how many frames before it a frame depends
    on; so many are held back until it is known what comes after them.
    """
    held: deque[Frame] = deque()
    for frame in frames:
        held.append(frame)
        if frame.found is None and frame.number >= start:
            while held:
                yield held.popleft()
        elif len(held) > lead_in:
            yield replace(held.popleft(), is_needed=False)
    for frame in held:
        yield replace(frame, is_needed=False)


def batches(frames: Iterable[Frame], size: int, alike: Callable[[Frame], object]) -> Iterator[list[Frame]]:
    """The frames in order, in runs of which at most `size` must be painted, those that are `alike`.

    Frames that need no paint ride along, so that those around them still fill a batch.
    """
    batch: list[Frame] = []
    kind: object = None
    count = 0
    for frame in frames:
        this = alike(frame) if frame.is_needed else kind
        if batch and (this != kind or (frame.is_needed and count == size) or len(batch) == _LENGTHS * size):
            yield batch
            batch, count = [], 0
        if batch or frame.is_needed:
            batch.append(frame)
            kind, count = this, count + frame.is_needed
        else:
            yield [frame]
    if batch:
        yield batch
