"""When things move, and keyframes of a template's own. The movements that have names are in presets.py.

In a loop the last frame leads on to the first: what enters also leaves, and what goes on and on is periodic.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeline.errors import InputError
from pipeline.poster.easing import Ease, eased
from pipeline.poster.states import Property, Track


def _check_time(value: object) -> object:
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,6})?%?", str(value)):
        raise ValueError(f"{value!r} is no time; write seconds, as in 0.5, or a part of the whole, as in 20%")
    return float(value) if isinstance(value, int) else value


Time = Annotated[float | str, BeforeValidator(_check_time)]
"""Seconds from the beginning; if negative, from the end; or a part of the whole: `20%`."""


class Moves(BaseModel):
    """Keys of a movement."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Timeline:
    """How long an animation is, and whether it begins anew when it ends."""

    duration_s: float
    loop: bool

    def seconds(self, time: float | str) -> float:
        """A time in seconds from the beginning. Raises: InputError if the animation is shorter."""
        text = str(time)
        value = float(text.removesuffix("%"))
        at = value / 100 * self.duration_s if text.endswith("%") else value
        at = self.duration_s + at if text.startswith("-") else at
        if not 0 <= at <= self.duration_s:
            raise InputError(
                f"{text} is not within the animation's {self.duration_s:g} s; write a time within, or a part, as in 20%"
            )
        return at


class Keyframe(Moves):
    """How a layer stands at a time; what is left out is not touched."""

    at: Time
    ease: Annotated[Ease, Field(description="of the way from the keyframe before")] = "in-out"
    opacity: Annotated[float | None, Field(ge=0, le=1)] = None
    x: Annotated[float | None, Field(ge=-1000, le=1000, description="hundredths of the shorter side")] = None
    y: Annotated[float | None, Field(ge=-1000, le=1000, description="hundredths of the shorter side")] = None
    scale: Annotated[float | None, Field(gt=0, le=20)] = None
    rotate: Annotated[float | None, Field(ge=-3600, le=3600, description="degrees, with the clock")] = None
    reveal_left: Annotated[float | None, Field(ge=0, le=1, description="how much is uncovered, from the left")] = None
    reveal_right: Annotated[float | None, Field(ge=0, le=1)] = None
    reveal_top: Annotated[float | None, Field(ge=0, le=1)] = None
    reveal_bottom: Annotated[float | None, Field(ge=0, le=1)] = None
    letters: Annotated[float | None, Field(ge=0, le=1, description="how many of a text's letters are there")] = None
    zoom: Annotated[float | None, Field(ge=1, le=8, description="of a picture within its box")] = None


_PROPERTIES: tuple[Property, ...] = (
    "opacity",
    "x",
    "y",
    "scale",
    "rotate",
    "reveal_left",
    "reveal_right",
    "reveal_top",
    "reveal_bottom",
    "letters",
    "zoom",
)


def keyed(keyframes: Sequence[Keyframe], timeline: Timeline) -> Iterator[tuple[Property, Track]]:
    """The movements that keyframes describe.

    Raises: InputError if they are out of order or beyond the end, or do not end as they begin although they loop.
    """
    times = [timeline.seconds(keyframe.at) for keyframe in keyframes]
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise InputError("keyframes: are not in the order of their times")
    for name in _PROPERTIES:
        keys = [
            (time, value, keyframe.ease)
            for time, keyframe in zip(times, keyframes, strict=True)
            if (value := getattr(keyframe, name)) is not None
        ]
        if not keys:
            continue
        whole = 360.0 if name == "rotate" else math.inf
        if timeline.loop and math.fmod(keys[0][1] - keys[-1][1], whole) != 0:
            raise InputError(
                f"keyframes: {name} begins as {keys[0][1]:g} and ends as {keys[-1][1]:g}, which jumps in a loop; "
                "let the last be as the first, or write loop: false"
            )
        yield name, _between(keys)


def _between(keys: Sequence[tuple[float, float, Ease]]) -> Track:
    times = [time for time, _, _ in keys]

    def at(time: float) -> float:
        after = bisect_right(times, time)
        if after in (0, len(keys)):
            return keys[min(after, len(keys) - 1)][1]
        (begins, start, _), (ends, stop, ease) = keys[after - 1], keys[after]
        return start + (stop - start) * eased((time - begins) / (ends - begins), ease)

    return at
