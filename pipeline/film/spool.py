"""Frames laid aside on disk without loss, so that what reads them twice need not paint them twice."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from pipeline.film import access
from pipeline.film.changes import Changes
from pipeline.images import encode_png

_ENTRY = struct.Struct("<III")
"""Left, top, bytes of the PNG that follows; none if the frame is as the one before it."""


class Spool:
    """A file of frames, (H, W, 3) uint8 of one size, each as what it changes of the one before. A context manager."""

    def __init__(self, path: Path) -> None:
        """Raises: StorageFull, StorageUnavailable, AccessDenied."""
        self._path = path
        self._changes = Changes()
        self.frames = 0
        """How many there are."""
        try:
            self._file = path.open("wb")
        except OSError as error:
            raise access.write_error(path, error) from error

    def put(self, pixels: np.ndarray) -> None:
        """Add a frame. Raises: MediaError if it is not of the first one's size; StorageFull, StorageUnavailable."""
        change = self._changes.see(pixels)
        data = encode_png(change.pixels) if change is not None else b""
        left, top = (change.left, change.top) if change is not None else (0, 0)
        try:
            self._file.write(_ENTRY.pack(left, top, len(data)) + data)
        except OSError as error:
            raise access.write_error(self._path, error) from error
        self.frames += 1

    def read(self) -> Iterator[np.ndarray]:
        """All frames that were put, in order. Each is the reader's own, and may be kept."""
        try:
            self._file.flush()
        except OSError as error:
            raise access.write_error(self._path, error) from error
        canvas: np.ndarray | None = None
        with self._path.open("rb") as file:
            for _ in range(self.frames):
                left, top, length = _ENTRY.unpack(file.read(_ENTRY.size))
                if length:
                    patch = _decoded(file.read(length))
                    canvas = patch if canvas is None else _patched(canvas, patch, left, top)
                assert canvas is not None, "the first frame is stored whole"
                yield canvas

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


def _decoded(data: bytes) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert pixels is not None, "we wrote it ourselves"
    return pixels


def _patched(canvas: np.ndarray, patch: np.ndarray, left: int, top: int) -> np.ndarray:
    height, width = patch.shape[:2]
    if patch.shape == canvas.shape:
        return patch
    canvas = canvas.copy()
    canvas[top : top + height, left : left + width] = patch
    return canvas
