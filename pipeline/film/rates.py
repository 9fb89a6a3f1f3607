"""Frame rates: is a film evenly spaced, at which rate, and how to make it so. Numbers only; no files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

STANDARD_RATES = tuple(
    Fraction(*pair)
    for pair in (
        (10, 1),
        (12, 1),
        (15, 1),
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
        (48000, 1001),
        (48, 1),
        (50, 1),
        (60000, 1001),
        (60, 1),
        (100, 1),
        (120000, 1001),
        (120, 1),
    )
)

# A phone's 29.9 is meant as 29.97, its 27 is not.
_SNAP_WITHIN = Fraction(1, 100)


def snapped(rate: Fraction) -> Fraction:
    """The standard rate within 1 % of `rate`, else `rate` with a denominator of at most 1001."""
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if abs(nearest - rate) <= rate * _SNAP_WITHIN:
        return nearest
    return rate.limit_denominator(1001)


def even_rate(pts: Sequence[int], time_base: Fraction, candidates: Iterable[Fraction]) -> Fraction | None:
    """The candidate that the frames keep best; None if with each some frame is half a frame or more off its place.

    Half a frame allows for containers that round times (1 ms in webm) and for jitter, and still tells which
    frame is which. A film of one frame keeps the first candidate.
    """
    times = np.asarray(pts, dtype=np.int64) - pts[0]
    places = np.arange(len(pts))
    best: tuple[float, Fraction] | None = None
    for rate in candidates:
        worst = float(np.abs(times * float(time_base * rate) - places).max())
        # Rounded, so that of two equally good rates the one named first wins.
        if worst < 0.5 and (best is None or round(worst, 3) < round(best[0], 3)):
            best = worst, rate
    return best[1] if best else None


def held(pts: Sequence[int], end: int, time_base: Fraction, rate: Fraction) -> tuple[int, ...]:
    """The pts to show at each frame of an even grid at `rate`, from the first frame's time to `end`.

    Each source frame moves to the nearest place of the grid. A place without one holds the frame before it;
    of two frames in one place the later is shown.
    """
    scale = time_base * rate
    places = [_rounded(scale * (value - pts[0])) for value in pts]
    count = max(1, _rounded(scale * (end - pts[0])))
    shown = np.searchsorted(np.asarray(places), np.arange(count), side="right") - 1
    return tuple(pts[index] for index in shown)


def _rounded(value: Fraction) -> int:
    """To the nearest integer, halves up: two frames never swap."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
