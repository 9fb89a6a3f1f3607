"""GIF with one palette for the whole animation. Memory holds one frame at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.filter import Graph

from pipeline.film.economy import Animation, Economy, Frames, Shown, TooLarge, shown

_TICK = Fraction(1, 100)
"""Seconds; GIF counts in hundredths."""
_FASTEST = Fraction(50)
"""Frames per second. Browsers show anything faster at 10 …"""
_SHORTEST = 2
"""… and so a frame that is shown for fewer ticks."""

_SAMPLED = 480
"""The palette is chosen from so many pixels of the longer side, evenly spaced: more of them change nothing in it."""


def write_gif(
    frames: Frames, target: Path, economy: Economy, room: int | None, *, rate: Fraction, loop: bool
) -> Animation:
    """Write the frames, which are read twice: first the palette is chosen from all of them.

    Raises: TooLarge beyond `room` bytes; MediaError if there are no frames, or of two sizes.
    """
    thinned = -(-rate // _FASTEST)
    economy = replace(economy, every=economy.every * thinned)
    palette, last = _palette(frames, economy)
    height, width = last.pixels.shape[:2]
    # When the last one's time is up, the first one's begins.
    final = max(_SHORTEST, _ticks(last.ends, rate) - _ticks(last.begins, rate))
    options = {"loop": "0" if loop else "-1", "final_delay": str(final)}
    count = size = 0
    with av.open(os.fspath(target), "w", format="gif", container_options=options) as output:
        stream = output.add_stream("gif", rate=100)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        stream.codec_context.time_base = _TICK
        for indexed, begins in _indexed(shown(frames, economy), palette, economy.dither):
            indexed.pts, indexed.time_base = _ticks(begins, rate), _TICK
            for packet in stream.encode(indexed):
                size += packet.size
                output.mux(packet)
            if room is not None and size > room:
                raise TooLarge
            count += 1
        output.mux(stream.encode(None))
    rate_shown = rate / economy.every
    notes: tuple[str, ...] = ()
    if economy.every == thinned > 1:
        notes = (f"{float(rate_shown):g} frames per second, because GIF plays no more than 50",)
    return Animation(count, rate_shown, last.ends / rate, width, height, notes)


def _ticks(frame: int, rate: Fraction) -> int:
    return round(frame / rate / _TICK)


def _palette(frames: Frames, economy: Economy) -> tuple[av.VideoFrame, Shown]:
    """The palette, and the last frame."""
    graph = Graph()
    for number, one in enumerate(shown(frames, economy)):
        step = -(-max(one.pixels.shape) // _SAMPLED)
        frame = _frame(one.pixels[::step, ::step], one.begins)
        if number == 0:
            # A colour that is none lets each frame leave out what stays as it was.
            how = f"max_colors={economy.colours}:reserve_transparent=1:stats_mode=full"
            graph.link_nodes(_buffer(graph, frame), graph.add("palettegen", how), graph.add("buffersink")).configure()
        graph.vpush(frame)
    graph.vpush(None)
    return graph.vpull(), one


_Indexed = tuple[av.VideoFrame, int]
"""A frame in the palette's colours, and when it begins."""


def _indexed(frames: Iterable[Shown], palette: av.VideoFrame, dither: int | None) -> Iterator[_Indexed]:
    # An ordered dither stands still where the picture does; error diffusion would crawl from frame to frame.
    how = "none" if dither is None else f"bayer:bayer_scale={dither}"
    graph = Graph()
    for number, one in enumerate(frames):
        frame = _frame(one.pixels, one.begins)
        if number == 0:
            source, colours = _buffer(graph, frame), _buffer(graph, palette)
            use, sink = graph.add("paletteuse", f"dither={how}:diff_mode=rectangle"), graph.add("buffersink")
            source.link_to(use, 0, 0)
            colours.link_to(use, 0, 1)
            use.link_to(sink)
            graph.configure()
            colours.push(palette)
            colours.push(None)
        source.push(frame)
        yield from _ready(graph)
    source.push(None)
    yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[_Indexed]:
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        yield frame, int(frame.pts or 0)


def _buffer(graph: Graph, frame: av.VideoFrame) -> av.filter.context.FilterContext:
    return graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=_TICK)


def _frame(pixels: np.ndarray, begins: int) -> av.VideoFrame:
    # palettegen and paletteuse read 32 bits a pixel.
    frame = av.VideoFrame.from_ndarray(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA), np.uint8), "bgra")
    frame.pts, frame.time_base = begins, _TICK
    return frame
