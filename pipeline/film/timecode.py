"""SMPTE timecode: moving a start timecode on by some frames."""

from __future__ import annotations

import re
from fractions import Fraction

from pipeline.errors import MediaError

_PATTERN = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.])(\d{2,3})")


def is_timecode(text: str) -> bool:
    """Whether the text is `HH:MM:SS:FF`, as `shifted` takes it."""
    return _PATTERN.fullmatch(text) is not None


def shifted(timecode: str, frames: int, rate: Fraction) -> str:
    """The timecode `frames` frames later, at `rate`; `;` before the frames means drop-frame and is kept.

    Raises: MediaError if the timecode cannot be read.
    Source: SMPTE ST 12-1 (drop-frame skips 2 numbers a minute at 29.97 and 4 at 59.94, but not every tenth minute).
    """
    match = _PATTERN.fullmatch(timecode)
    if match is None:
        raise MediaError(f"timecode {timecode!r} is not HH:MM:SS:FF")
    hours, minutes, seconds, separator, frame = match.groups()
    per_second = max(1, round(rate))
    total_minutes = int(hours) * 60 + int(minutes)
    count = (total_minutes * 60 + int(seconds)) * per_second + int(frame)
    dropped = round(per_second / 15) if separator in ";." else 0
    count += frames - dropped * (total_minutes - total_minutes // 10)
    return _written(count, per_second, dropped, ";" if dropped else ":")


def _written(count: int, per_second: int, dropped: int, separator: str) -> str:
    per_ten_minutes = per_second * 600 - dropped * 9
    count %= per_ten_minutes * 144
    if dropped:
        tens, rest = divmod(count, per_ten_minutes)
        per_minute = per_second * 60 - dropped
        count += dropped * (tens * 9 + max(0, (rest - dropped) // per_minute))
    seconds, frame = divmod(count, per_second)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour % 24:02d}:{minute:02d}:{second:02d}{separator}{frame:02d}"
