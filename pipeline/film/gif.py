"""GIF with one palette for the whole animation. Memory holds one frame at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from pipeline.film.changes import Changes
from pipeline.film.economy import Animation, Economy, Frames, TooLarge, shown
from pipeline.film.palette import Census, Palette

_TICK = Fraction(1, 100)
"""Seconds; GIF counts in hundredths."""
_FASTEST = Fraction(50)
"""Frames per second. Browsers show anything faster at 10 …"""
_SHORTEST = 2
"""… and so a frame that is shown for fewer ticks."""


class Gif:
    """Writes an animation, as often as wanted. Its palette is chosen from all frames, so they are read once before."""

    def __init__(self, frames: Frames, *, rate: Fraction, loop: bool) -> None:
        self._frames, self._rate, self._loop = frames, rate, loop
        self._thinned = -(-rate // _FASTEST)
        self._census = Census()
        self._total = 0
        self._palette = cache(self._census.palette)

    def __call__(self, target: Path, economy: Economy, room: int | None) -> Animation:
        """Write the file.

        Raises: TooLarge beyond `room` bytes; MediaError if there are no frames, or of two sizes.
        """
        if not self._total:
            self._look()
        every = economy.every * self._thinned
        count = size = 0
        with av.open(os.fspath(target), "w", format="gif", container_options=self._options(every)) as output:
            stream = output.add_stream("gif", rate=100)
            stream.pix_fmt = "pal8"
            stream.codec_context.time_base = _TICK
            for frame in self._indexed(economy, every):
                if not count:
                    stream.width, stream.height = frame.width, frame.height
                for packet in stream.encode(frame):
                    size += packet.size
                    output.mux(packet)
                if room is not None and size > room:
                    raise TooLarge
                count += 1
            output.mux(stream.encode(None))
        rate = self._rate / every
        notes: tuple[str, ...] = ()
        if every == self._thinned > 1:
            notes = (f"{float(rate):g} frames per second, because GIF plays no more than 50",)
        return Animation(count, rate, self._total / self._rate, stream.width, stream.height, notes)

    def _look(self) -> None:
        for one in shown(self._frames):
            self._census.see(one.pixels)
        self._total = one.ends

    def _indexed(self, economy: Economy, every: int) -> Iterator[av.VideoFrame]:
        """The frames in the palette's colours."""
        # One colour is none.
        palette = self._palette(economy.colours - 1)
        table, changes = _table(palette), Changes()
        indices = np.empty((0, 0), np.uint8)
        for one in shown(self._frames, every=every, scale=economy.scale):
            change = changes.see(one.pixels)
            if change is not None:
                left, top, (height, width) = change.left, change.top, change.pixels.shape[:2]
                patch = palette.indices(change.pixels, economy.dither, left=left, top=top)
                indices = patch if not one.begins else indices
                indices[top : top + height, left : left + width] = patch
            frame = av.VideoFrame.from_ndarray((indices, table), "pal8")  # type: ignore[arg-type]
            frame.pts, frame.time_base = self._ticks(one.begins), _TICK
            yield frame

    def _options(self, every: int) -> dict[str, str]:
        """When the last frame's time is up, the first one's begins."""
        last = (self._total - 1) // every * every
        final = max(_SHORTEST, self._ticks(self._total) - self._ticks(last))
        return {"loop": "0" if self._loop else "-1", "final_delay": str(final)}

    def _ticks(self, frame: int) -> int:
        return round(frame / self._rate / _TICK)


def _table(palette: Palette) -> np.ndarray:
    """The palette as libav has it, (256, 4) uint8, alpha first. The rest of it is transparent: by one such colour its
    encoder leaves out of a frame what stays as it was."""
    table, count = np.zeros((256, 4), np.uint8), len(palette.colours)
    table[:count, 0], table[:count, 1:] = 255, palette.colours
    return table
