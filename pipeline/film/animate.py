"""Animated pictures: GIF with one palette for the whole film, and WebP. Memory holds one frame at a time."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.error import FFmpegError
from av.filter import Graph

from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.film.deliverables import Deliverable
from pipeline.film.stitch import Delivered
from pipeline.images import encode_webp

_GIF_TICK = Fraction(1, 100)
"""Seconds; GIF counts in hundredths."""
_GIF_FASTEST = Fraction(50)
"""Frames per second. Browsers show anything faster at 10."""

# An ordered dither stands still where the picture does; error diffusion would crawl from frame to frame.
_DITHER = "dither=bayer:bayer_scale=3:diff_mode=rectangle"

_WEBP_LONGEST_SIDE = 16_383
_RIFF_LARGEST = 2**32 - 10

Frames = Callable[[], Iterator[np.ndarray]]
"""Gives the frames from the first, each time it is called."""


def animate(frames: Frames, target: Path, *, deliverable: Deliverable, rate: Fraction) -> Delivered:
    """Write an endlessly repeating animation of all frames, (H, W, 3) uint8 or uint16 sRGB of one size.

    `frames` is called twice for GIF, whose palette is chosen from the whole film first. `rate`: frames per second.
    The same frames give the same bytes. If it fails, nothing is left at `target`.
    Raises: MediaError if the frames cannot be written so; StorageFull, StorageUnavailable, AccessDenied.
    """
    makers = {".gif": _gif, ".webp": _webp}
    if deliverable.suffix not in makers or deliverable.made_of != "animation":
        raise MediaError(f"deliverable {deliverable.name!r} is no animation")
    try:
        return makers[deliverable.suffix](frames, target, rate)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise access.write_error(target, error) from error
        if isinstance(error, FFmpegError):
            raise MediaError(f"{target.name}: its frames cannot be written: {error}") from error
        raise


def _gif(frames: Frames, target: Path, rate: Fraction) -> Delivered:
    every = -(-rate // _GIF_FASTEST)
    palette = _palette(frames, every)
    count = 0
    with av.open(os.fspath(target), "w", format="gif", container_options={"loop": "0"}) as output:
        stream = output.add_stream("gif", rate=100)
        stream.pix_fmt = "pal8"
        stream.codec_context.time_base = _GIF_TICK
        for number, indexed in enumerate(_indexed(frames, every, palette)):
            if number == 0:
                stream.width, stream.height = indexed.width, indexed.height
            indexed.pts = round(number * every / rate / _GIF_TICK)
            indexed.time_base = _GIF_TICK
            output.mux(stream.encode(indexed))
            count += 1
        output.mux(stream.encode(None))
    notes = (f"{float(rate / every):g} frames per second, because GIF plays no more than 50",) if every > 1 else ()
    return Delivered(count, count * every / rate, "none", notes)


def _palette(frames: Frames, every: int) -> av.VideoFrame:
    graph: Graph | None = None
    for frame in _chosen(frames, every):
        if graph is None:
            graph = Graph()
            source = _buffer(graph, frame)
            graph.link_nodes(
                source, graph.add("palettegen", "reserve_transparent=0:stats_mode=full"), graph.add("buffersink")
            ).configure()
        graph.vpush(frame)
    if graph is None:
        raise MediaError("there are no frames to animate")
    graph.vpush(None)
    return graph.vpull()


def _indexed(frames: Frames, every: int, palette: av.VideoFrame) -> Iterator[av.VideoFrame]:
    graph: Graph | None = None
    for frame in _chosen(frames, every):
        if graph is None:
            graph = Graph()
            source, colours = _buffer(graph, frame), _buffer(graph, palette)
            use, sink = graph.add("paletteuse", _DITHER), graph.add("buffersink")
            source.link_to(use, 0, 0)
            colours.link_to(use, 0, 1)
            use.link_to(sink)
            graph.configure()
            colours.push(palette)
            colours.push(None)
        source.push(frame)
        yield from _ready(graph)
    if graph is not None:
        source.push(None)
        yield from _ready(graph)


def _ready(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (BlockingIOError, EOFError):
            return


def _buffer(graph: Graph, frame: av.VideoFrame) -> av.filter.context.FilterContext:
    return graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=_GIF_TICK)


def _chosen(frames: Frames, every: int) -> Iterator[av.VideoFrame]:
    shape: tuple[int, ...] | None = None
    for number, pixels in enumerate(frames()):
        shape = shape or pixels.shape
        _check_shape(pixels, shape, number)
        if number % every == 0:
            eight = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
            # palettegen and paletteuse read 32 bits a pixel.
            opaque = np.dstack((np.full(eight.shape[:2], 255, np.uint8), eight))
            frame = av.VideoFrame.from_ndarray(opaque, "argb").reformat(format="rgb32", threads=1)
            frame.pts, frame.time_base = number // every, _GIF_TICK
            yield frame


def _webp(frames: Frames, target: Path, rate: Fraction) -> Delivered:
    shape: tuple[int, ...] | None = None
    count = 0
    with target.open("wb") as file:
        for pixels in frames():
            if shape is None:
                shape = pixels.shape
                _start_webp(file, shape[1], shape[0], target)
            _check_shape(pixels, shape, count)
            duration_ms = round((count + 1) * 1000 / rate) - round(count * 1000 / rate)
            _write_chunk(file, b"ANMF", _webp_frame(pixels, duration_ms))
            count += 1
        if not count:
            raise MediaError("there are no frames to animate")
        length = file.tell() - 8
        if length > _RIFF_LARGEST:
            raise MediaError(f"{target.name}: larger than 4 GiB, which WebP cannot be; choose fewer frames")
        file.seek(4)
        file.write(struct.pack("<I", length))
    return Delivered(count, count / rate, "none")


def _start_webp(file: BinaryIO, width: int, height: int, target: Path) -> None:
    """Source: the WebP container specification, extended file format."""
    if max(width, height) > _WEBP_LONGEST_SIDE:
        raise MediaError(f"{target.name}: {width}x{height} is larger than WebP's {_WEBP_LONGEST_SIDE} px a side")
    file.write(b"RIFF\0\0\0\0WEBP")
    animated, repeats_forever = 0x02, 0
    _write_chunk(file, b"VP8X", struct.pack("<I", animated) + _bits24(width - 1, height - 1))
    _write_chunk(file, b"ANIM", struct.pack("<IH", 0xFF000000, repeats_forever))


def _webp_frame(pixels: np.ndarray, duration_ms: int) -> bytes:
    encoded = encode_webp(pixels)
    picture = b"".join(_chunks(encoded, {b"VP8 ", b"VP8L"}))
    do_not_blend = 0x02
    height, width = pixels.shape[:2]
    return _bits24(0, 0, width - 1, height - 1, duration_ms) + bytes([do_not_blend]) + picture


def _chunks(riff: bytes, wanted: set[bytes]) -> Iterator[bytes]:
    at = 12
    while at < len(riff):
        name, length = riff[at : at + 4], struct.unpack_from("<I", riff, at + 4)[0]
        end = at + 8 + length + length % 2
        if name in wanted:
            yield riff[at:end]
        at = end


def _write_chunk(file: BinaryIO, name: bytes, body: bytes) -> None:
    file.write(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))


def _bits24(*values: int) -> bytes:
    return b"".join(value.to_bytes(3, "little") for value in values)


def _check_shape(pixels: np.ndarray, shape: tuple[int, ...], number: int) -> None:
    if pixels.shape != shape:
        raise MediaError(f"frame {number} is {pixels.shape[1]}x{pixels.shape[0]}, the first is {shape[1]}x{shape[0]}")
