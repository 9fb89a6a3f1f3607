"""What an animation gives up to keep within a size, and the search for the least of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import MediaError
from pipeline.film.changes import check_frame
from pipeline.images import to_depth

Frames = Callable[[], Iterator[np.ndarray]]
"""Gives the frames from the first, each time it is called."""

_SLOWEST = 8
"""Frames per second, below which nothing is thinned."""

_SMALLER = (
    (2, (Fraction(1), Fraction(3, 4), Fraction(1, 2))),
    (3, (Fraction(1, 2), Fraction(3, 8), Fraction(1, 4))),
)
"""Which frames are shown, and at which scales; size and pace are given up in turn."""


@dataclass(frozen=True)
class Economy:
    """How an animation is made. Its defaults give up nothing."""

    colours: int = 256
    """Of a palette."""
    dither: int = 8
    """By how many codes a palette's dither moves a pixel, from the least to the most; 0 is no dither."""
    quality: int = 90
    """Of lossy pictures."""
    every: int = 1
    """Each so-many-th frame is shown."""
    scale: Fraction = Fraction(1)

    def said(self, made: Animation) -> str:
        """What it gave up, for people; `made`: what came of it."""
        parts = [
            f"{self.colours} colours" if self.colours < Economy.colours else "",
            "no dither" if not self.dither else "",
            f"quality {self.quality}" if self.quality < Economy.quality else "",
            f"{float(made.rate):.4g} frames per second" if self.every > 1 else "",
            f"{made.width}x{made.height} px" if self.scale < 1 else "",
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Animation:
    """What was written."""

    frames: int
    """As many as are shown."""
    rate: Fraction
    """Frames per second that are shown."""
    duration_s: Fraction
    width: int
    height: int
    notes: tuple[str, ...] = ()


class TooLarge(Exception):
    """A file grew beyond its room while it was written."""


@dataclass(frozen=True)
class Shown:
    """One frame as an animation shows it."""

    pixels: np.ndarray
    """(H, W, 3) uint8, sRGB."""
    begins: int
    """Number of the frame, of all that were given."""
    ends: int
    """Number of the one that takes its place; of the last, how many there are."""


def shown(frames: Frames, *, every: int = 1, scale: Fraction = Fraction(1)) -> Iterator[Shown]:
    """Each so-many-th of the frames, (H, W, 3) uint8 or uint16, as it is shown.

    Raises: MediaError if there are none, or of two sizes.
    """
    waiting: tuple[np.ndarray, int] | None = None
    shape: tuple[int, ...] | None = None
    number = -1
    for number, pixels in enumerate(frames()):
        check_frame(pixels, shape, number)
        shape = pixels.shape
        if number % every == 0:
            if waiting is not None:
                yield Shown(*waiting, number)
            waiting = _scaled(pixels, scale), number
    if waiting is None:
        raise MediaError("there are no frames to animate")
    yield Shown(*waiting, number + 1)


def _scaled(pixels: np.ndarray, scale: Fraction) -> np.ndarray:
    eight = to_depth(pixels, deep=False)
    if scale == 1:
        return eight
    height, width = (max(1, round(side * scale)) for side in eight.shape[:2])
    return cv2.resize(eight, (width, height), interpolation=cv2.INTER_AREA)


# From giving up nothing to giving up the most; files become smaller step by step.


def palette_steps(rate: Fraction) -> list[Economy]:
    """Of animations with a palette: fewer colours, then less dither, then fewer frames, then fewer pixels.

    Colours and dither are not given up altogether before pixels are: a smooth background would fall into bands, which
    is worse than being half as large.
    """
    steps = [Economy(), Economy(colours=128), Economy(colours=128, dither=4)]
    steps += _thinned_and_scaled(steps[-1], rate)
    steps += [replace(steps[-1], colours=64, dither=dither) for dither in (4, 0)]
    return steps + [replace(steps[-1], colours=colours) for colours in (32, 16)]


def lossy_steps(rate: Fraction) -> list[Economy]:
    """Of animations of lossy pictures: less quality, then fewer frames, then fewer pixels.

    Below 60, what moved away leaves a trail: that comes last.
    """
    steps = [Economy(quality=quality) for quality in (90, 80, 70, 60)]
    steps += _thinned_and_scaled(steps[-1], rate)
    return steps + [replace(steps[-1], quality=quality) for quality in (40, 20)]


def lossless_steps(rate: Fraction) -> list[Economy]:
    """Of animations without loss: fewer frames, then fewer pixels."""
    return [Economy(), *_thinned_and_scaled(Economy(), rate)]


def _thinned_and_scaled(least: Economy, rate: Fraction) -> list[Economy]:
    steps: list[Economy] = []
    for every, scales in _SMALLER:
        # Slower than that, it would not be seen as motion any more.
        every = every if rate / every >= _SLOWEST else (steps[-1].every if steps else 1)
        steps += [replace(least, every=every, scale=scale) for scale in scales]
    return steps


# The search

Attempt = Callable[[Path, Economy, int | None], Animation]
"""Writes a file with some economy into some room, in bytes, or without a limit. Raises: TooLarge."""


def within(most_bytes: int, target: Path, steps: Sequence[Economy], attempt: Attempt) -> Animation:
    """Write the file with the first of the steps that keeps it within `most_bytes`, found by halving.

    Raises: MediaError if even the last step does not; whatever `attempt` raises.
    """
    part = target.with_name(f"{target.name}.part")
    best: tuple[Economy, Animation] | None = None
    # The first step that fits is one of [low, high]; often it is the very first.
    low, high, at = 0, len(steps), 0
    size = 0
    try:
        while low < high:
            economy = steps[at]
            # How large the smallest is, people are told.
            is_last = at == len(steps) - 1
            try:
                made = attempt(part, economy, None if is_last else most_bytes)
                size = part.stat().st_size
            except TooLarge:
                size = most_bytes + 1
            if size <= most_bytes:
                part.replace(target)
                best, high = (economy, made), at
            else:
                low = at + 1
            at = (low + high) // 2
    finally:
        part.unlink(missing_ok=True)
    if best is None:
        raise MediaError(
            f"{target.name}: cannot be made as small as {most_bytes:,} bytes; with "
            f"{economy.said(made)} it has {size:,}: allow more, or make it shorter"
        )
    economy, made = best
    said = economy.said(made)
    told = (f"{said}, to keep within {most_bytes:,} bytes",) if said else ()
    return replace(made, notes=(*made.notes, *told))
