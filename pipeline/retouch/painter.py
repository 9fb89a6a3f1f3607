"""The painter of retouch jobs: decodes a chunk's frames ahead, and edits them on as many threads as there are lanes."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from threading import Lock
from typing import Any

import numpy as np

from pipeline.film.decode import read_frames
from pipeline.film.source import Source
from pipeline.images import to_depth
from pipeline.painter import Easel, Work
from pipeline.retouch.brief import RetouchBrief
from pipeline.retouch.chain import Chain
from pipeline.stream import Ahead, spread, timed


class RetouchPainter:
    """Edits frames of one source. No frame knows its neighbours, so that none depends on where its chunk begins."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a RetouchBrief."""
        self._brief = RetouchBrief.model_validate(inputs)
        self._easel, self._deep = easel, deep
        # A source's bits are kept until the last edit, whatever is delivered then.
        self._read_deep = deep or self._brief.source.bit_depth > 8
        self._chain: Chain | None = None
        self._lock = Lock()
        self.batch = easel.batch
        """After so many frames the worker looks whether the job was paused."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's frames, edited: (H, W, 3) uint8, or uint16 in deep jobs, sRGB.

        Raises: MediaError if the source is damaged or one of its pictures cannot be edited; TransientError.
        """
        chain = self._made(work)
        with ExitStack() as stack:
            decoded = timed(self._frames(work.start, work.stop), work.watch, "decode_s")
            frames = stack.enter_context(Ahead(decoded, depth=2 * self._easel.lanes + 2, name="decode"))
            yield from stack.enter_context(closing(self._edited(chain, frames, work)))

    def _edited(self, chain: Chain, frames: Iterable[np.ndarray], work: Work) -> Generator[np.ndarray]:
        def edit(item: tuple[int, np.ndarray]) -> np.ndarray:
            frame, pixels = item
            with work.watch.time("edit_s"):
                if not self._brief.steps:
                    return to_depth(pixels, deep=self._deep)
                return chain.edit(pixels, self._brief.moment(frame), deep=self._deep)

        yield from spread(edit, enumerate(frames, work.start), threads=self._easel.lanes, name="edit")

    def _made(self, work: Work) -> Chain:
        """The edits, made once for all chunks: tables are read, letters are drawn."""
        with self._lock:
            if self._chain is None:
                self._chain = Chain.of(self._brief.steps, work.file)
            return self._chain

    def _frames(self, start: int, stop: int) -> Iterator[np.ndarray]:
        source = played(self._brief, start, stop)
        yield from read_frames(source, 0, source.frames, deep=self._read_deep, options=self._easel.options)


def played(brief: RetouchBrief, start: int, stop: int) -> Source:
    """The source as the job's frames [start, stop) show it: a film of these frames alone, some of them twice."""
    shown = [brief.shown(frame) for frame in range(start, stop)]
    source = brief.source
    return source.model_copy(
        update={
            "frames": len(shown),
            "first": source.first + (shown[0] if shown else 0),
            "pts": tuple(source.pts[number] for number in shown) if source.pts else (),
            "names": tuple(source.names[number] for number in shown) if source.names else (),
        }
    )
