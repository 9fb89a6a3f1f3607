"""Frame times as files write them, rounded to some digits, and the rates that are meant."""

from __future__ import annotations

from fractions import Fraction

from pipeline.errors import MediaError

LARGEST_RATE = 1000
"""Frames a second: no system for motion capture of bodies takes more."""

_DIGITS = 10
"""Decimals of a frame time that we write: an hour at 120 frames a second is out by less than a frame's hundredth."""


def rate_of(written: str, where: str) -> Fraction:
    """The rate that a frame time in seconds means: `0.008333` is 120 frames a second, `0.033367` is 30000/1001.

    Whole numbers come first, then those times 1000/1001, then what is written.
    Raises: MediaError if it is no such time.
    """
    try:
        time = Fraction(written)
        rate = 1 / time
    except (ValueError, ZeroDivisionError) as error:
        raise MediaError(f"{where}: the frame time is {written[:40]!r}; write seconds, as 0.0083333") from error
    if not Fraction(1, 100) <= rate <= LARGEST_RATE:
        raise MediaError(
            f"{where}: {written[:40]} s a frame are {float(rate):g} frames a second; at most {LARGEST_RATE} are read"
        )
    mantissa, _, exponent = written.casefold().partition("e")
    unit = Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    for factor in (Fraction(1), Fraction(1000, 1001)):
        near = round(rate / factor) * factor
        if near and abs(1 / near - time) < unit:
            return near
    return rate.limit_denominator(1001)


def written(rate: Fraction) -> str:
    """A frame time in seconds, from which `rate_of` finds the rate again."""
    return f"{float(1 / rate):.{_DIGITS}f}"
