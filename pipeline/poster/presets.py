"""The movements that have names. A new one is a class here and a row in PRESETS."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from pipeline.errors import InputError
from pipeline.poster.easing import Ease, eased, wave
from pipeline.poster.motion import Moves, Time, Timeline
from pipeline.poster.states import Property, Track

Side = Literal["left", "right", "top", "bottom"]

_REVEALS: dict[Side, Property] = {
    "left": "reveal_left",
    "right": "reveal_right",
    "top": "reveal_top",
    "bottom": "reveal_bottom",
}

Phase = Annotated[float, Field(ge=0, le=1, description="how far in its course it begins")]

_LEAVING = 0.7
"""How long going out takes, of coming in."""


class Entrance(Moves):
    """Comes in once, and in a loop goes out again."""

    at: Annotated[Time, Field(description="when it begins to come in")] = 0.0
    over: Annotated[float, Field(gt=0, le=60, description="seconds that coming in takes")] = 0.8
    ease: Ease = "out"
    each: Annotated[Literal["line"] | None, Field(description="`line`: a text's lines one after the other")] = None
    stagger: Annotated[float, Field(ge=0, le=10, description="seconds between one line and the next")] = 0.12
    leave: Annotated[bool | None, Field(description="whether it goes out at the end; default: in a loop")] = None

    def course(self, timeline: Timeline, part: int) -> Track:
        """From 0, not there, to 1, there, and back if it leaves; of a layer's part, counted from 0.

        Raises: InputError if the animation is too short for it.
        """
        begins = timeline.seconds(self.at) + (self.stagger * part if self.each else 0)
        leaves = timeline.loop if self.leave is None else self.leave
        out = self.over * _LEAVING if leaves else 0.0
        goes = timeline.duration_s - out
        if begins + self.over > goes + 1e-9:
            raise InputError(
                f"motion: comes in from {begins:g} s for {self.over:g} s"
                + (f", goes out for {out:g} s" if leaves else "")
                + f", and the animation has {timeline.duration_s:g} s; make it longer, or the movement shorter"
            )

        def at(time: float) -> float:
            if leaves and time > goes:
                return eased((timeline.duration_s - time) / out, self.ease)
            return eased((time - begins) / self.over, self.ease)

        return at


class Fade(Entrance):
    """Becomes visible."""

    preset: Literal["fade"]

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        yield "opacity", self.course(timeline, part)


class Rise(Entrance):
    """Comes up from below while it becomes visible."""

    preset: Literal["rise"]
    by: Annotated[float, Field(ge=-200, le=200, description="hundredths of the shorter side; less than 0 falls")] = 5

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        course = self.course(timeline, part)
        yield "y", lambda time: self.by * (1 - course(time))
        yield "opacity", lambda time: min(max(course(time), 0.0), 1.0)


class Slide(Entrance):
    """Comes in from a side, from outside of the canvas."""

    preset: Literal["slide"]
    side: Side = "left"
    by: Annotated[float, Field(gt=0, le=1000, description="hundredths of the shorter side")] = 110

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        course = self.course(timeline, part)
        sign = -1 if self.side in ("left", "top") else 1
        yield "x" if self.side in ("left", "right") else "y", lambda time: sign * self.by * (1 - course(time))


class Grow(Entrance):
    """Grows to its size while it becomes visible."""

    preset: Literal["grow"]
    begins: Annotated[float, Field(ge=0.01, le=5, description="size that it grows from, of its own")] = 0.7

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        course = self.course(timeline, part)
        yield "scale", lambda time: self.begins + (1 - self.begins) * course(time)
        yield "opacity", lambda time: min(max(course(time), 0.0), 1.0)


class Reveal(Entrance):
    """Is uncovered from a side."""

    preset: Literal["reveal"]
    side: Side = "left"
    ease: Ease = "in-out"

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        course = self.course(timeline, part)
        yield _REVEALS[self.side], lambda time: min(max(course(time), 0.0), 1.0)


class TypeOn(Entrance):
    """Letter after letter."""

    preset: Literal["type-on"]
    over: Annotated[float, Field(gt=0, le=60, description="seconds that all letters take")] = 1.5
    ease: Ease = "linear"

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        yield "letters", self.course(timeline, part)


class KenBurns(Moves):
    """A picture comes slowly nearer within its box; in a loop it goes back as well."""

    preset: Literal["ken-burns"]
    zoom: Annotated[float, Field(gt=1, le=4, description="how near it comes")] = 1.12
    toward: Annotated[tuple[float, float], Field(description="place in the picture, each 0 to 1")] = (0.5, 0.5)

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        course = _course(timeline)
        yield "zoom", lambda time: 1 + (self.zoom - 1) * course(time)
        # Where the zoom is 1 there is no room to move in; at its end half of the picture's overhang is.
        yield "toward_x", lambda _: self.toward[0] - 0.5
        yield "toward_y", lambda _: self.toward[1] - 0.5


class Parallax(Moves):
    """Drifts as a camera's slow swing would make it: what is near, deep numbers, by more than what is far."""

    preset: Literal["parallax"]
    depth: Annotated[float, Field(ge=-50, le=50, description="hundredths of the shorter side, each way")] = 2
    angle: Annotated[float, Field(ge=-360, le=360, description="of the swing, in degrees; 0 is to the right")] = 0
    phase: Phase = 0.0

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        across, down = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        yield "drift_x", lambda time: self.depth * across * _swing(time, timeline, self.phase)
        yield "drift_y", lambda time: self.depth * down * _swing(time, timeline, self.phase)


class Pulse(Moves):
    """Grows a little and shrinks again, some times."""

    preset: Literal["pulse"]
    by: Annotated[float, Field(ge=-0.9, le=4, description="how much larger it becomes, of its size")] = 0.05
    times: Annotated[int, Field(ge=1, le=600)] = 3
    phase: Phase = 0.0

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        yield "scale", lambda time: 1 + self.by * wave(self.times * time / timeline.duration_s + self.phase)


class Spin(Moves):
    """Turns about its middle, on and on."""

    preset: Literal["spin"]
    turns: Annotated[int, Field(ge=-600, le=600, description="in all; less than 0 against the clock")] = 1

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        yield "rotate", lambda time: 360 * self.turns * time / timeline.duration_s


class Sway(Moves):
    """Turns a little to and fro, as a sign in the wind."""

    preset: Literal["sway"]
    by: Annotated[float, Field(ge=-180, le=180, description="degrees, each way")] = 3
    times: Annotated[int, Field(ge=1, le=600)] = 1
    phase: Phase = 0.0

    def tracks(self, timeline: Timeline, part: int) -> Iterator[tuple[Property, Track]]:
        """See PRESETS."""
        yield "rotate", lambda time: self.by * _swing(self.times * time, timeline, self.phase)


def _course(timeline: Timeline) -> Track:
    """From 0 to 1 over the whole; in a loop to 1 at half and back."""
    if timeline.loop:
        return lambda time: wave(time / timeline.duration_s)
    return lambda time: eased(time / timeline.duration_s, "linear")


def _swing(time: float, timeline: Timeline, phase: float) -> float:
    """Of [-1, 1], beginning in the middle if the phase is 0."""
    return math.sin(2 * math.pi * (time / timeline.duration_s + phase))


Preset = Annotated[
    Fade | Rise | Slide | Grow | Reveal | TypeOn | KenBurns | Parallax | Pulse | Spin | Sway,
    Field(discriminator="preset"),
]
"""`tracks(timeline, part)` gives the movements of a layer's part. Raises: InputError if the time is too short."""
