"""Small copies of a chunk's first and last frames, for its receipt: the stitcher judges the seams by them."""

from __future__ import annotations

import numpy as np

from pipeline.film.seams import EDGE, edge_copy, packed


class Edges:
    """Takes a chunk's frames in order and keeps what lies at its two ends."""

    def __init__(self, frames: int) -> None:
        """`frames`: how many the chunk has."""
        self._frames = frames
        self._heads = range(min(EDGE, frames))
        self._tails = range(max(0, frames - EDGE), frames)
        self._next = 0
        self._copies: dict[int, str] = {}

    def put(self, pixels: np.ndarray) -> None:
        """The next frame, (H, W, 3) uint8 or uint16, sRGB."""
        if self._next in self._heads or self._next in self._tails:
            self._copies[self._next] = packed(edge_copy(pixels))
        self._next += 1

    def finish(self) -> tuple[str, ...]:
        """The first frames' copies, then as many of the last frames'; none if frames are missing."""
        if self._next != self._frames:
            return ()
        return tuple(self._copies[frame] for ends in (self._heads, self._tails) for frame in ends)
