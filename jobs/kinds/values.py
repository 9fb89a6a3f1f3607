"""What the keys of a film job file may say, one check a key. Nothing here opens the source.

Each gives the value as the spec holds it, or raises ValueError with the sentence that its user reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from pipeline.errors import InputError
from pipeline.film import sequences
from pipeline.film.deliverables import DELIVERABLES
from pipeline.storage import is_remote

Deliverable = Literal[
    "h264",
    "h264-mkv",
    "hevc",
    "av1",
    "prores",
    "prores-4444",
    "gif",
    "webp",
    "apng",
    "png",
    "png16",
    "tiff",
    "jpeg",
    "webp-still",
    "pdf",
]
"""The names of DELIVERABLES, written out so that editors complete them; a test compares the two."""

BOARD = "board"
"""What a kind that has boards offers besides. It stands in the plan's `board`, not in its `deliver`."""

ALIASES = {
    "h265": "hevc",
    "x265": "hevc",
    "avc": "h264",
    "x264": "h264",
    "mp4": "h264",
    "mkv": "h264-mkv",
    "mov": "prores",
    "prores422": "prores",
    "prores4444": "prores-4444",
    "jpg": "jpeg",
    "tif": "tiff",
}
"""What others call a deliverable → its name here."""


def check_source(value: str) -> str:
    """A local source must exist; a sequence's pattern is looked at when it is probed."""
    if is_remote(value) or Path(value).exists():
        return value
    if not sequences.is_pattern(value):
        hint = "; a sequence is of .png, .jpg, .tif or .exr pictures" if sequences.has_placeholder(value) else ""
        raise ValueError(f"{value}: no such film, picture or folder{hint}")
    return value


def check_frames(value: str | int) -> str:
    """`1-240`, or one number."""
    text = str(value).replace(" ", "")
    match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", text)
    if not match:
        raise ValueError(f"frames: {shown(value)} is no range; write the first and the last frame, as in 1-240")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise ValueError(f"frames: {text} ends before it begins; write {last}-{first}")
    return f"{first}-{last}"


def check_rate(value: str | int | float) -> str:
    """Frames a second as a fraction: 25, 23.976, 24000/1001."""
    # Fraction would compute 1e99999999 digit by digit.
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,20}|/[0-9]{1,9})?", str(value)):
        raise ValueError(f"fps: {shown(value)} is no frame rate; write 25, 23.976 or 24000/1001")
    try:
        rate = Fraction(str(value)).limit_denominator(100_000)
    except ZeroDivisionError as error:
        raise ValueError(f"fps: {value!r} is no frame rate; write 25, 23.976 or 24000/1001") from error
    if not 1 <= rate <= 1000:
        raise ValueError(f"fps: {value} is out of range; a frame rate is 1 to 1000 frames a second")
    # 23.976 and 29.97 are said for short; the film world means the fraction.
    near = Fraction(round(rate * 1001 / 1000) * 1000, 1001)
    if rate.denominator != 1 and abs(near - rate) < Fraction(1, 200):
        rate = near
    return str(rate)


def shown(value: object) -> str:
    """A value as a message names it: of a long one, the beginning."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def check_is_list(value: object) -> object:
    """A word on its own is no list."""
    if isinstance(value, str):
        raise ValueError(f"deliver: is a list; write deliver: [{shown(value)[1:-1]}]")
    return value


def check_alias(value: object) -> object:
    """A name that others use for a deliverable is not taken, but understood; nor is a board."""
    if value == BOARD:
        raise ValueError("deliver: a board shows interior designs, which only `kind: interiors` makes; leave it out")
    meant = ALIASES.get(value.lower()) if isinstance(value, str) else None
    if meant is not None:
        raise ValueError(f"deliver: {value!r} is not one of {', '.join(DELIVERABLES)}; did you mean {meant!r}?")
    return value


def check_deliver(value: list[str]) -> list[str]:
    """At least one deliverable, each once."""
    return each_once(value, DELIVERABLES)


def each_once(value: list[str], offered: Iterable[str]) -> list[str]:
    """The same of a kind that offers others besides."""
    if not value:
        raise ValueError(f"deliver: is empty; name at least one of {', '.join(offered)}")
    return list(dict.fromkeys(value))


def movies(deliver: Iterable[str]) -> list[str]:
    """Those that show frames one after the other; the others are pictures."""
    return [name for name in deliver if DELIVERABLES[name].made_of != "frames"]


def wants_deep_pictures(deliver: Iterable[str]) -> bool:
    """Whether any is of pictures in 16 bits a channel."""
    return any(DELIVERABLES[name].deep and DELIVERABLES[name].made_of == "frames" for name in deliver)


def check_narrowest(deliver: Iterable[str], width: int) -> None:
    """Raises: FieldProblem if a deliverable cannot be so few pixels wide."""
    for row in (DELIVERABLES[name] for name in deliver):
        if width < row.narrowest:
            raise FieldProblem("deliver", f"deliver: {row.name} is at least {row.narrowest} px wide, not {width}")


def check_pixels(key: str | tuple[str | int, ...], said: str, width: int, height: int, settings: Settings) -> None:
    """Raises: FieldProblem if a picture has more pixels than are allowed. `said`: the key, for people."""
    if width * height > settings.max_pixels:
        most = f"at most {settings.max_pixels:,} are allowed (ATELIER_MAX_PIXELS)"
        raise FieldProblem(key, f"{said}: {width}x{height} are {width * height:,} pixels; {most}")


def named(check: Callable[[str], None]) -> Callable[[str], str]:
    """The check of a `name`, made of one that raises what it raises outside of job files."""

    def checked(value: str) -> str:
        try:
            check(value)
        except InputError as error:
            raise ValueError(f"name: {error}") from error
        return value

    return checked


def check_one_line(value: str, info: ValidationInfo) -> str:
    """Of what a model card says: the card is a table."""
    if not value.isprintable() or "|" in value:
        raise ValueError(f"{info.field_name}: is one line of text without |; the model card is a table")
    return value


def check_cuts(value: object) -> object:
    """`detect`, `none`, or the numbers of frames."""
    if value in (None, "detect", "none"):
        return value
    if isinstance(value, list) and all(type(number) is int and number >= 0 for number in value):
        return sorted(set(value))
    right = "detect, none, or a list of the shots' first frames, as in [49, 120]"
    raise ValueError(f"cuts: {shown(value)} says no cuts; write {right}")


def check_colour(value: object) -> object:
    """True is the usual way, false none."""
    return "luminance" if value is True else None if value is False else value
