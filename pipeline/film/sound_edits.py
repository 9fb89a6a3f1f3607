"""What is done to a film's sound, as a plan holds it, and the files that it takes. Torch-free.

Doing it is mix.py's, measuring loudness.py's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Duck(_Part):
    """How other sounds make room for one."""

    by_db: float
    """How far they go down."""
    attack_s: float
    """In which they do, before it is heard."""
    release_s: float
    """In which they come back, after it."""


class Added(_Part):
    """A sound that is laid beside the film's own."""

    file: int
    """Place in the plan's `files`."""
    at_s: float = 0.0
    """When it begins in the film."""
    gain_db: float = 0.0
    duck: Duck | None = None
    """How the others make room for it: the film's own, and those of the added ones that duck nothing."""


class Loudness(_Part):
    """How loud the whole is to be.

    Source: EBU R 128 and ITU-R BS.1770: integrated loudness, gated; true peak.
    """

    target: float
    """LUFS."""
    peak: float
    """The true peak that is not exceeded, dBTP."""


class SoundEdits(_Part):
    """Edits of a film's sound, in the order in which they are done. What it has none of is left as it is."""

    speed: Fraction = Fraction(1)
    """Of the film's own sound; its pitch stays."""
    keeps_own: bool = True
    """Whether the film's own sound is heard."""
    gain_db: float = 0.0
    """Of the film's own."""
    added: tuple[Added, ...] = ()
    channels: Literal["mono", "stereo"] | None = None
    """None keeps the own sound's layout."""
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    loudness: Loudness | None = None

    def said(self) -> str:
        """For people."""
        told = [] if self.keeps_own else ["its own left out"]
        told += [f"its own {self.gain_db:+g} dB"] if self.gain_db else []
        told += [f"{len(self.added)} mixed in"] if self.added else []
        told += ["others ducked"] if any(added.duck for added in self.added) else []
        told += [self.channels] if self.channels else []
        told += [f"{self.loudness.target:g} LUFS"] if self.loudness else []
        return ", ".join(told) or "edited with the film"


@dataclass(frozen=True)
class Editing:
    """Edits, with their files where they can be read."""

    edits: SoundEdits
    files: dict[int, Path]
    """Place in the plan's `files` → a copy on this machine."""
    pulse: Callable[[], None] = lambda: None
    """Called every few seconds of sound. Raises: Interrupted if the work must stop."""
