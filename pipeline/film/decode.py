"""Frames of a source, by number: frame-exact by presentation time, upright, square, full-range sRGB. Torch-free."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from av.error import FFmpegError

from pipeline.errors import AtelierError, MediaError, SourceMissing
from pipeline.film import access, geometry
from pipeline.film.colour import Colours
from pipeline.film.container import opened_film, video_stream
from pipeline.film.films import orientation_of
from pipeline.film.limits import Limits
from pipeline.film.source import Source
from pipeline.images import decode_image, to_depth

_LEADS_S: tuple[int | None, ...] = (0, 2, 10, None)
"""How far before the wanted frame to start, in seconds, one try after the other; None is the film's beginning.

The first finds the keyframe before it in nearly every film. The others are for indexes that point too late.
"""


def read_frames(
    source: Source,
    start: int,
    stop: int,
    *,
    size: int | None = None,
    deep: bool = False,
    options: Any = None,
    threads: int = 1,
) -> Iterator[np.ndarray]:
    """Frames [start, stop) of the source, counted from 0: (H, W, 3) uint8, or uint16 when deep; sRGB.

    `size`: longest side in pixels; each picture of a folder is fitted by itself. `threads`: for decoding.
    One frame at a time is held. The array is the caller's to change.
    Raises: MediaError naming the frame if the source is gone, changed or damaged; TransientError if a store fails.
    """
    if not 0 <= start <= stop <= source.frames:
        raise MediaError(f"{source.url}: frames [{start}, {stop}) are not within its {source.frames}")
    if start == stop:
        return
    if source.kind == "film":
        try:
            access.check_unchanged(source.url, source.fingerprint, options)
        except AtelierError as error:
            raise type(error)(f"frame {source.first + start}: {error}") from error
    if source.kind == "film":
        yield from _film_frames(source, range(start, stop), size=size, deep=deep, options=options, threads=threads)
        return
    for number in range(start, stop):
        try:
            yield _picture(source, number, size=size, deep=deep, options=options)
        except AtelierError as error:
            raise type(error)(f"frame {source.first + number}: {error}") from error


def _film_frames(
    source: Source, numbers: range, *, size: int | None, deep: bool, options: Any, threads: int
) -> Iterator[np.ndarray]:
    width, height = geometry.fitted_size(source.width, source.height, size)
    shown = _Shown(source, numbers, options, threads)
    colours = Colours()
    pixels: np.ndarray | None = None
    last_pts: int | None = None
    orientation: int | None = None
    for number in numbers:
        pts = source.pts[number]
        if pixels is None or pts != last_pts:
            frame = shown.at(number)
            if orientation is None:
                # Of the first only: reading side data ties the frame into a cycle, and hundreds of frames would wait
                # for Python's garbage collector.
                orientation, _ = orientation_of(frame)
            stored = (height, width) if geometry.turns_sideways(orientation) else (width, height)
            pixels = geometry.upright(colours.pixels(frame, *stored, deep=deep), orientation)
            last_pts = pts
            yield pixels
        else:
            yield pixels.copy()


class _Shown:
    """Finds a film's frames by their pts, for numbers that only grow."""

    def __init__(self, source: Source, numbers: range, options: Any, threads: int) -> None:
        self._source, self._options, self._threads = source, options, threads
        self._leads = iter(_LEADS_S)
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._error: Exception | None = None

    def at(self, number: int) -> av.VideoFrame:
        """The frame; starts further and further back while it is not found.

        Raises: MediaError if the film does not hold it any more.
        """
        wanted = self._source.pts[number]
        while True:
            try:
                for frame in self._frames:
                    if frame.pts == wanted:
                        return frame
                    if frame.pts is not None and frame.pts > wanted:
                        break
            except (FFmpegError, ValueError) as error:
                self._error = error
            except AtelierError as error:
                raise type(error)(f"frame {self._source.first + number}: {error}") from error
            self._restart(number)

    def _restart(self, number: int) -> None:
        try:
            lead = next(self._leads)
        except StopIteration:
            raise MediaError(
                f"{self._source.url}: frame {self._source.first + number} cannot be decoded;"
                " the film is damaged or was changed"
            ) from self._error
        self._frames = self._from(self._source.pts[number], lead)

    def _from(self, target: int, lead_s: int | None) -> Iterator[av.VideoFrame]:
        """Frames in order of time, from a keyframe at least `lead_s` before `target`; none if there is no such."""
        limits = _limits(self._source)
        with opened_film(self._source.url, limits=limits, options=self._options) as container:
            stream = video_stream(container, self._source.url, limits=limits)
            stream.codec_context.thread_type = "AUTO"
            stream.codec_context.thread_count = self._threads
            if lead_s is not None:
                ticks = round(lead_s / (self._source.time_base or Fraction(1)))
                container.seek(target - ticks, stream=stream)
            started = lead_s is None
            for packet in container.demux(stream):
                if not started:
                    if packet.pts is None or not packet.is_keyframe or packet.pts > target:
                        return
                    started = True
                for frame in packet.decode():
                    # Starting further back may heal it; from the film's beginning we take what there is.
                    if frame.is_corrupt and lead_s is not None:
                        return
                    yield frame


def _limits(source: Source) -> Limits:
    return Limits(pixels=source.max_pixels)


def _picture(source: Source, number: int, *, size: int | None, deep: bool, options: Any) -> np.ndarray:
    url = _picture_url(source, number)
    limits = _limits(source)
    try:
        data = access.read_bytes(url, options, most=limits.file_bytes)
    except SourceMissing as error:
        if _has_others(source, options):
            # One picture of many is a bad frame.
            raise MediaError(str(error)) from error
        raise
    pixels = decode_image(data, deep=deep, limits=limits, where=url)
    height, width = pixels.shape[:2]
    if source.kind != "folder" and (width, height) != (source.width, source.height):
        raise MediaError(f"{url}: is {width}x{height}, but the source is {source.width}x{source.height}")
    return to_depth(resized(pixels, *geometry.fitted_size(width, height, size)), deep=deep)


def _has_others(source: Source, options: Any) -> bool:
    """Whether any of the source's pictures is there: the folder of a disk that is not mounted is empty."""
    if source.kind == "picture":
        return False
    try:
        there = {file.name for file in access.listing(_folder(source), options)}
    except AtelierError:
        return False
    return not there.isdisjoint(source.names)


def resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """The picture at width x height; averaged when smaller, bicubic when larger."""
    if pixels.shape[:2] == (height, width):
        return pixels
    smaller = width * height < pixels.shape[0] * pixels.shape[1]
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def _picture_url(source: Source, number: int) -> str:
    if source.kind == "picture":
        return source.url
    return f"{_folder(source)}/{source.names[number]}"


def _folder(source: Source) -> str:
    return source.url if source.kind == "folder" else access.parent(source.url)
