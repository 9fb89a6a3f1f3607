"""What is on a board, as a plan holds it. Torch-free."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BoardStrip(_Part):
    """One design as one of its attributes grows."""

    attribute: str
    """As people call it: `warmth`."""
    of: str
    """The design's id: `seed0003`."""
    frames: tuple[int, ...]
    """From least to most."""
    amounts: tuple[float, ...]
    """Of the attribute at each frame, in its standard deviations; 0 is the design itself."""


class BoardBrief(_Part):
    """One board."""

    title: str
    subtitle: str
    """What made the pictures, and how, in a line."""
    proposals: tuple[int, ...]
    """Frames of the designs, in order. Their ids are what the plan calls the frames."""
    strips: tuple[BoardStrip, ...] = ()
