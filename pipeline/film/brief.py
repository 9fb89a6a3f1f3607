"""What a film job asks of its painter, as it stands in the plan's `inputs`. Torch-free.

Frames are counted from the job's first frame, 0, and ranges are half-open.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.film.source import Source


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Look(_Part):
    """One way to paint a frame: a network that has learnt a style, or one that takes any painting."""

    name: str
    """As people call it: `great-wave`, or `wave.jpg + scream.jpg`."""
    models: tuple[int, ...]
    """Places in the plan's `models`: one network, or AdaIN's encoder and decoder."""
    paintings: tuple[tuple[int, float], ...] = ()
    """Places in the plan's `files`, and how much each counts; empty for a network that has learnt its style."""
    alpha: float = 1.0
    """How much of the paintings' statistics is taken over, 0 to 1; AdaIN's alpha."""


class Span(_Part):
    """Frames `[start, stop)` in one look, or fading from it to another."""

    start: int
    stop: int
    look: int
    """Place in the brief's `looks`."""
    fades_to: int | None = None

    def mix(self, frame: int) -> float:
        """How much of `fades_to` is in a frame: evenly spaced between 0 and 1, neither of which is in the span."""
        return 0.0 if self.fades_to is None else (frame - self.start + 1) / (self.stop - self.start + 1)


class FilmBrief(_Part):
    """Everything that the film painter must know besides networks and paintings."""

    source: Source
    offset: int
    """The job's first frame, counted from the source's first."""
    looks: tuple[Look, ...]
    spans: tuple[Span, ...]
    """Without gaps, in order, over all frames of the job."""
    shots: tuple[int, ...] = (0,)
    """The first frame of each shot. Only a job that depends on cuts has looked for them."""
    size: int | None = None
    """Longest side as delivered, px; None is the source's."""
    paint_size: int | None = None
    """Longest side as the networks see it, px; None is as delivered."""
    strength: float = 1.0
    preserve_color: Literal["luminance", "palette"] | None = None
    steady: bool = False
    """Whether frames are blended along the motion of the source."""

    def span_of(self, frame: int) -> Span:
        """The span that holds a frame."""
        return self.spans[bisect_right(self.spans, frame, key=lambda span: span.start) - 1]

    def shot_of(self, frame: int) -> int:
        """The first frame of the shot that holds a frame."""
        return self.shots[bisect_right(self.shots, frame) - 1]
