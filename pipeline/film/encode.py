"""Segments: one chunk of frames as a small film of its own, made to be joined to its neighbours by packet copy.

Every segment of a film has the same codec parameters and starts with a closed group of pictures.
Joining them is stitch.py's; what each deliverable is made with, deliverables.py's.
"""

from __future__ import annotations

import io
import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import cast

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.stream import VideoStream

from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.film.colour import Colours, tag_bt709
from pipeline.film.deliverables import Deliverable
from pipeline.film.geometry import even_size
from pipeline.film.priority import share_the_machine

# SVT-AV1 prints its settings to stderr unless told to print errors only.
os.environ.setdefault("SVT_LOG", "1")


class SegmentEncoder:
    """Encodes frames of one size to one segment. The same frames give the same bytes, on any load of the machine.

    Use as a context manager, or call `close`; leaving the block by an exception abandons the segment.
    """

    def __init__(
        self, deliverable: Deliverable, width: int, height: int, rate: Fraction, *, target: Path | None = None
    ) -> None:
        """`rate`: frames per second. `target`: the segment's file; without it `close` returns the bytes.

        Raises: MediaError if the deliverable has no encoder, or none for this size and rate.
        """
        if deliverable.made_of != "segments":
            raise MediaError(f"deliverable {deliverable.name!r} is not made of segments")
        if width < deliverable.narrowest:
            least = deliverable.narrowest
            raise MediaError(
                f"{deliverable.name} cannot be encoded at {width}x{height}; it is at least {least} px wide"
            )
        self.frames = 0
        self._packets = 0
        self._closed = False
        self._deliverable = deliverable
        self._size = width, height
        self._target = target
        self._time_base = 1 / rate
        self._colours = Colours()
        self._memory = io.BytesIO() if target is None else None
        self._container = av.open(
            self._memory or str(target),
            "w",
            format=deliverable.container,
            container_options={"fflags": "+bitexact"},
        )
        try:
            self._stream = self._opened(rate)
        except (FFmpegError, ValueError) as error:
            self._container.close()
            raise MediaError(
                f"{deliverable.name} cannot be encoded at {width}x{height}, {float(rate):g} frames per second;"
                " choose another size"
            ) from error

    def write(self, pixels: np.ndarray) -> None:
        """Add a frame: (H, W, 3) uint8 or uint16, full-range sRGB; or (H, W, 4) uint8, the fourth straight alpha.

        Raises: MediaError if it is not of the segment's size; StorageFull, StorageUnavailable, AccessDenied.
        """
        width, height = self._size
        if pixels.shape[:2] != (height, width):
            raise MediaError(
                f"frame {self.frames} is {pixels.shape[1]}x{pixels.shape[0]}, but the segment is {width}x{height}"
            )
        frame = self._colours.frame(self._padded(pixels), self._deliverable.pix_fmt)
        frame.pts, frame.time_base = self.frames, self._time_base
        self._mux(frame)
        self.frames += 1

    def close(self) -> bytes:
        """Finish the segment. Its bytes, or none if it went to a file; may be called again. Raises: as `write`."""
        if not self._closed:
            try:
                if self.frames:
                    self._mux(None)
            finally:
                self._finish()
        return self._memory.getvalue() if self._memory else b""

    def __enter__(self) -> SegmentEncoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._finish()

    def _opened(self, rate: Fraction) -> VideoStream:
        row = self._deliverable
        stream = cast(VideoStream, self._container.add_stream(row.codec, rate=rate, options=dict(row.options)))
        stream.width, stream.height = even_size(*self._size) if row.even else self._size
        stream.pix_fmt = row.pix_fmt
        codec = stream.codec_context
        codec.time_base = self._time_base
        codec.thread_count = row.threads
        codec.flags |= Flags.bitexact | Flags.closed_gop
        if row.tag:
            codec.codec_tag = row.tag
        tag_bt709(codec)
        codec.open()
        share_the_machine()
        return stream

    def _padded(self, pixels: np.ndarray) -> np.ndarray:
        right, bottom = self._stream.width - pixels.shape[1], self._stream.height - pixels.shape[0]
        if not right and not bottom:
            return pixels
        return cv2.copyMakeBorder(pixels, 0, bottom, 0, right, cv2.BORDER_REPLICATE)

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                # As stitch.py numbers them: libx265 leaves the time of a film of one or two frames unset.
                packet.dts = self._packets - self._deliverable.reorder
                self._packets += 1
                self._container.mux(packet)
        except OSError as error:
            raise access.write_error(self._target, error) from error
        except FFmpegError as error:
            raise MediaError(f"frame {self.frames} cannot be encoded as {self._deliverable.name}: {error}") from error

    def _finish(self) -> None:
        self._closed = True
        try:
            self._container.close()
        except OSError as error:
            raise access.write_error(self._target, error) from error
