"""What a retouch job asks of its painter, as it stands in the plan's `inputs`. Torch-free.

Frames are counted from the job's first, 0. Played faster or slower, a film leaves frames of its source out, or shows
them again.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline.film.sound_edits import SoundEdits
from pipeline.film.source import Source
from pipeline.retouch.edit import Edit, Moment
from pipeline.retouch.edits import edit_of


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Part):
    """One edit."""

    edit: str
    """Its name in EDITS."""
    keys: dict[str, Any]
    files: dict[str, int] = {}
    """Place in the plan's `files` of each of its files, by key."""

    def read(self) -> Edit:
        """The edit with its keys."""
        return edit_of(self.edit).model_validate(self.keys)


class RetouchBrief(_Part):
    """Everything that the painter must know besides files."""

    source: Source
    offset: int
    """The job's first frame, counted from the source's first."""
    frames: int
    """Of the job."""
    steps: tuple[Step, ...]
    speed: Fraction = Fraction(1)
    shots: tuple[int, ...] = ()
    """Frames before which the picture may jump, where no seam is looked for: at another speed, each chunk's first."""
    width: int
    """Px as delivered; of a folder, of its widest picture."""
    height: int
    sound: SoundEdits | None = None
    """What the stitcher does to the film's sound; None leaves it as it is."""

    def shown(self, frame: int) -> int:
        """The source's frame that a frame of the job shows, both counted from 0."""
        return self.offset + int(frame * self.speed)

    def moment(self, frame: int) -> Moment:
        """What edits may know of a frame."""
        rate = self.source.rate
        if rate is None:
            return Moment(frame)
        return Moment(frame, frame / rate, (self.frames - 1) / rate)


def frames_at(speed: Fraction, frames: int) -> int:
    """How many frames a film has that is played at another speed, at the same rate."""
    return -int(-frames // speed)
