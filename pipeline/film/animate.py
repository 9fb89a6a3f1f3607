"""Animated pictures: all frames of a film or clip in one file, as gif.py, animated_webp.py and apng.py write it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from av.error import FFmpegError

from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.film.animated_webp import write_webp
from pipeline.film.apng import write_apng
from pipeline.film.deliverables import Deliverable
from pipeline.film.economy import (
    Animation,
    Attempt,
    Economy,
    Frames,
    lossless_steps,
    lossy_steps,
    palette_steps,
    within,
)
from pipeline.film.gif import Gif


class _Write(Protocol):
    def __call__(
        self, frames: Frames, target: Path, economy: Economy, room: int | None, *, rate: Fraction, loop: bool
    ) -> Animation: ...


class _Prepare(Protocol):
    def __call__(self, frames: Frames, *, rate: Fraction, loop: bool) -> Attempt: ...


class _Maker(NamedTuple):
    prepare: _Prepare
    steps: Callable[[Fraction], Sequence[Economy]]
    """By the rate, what it can give up to become smaller."""


def _at_once(write: _Write) -> _Prepare:
    """Of what need not look at the frames before."""

    def prepare(frames: Frames, *, rate: Fraction, loop: bool) -> Attempt:
        return partial(write, frames, rate=rate, loop=loop)

    return prepare


_MAKERS = {
    "gif": _Maker(Gif, palette_steps),
    "webp": _Maker(_at_once(write_webp), lossy_steps),
    "apng": _Maker(_at_once(write_apng), lossless_steps),
}


def animate(
    frames: Frames,
    target: Path,
    *,
    deliverable: Deliverable,
    rate: Fraction,
    most_bytes: int | None = None,
    loop: bool = True,
) -> Animation:
    """Write an animation of all frames, (H, W, 3) uint8 or uint16 sRGB of one size.

    `frames` is called twice for GIF, whose palette is chosen from the whole film first, and more often to keep within
    `most_bytes`. `rate`: frames per second. `loop`: whether it repeats for ever. The same frames give the same bytes.
    If it fails, nothing is left at `target`.
    Raises: MediaError if the frames cannot be written so, or not within that size; StorageFull, StorageUnavailable,
    AccessDenied.
    """
    maker = _MAKERS.get(deliverable.name)
    if maker is None:
        raise MediaError(f"deliverable {deliverable.name!r} is no animation")
    try:
        attempt = maker.prepare(frames, rate=rate, loop=loop)
        if most_bytes is None:
            return attempt(target, Economy(), None)
        return within(most_bytes, target, maker.steps(rate), attempt)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise access.write_error(target, error) from error
        if isinstance(error, FFmpegError):
            raise MediaError(f"{target.name}: its frames cannot be written: {error}") from error
        raise
