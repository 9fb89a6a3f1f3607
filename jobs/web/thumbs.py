"""Pictures of frames as browsers want them: the file as it is kept, or a small WebP that is made once and kept."""

from __future__ import annotations

import hashlib
import threading
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jobs.records import Blob
from jobs.web.shelves import DiskCache
from jobs.web.sources import Beside, shrunk
from pipeline.errors import AccessDenied, IntegrityError, MediaError, ObjectNotFound
from pipeline.images import decode_image, encode_webp
from pipeline.storage.base import Store

WIDTHS = (96, 160, 320, 640, 1280, 1920)
"""Thumbnails have one of these; a width between two gets the larger one, so that few of each picture are kept."""

_QUALITY, _WHOLE_QUALITY = 82, 92

_decoders = threading.BoundedSemaphore(2)
"""A large picture takes hundreds of megabytes while it is decoded."""


@dataclass(frozen=True)
class Picture:
    """A picture file."""

    data: bytes
    media_type: str


def width_of(asked: int | None) -> int | None:
    """The width that a thumbnail has which was asked for at a width; None of whole pictures."""
    return None if asked is None else WIDTHS[min(bisect_left(WIDTHS, asked), len(WIDTHS) - 1)]


def kept(store: Store, blob: Blob) -> Picture:
    """A frame's picture as it lies in the store. Raises: ObjectNotFound, StorageUnavailable."""
    return Picture(_fetched(store, blob), "image/png")


def thumbnail(store: Store, blob: Blob, width: int, cache: DiskCache) -> Picture:
    """A small picture of a kept one, at most `width` px wide.

    Raises: ObjectNotFound if it is gone or damaged; StorageUnavailable.
    """

    def pixels() -> np.ndarray:
        data = _fetched(store, blob)
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise ObjectNotFound(f"{blob.key} is damaged: it is not what its receipt says; redo the frame")
        try:
            with _decoders:
                return shrunk(decode_image(data, where=blob.key), width)
        except MediaError as error:
            raise ObjectNotFound(str(error)) from error

    return _cached(f"{blob.sha256}-{width}.webp", pixels, _QUALITY, cache)


def source_picture(beside: Beside, width: int | None, cache: DiskCache) -> Picture:
    """The picture beside a frame, at most `width` px wide.

    Raises: ObjectNotFound if it cannot be had here; TransientError.
    """

    def pixels() -> np.ndarray:
        try:
            with _decoders:
                return beside.read(width)
        except (MediaError, AccessDenied, IntegrityError) as error:
            # The farm may see a source that the dashboard's machine does not.
            raise ObjectNotFound(f"the source cannot be shown: {error}") from error

    quality = _QUALITY if width is not None else _WHOLE_QUALITY
    return _cached(f"{beside.key}-{width or 'whole'}.webp", pixels, quality, cache)


def _cached(name: str, pixels: Callable[[], np.ndarray], quality: int, cache: DiskCache) -> Picture:
    data = cache.read(name)
    if data is None:
        data = _encoded(pixels(), quality)
        cache.write(name, data)
    return Picture(data, "image/webp")


def _encoded(pixels: np.ndarray, quality: int) -> bytes:
    return encode_webp(shrunk(pixels, _MOST_WEBP_PX) if max(pixels.shape[:2]) > _MOST_WEBP_PX else pixels, quality)


_MOST_WEBP_PX = 8192
"""WebP ends at 16,383 px, and nobody looks at more of a source than this."""


def _fetched(store: Store, blob: Blob) -> bytes:
    try:
        return store.get(blob.key)
    except ObjectNotFound as error:
        raise ObjectNotFound(f"{blob.key} is gone from the store; redo the frame") from error
