"""What the painter of posters must know, as a plan holds it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipeline.film.sound_edits import SoundEdits
from pipeline.poster.canvas import Canvas
from pipeline.poster.template import Template


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Variant(_Part):
    """One poster."""

    name: str
    """As its files are called."""
    audience: str
    locale: str
    """BCP 47."""
    width: int
    height: int
    values: dict[str, str]
    """What the template's variables are."""
    palette: str | dict[str, str]
    """One of the template's, colours of its own, or `picture`."""
    group: str = ""
    """Of an A/B test."""
    background: str = ""
    """Which of the job's backgrounds; empty if it has none."""
    pick: int = 0
    """Which of the background's pictures."""
    seed: str = ""
    """That picture's seed, or its file's name."""
    where: str = ""
    """Where people find its audience: `audiences.csv:7`."""
    problem: str = ""
    """Why it cannot be made, if that is known."""

    @property
    def canvas(self) -> Canvas:
        """Its size."""
        return Canvas(self.width, self.height)


class FontRef(_Part):
    """A face of a font file that the job brings along."""

    name: str
    file: int
    """Place among the plan's files."""
    index: int = 0
    """Of the face, in a collection."""
    last: bool = False
    """Whether it is asked after all others, for letters that they lack."""


class PosterBrief(_Part):
    """A job's posters."""

    template: Template
    template_name: str
    variants: tuple[Variant, ...]
    duration_s: float
    rate: str
    """Frames a second, a fraction."""
    loop: bool
    free: tuple[float, float] = (0.0, 0.0)
    """What is left free at the upper and lower edge for a label, in hundredths of the shorter side."""
    skips: bool = True
    """Whether a poster that cannot be made is left out, and the others made."""
    written: bool = False
    """Whether a language model wrote any of their words."""
    clips: tuple[str, ...] = ()
    """Deliverables that move."""
    most_bytes: dict[str, int] = {}
    """Of a clip's file, by deliverable."""
    sounds: dict[str, SoundEdits] = {}
    """What is heard with those that move, by their languages; one that is everybody's has an empty name."""
    spoken: tuple[str, ...] = ()
    """Languages whose sound says that a model, or another program, made it."""
    pictures: dict[str, int] = {}
    """Place among the plan's files, by the path that the template comes to."""
    fonts: tuple[FontRef, ...] = ()
    """Fonts besides those that ship."""
    backgrounds: dict[str, Any] = {}
    """Nested briefs, by name: see pipeline/backgrounds."""

    def heard(self, locale: str) -> str:
        """By which name `sounds` has what is heard in a language."""
        return locale if locale in self.sounds else ""

    @property
    def frames(self) -> int:
        """Of an animation."""
        return max(1, round(Fraction(self.rate) * Fraction(self.duration_s).limit_denominator(1000)))
