"""The film painter: decodes a chunk's frames ahead, paints them in batches, and gives pixels back in order.

    decode ─► recall ──► paint ──► steady ─► finish
    (ahead)   (threads)  (lanes)   (ahead)   (lanes)
    keys      painted    networks  flow      size, colours, strength
              before

Between stages frames are pixels, so that each can be looked at, and left out. The stages overlap. What some job has
painted from the same before passes by the stages after `recall`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain, groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.film.brief import FilmBrief
from pipeline.film.decode import read_frames, resized
from pipeline.film.frame import Frame
from pipeline.film.geometry import fitted_size
from pipeline.film.keys import Keys
from pipeline.film.looks import Looks
from pipeline.film.recall import batches, looked_up, needed
from pipeline.film.steady import LEAD_IN, steady
from pipeline.memory import in_batches
from pipeline.models.palette import keep_colours
from pipeline.painter import Easel, Work
from pipeline.stream import Ahead, spread, timed
from pipeline.tensors import luminance, to_pixels, to_tensor

_NOTHING, _SOMETHING = 0.004, 0.06
"""Standard deviation of a frame's luma, of 1: one 8-bit code is noise, fifteen are a dark or misty picture."""


class FilmPainter:
    """Paints frames of one source.

    Every batch has the same size, the last one padded, so that a frame's pixels do not depend on where its chunk ends.
    On a CPU several lanes paint a frame each, with one thread: no thread waits for another inside an operation.
    """

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a FilmBrief."""
        self._brief = FilmBrief.model_validate(inputs)
        self._easel, self._deep = easel, deep
        self._looks = Looks(self._brief, easel)
        self.batch = easel.batch
        """Frames a batch; halves when memory runs out."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's frames, painted: (H, W, 3) uint8, or uint16 in deep jobs, RGB.

        Raises: MediaError if the source or a painting is damaged; TransientError if they cannot be reached;
        torch.OutOfMemoryError if not even one frame fits.
        """
        brief, lanes = self._brief, self._easel.lanes
        shot = brief.shot_of(work.start)
        begin = max(shot, work.start - work.lead_in)
        with ExitStack() as stack:
            decoded = timed(self._read(begin, work.stop), work.watch, "decode_s")
            recall = work.recall if brief.strength > 0 else None
            if recall is not None:
                decoded = self._keyed(decoded, work)
            frames: Iterator[Frame] = stack.enter_context(Ahead(decoded, depth=2 * self.batch + 2, name="decode"))
            if recall is not None:
                known = stack.enter_context(closing(looked_up(frames, work, recall)))
                frames = needed(known, start=work.start, lead_in=LEAD_IN if brief.steady else 0)
            if brief.strength > 0:
                frames = stack.enter_context(closing(self._painted(frames, work)))
            if brief.steady and brief.strength > 0:
                still = timed(_steadied(frames, shot=shot), work.watch, "steady_s")
                frames = stack.enter_context(Ahead(still, depth=2 * lanes, name="steady"))
            for frame, pixels in stack.enter_context(closing(self._finished(frames, work))):
                # After memory ran out, a GPU's kernels are other ones than the keys say.
                if frame.key and self.batch == self._easel.batch:
                    work.remember(frame.number, frame.key, frame.found is not None)
                yield pixels

    def _read(self, start: int, stop: int) -> Iterator[Frame]:
        brief = self._brief
        decoded = read_frames(
            brief.source,
            brief.offset + start,
            brief.offset + stop,
            size=brief.size,
            deep=self._deep,
            options=self._easel.options,
        )
        for number, content in enumerate(decoded, start):
            height, width = content.shape[:2]
            seen = resized(content, *fitted_size(width, height, brief.paint_size))
            yield Frame(number, content, seen, seen)

    def _keyed(self, frames: Iterable[Frame], work: Work) -> Iterator[Frame]:
        keys = Keys(self._brief, self._easel, self._looks, work, deep=self._deep)
        for frame in frames:
            with work.watch.time("key_s"):
                key = keys.of(frame.number, frame.content)
            yield replace(frame, key=key)

    def _painted(self, frames: Iterable[Frame], work: Work) -> Generator[Frame]:
        """The frames, those that need it painted in batches on as many lanes as there are."""

        def paint(batch: list[Frame]) -> list[Frame]:
            wanted = [frame for frame in batch if frame.is_needed]
            if not wanted:
                return batch
            with work.watch.time("model_s"):
                made = iter(in_batches(self, wanted, lambda frames: self._paint(frames, work)))
            return [next(made) if frame.is_needed else frame for frame in batch]

        runs = batches(frames, self.batch, self._alike)
        for painted in spread(paint, runs, threads=self._easel.lanes, name="paint"):
            yield from painted

    def _alike(self, frame: Frame) -> object:
        """Equal for frames that one network paints in one go: pictures in a folder differ."""
        # With the paintings in a shot's colours, each shot has a look of its own.
        shot = self._brief.shot_of(frame.number) if self._brief.preserve_color == "palette" else 0
        return frame.seen.shape, self._brief.span_of(frame.number), shot

    @torch.inference_mode()
    def _paint(self, frames: Sequence[Frame], work: Work) -> list[Frame]:
        padding = [frames[-1]] * (self.batch - len(frames))
        content = to_tensor(np.stack([frame.seen for frame in (*frames, *padding)]), self._easel.device)
        span = self._brief.span_of(frames[0].number)
        painted = self._looks.network(span.look, frames[0].number, work)(content)
        if span.fades_to is not None:
            other = self._looks.network(span.fades_to, frames[0].number, work)(content)
            mixes = [span.mix(frame.number) for frame in (*frames, *padding)]
            painted = painted.lerp(other, painted.new_tensor(mixes).view(-1, 1, 1, 1))
        if self._brief.source.rate is not None:
            painted = content.lerp(painted, presence(content))
        pixels = to_pixels(painted[: len(frames)], deep=self._deep)
        return [replace(frame, painted=made) for frame, made in zip(frames, pixels, strict=True)]

    def _finished(self, frames: Iterable[Frame], work: Work) -> Generator[tuple[Frame, np.ndarray]]:
        """The chunk's own frames with their delivered pixels."""

        def finish(frame: Frame) -> tuple[Frame, np.ndarray]:
            return frame, self._delivered(frame) if frame.found is None else frame.found

        yield from spread(finish, _wanted(frames, work), threads=self._easel.lanes, name="finish")

    @torch.inference_mode()
    def _delivered(self, frame: Frame) -> np.ndarray:
        """The pixels at the delivered size, with the source's colours and share if they are kept."""
        brief = self._brief
        if brief.strength == 0:
            return frame.content
        height, width = frame.content.shape[:2]
        painted = resized(frame.painted, width, height)
        keeps_colours = brief.preserve_color == "luminance"
        if brief.strength == 1 and not keeps_colours:
            return painted
        content, styled = to_tensor(np.stack([frame.content, painted])).split(1)
        if keeps_colours:
            styled = keep_colours(styled, content)
        return to_pixels(content.lerp(styled, brief.strength), deep=self._deep)[0]


def presence(content: Tensor) -> Tensor:
    """How much each frame shows, `(N, 1, 1, 1)` in [0, 1]: 0 for one even colour, 1 from a little contrast on.

    Networks normalise what they see, so black and its noise would become paint in full light, and a fade a cut. By
    this the paint gives way to the source where there is next to nothing to paint.
    `content`: `(N, 3, H, W)` float32 in [0, 1].
    """
    contrast = luminance(content).std((1, 2, 3), correction=0, keepdim=True)
    rise = ((contrast - _NOTHING) / (_SOMETHING - _NOTHING)).clamp(0, 1)
    return rise * rise * (3 - 2 * rise)


def _steadied(frames: Iterable[Frame], *, shot: int) -> Iterator[Frame]:
    """The frames of one shot, those that were painted with steady paint; `shot` is its first frame's number.

    After frames that were not painted, the memories begin anew: what then is wanted has been led in to.
    """
    for is_painted, run in groupby(frames, key=lambda frame: frame.is_needed):
        if is_painted:
            yield from _steadied_run(run, shot)
        else:
            yield from run


def _steadied_run(frames: Iterator[Frame], shot: int) -> Iterator[Frame]:
    first = next(frames)
    waiting: deque[Frame] = deque()

    def pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for frame in chain([first], frames):
            waiting.append(frame)
            yield frame.seen, frame.painted

    for painted in steady(pairs(), at=first.number - shot):
        yield replace(waiting.popleft(), painted=painted)


def _wanted(frames: Iterable[Frame], work: Work) -> Iterator[Frame]:
    """The chunk's own frames; those that lead in to it are dropped."""
    for frame in frames:
        if frame.number >= work.start:
            yield frame
        else:
            work.pulse("leading in")
