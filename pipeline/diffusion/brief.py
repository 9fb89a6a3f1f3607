"""What the painter of diffusion must know, as a plan holds it. Torch-free.

The pictures of a job are a grid: settings, in each of them subjects (a prompt and what belongs to it), and of each of
those the seeds. Neighbours share their settings, so that batches are full.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from pipeline.diffusion.families import FAMILIES, OWN, Family, Task
from pipeline.diffusion.preprocess import Preprocessor
from pipeline.film.source import Source

_LONGEST_FACT = 2_000
"""Letters of a prompt that a file's metadata repeats."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Subject(_Part):
    """One thing to picture."""

    prompt: str
    negative: str = ""
    name: str
    """What its pictures' names begin with."""
    picture: int | None = None
    """Place among the plan's files of the picture that it begins with."""
    mask: int | None = None
    """Place of what is white where the picture is painted anew."""
    controls: tuple[int, ...] = ()
    """Place of the picture that leads each of the job's ControlNets."""
    size: tuple[int, int] | None = None
    """Width and height in px, where it is the picture's and not the setting's."""
    problem: str = ""
    """Why it cannot be pictured, if it cannot."""


class Setting(_Part):
    """How pictures are made; a grid has several."""

    steps: int
    guidance: float
    scheduler: str | None = None
    """None: the model's own."""
    strength: float | None = None
    """How far a picture is left, of 1."""
    size: tuple[int, int]
    """Width and height in px, of subjects that have no size."""


class LoraBrief(_Part):
    """Learnt differences that are added to the model's weights."""

    name: str
    weight: float


class ControlBrief(_Part):
    """A ControlNet that leads the model by a picture."""

    name: str
    preprocessor: Preprocessor = "none"
    """What the picture becomes before."""
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0
    """From where to where of the steps it leads, in [0, 1]."""
    mode: int | None = None
    """Of one that learnt several kinds of pictures: which this is."""


class Row(NamedTuple):
    """One picture of the job. It depends on this and on the model alone."""

    setting: Setting
    subject: Subject
    seed: int

    @property
    def size(self) -> tuple[int, int]:
        """Width, height."""
        return self.subject.size or self.setting.size


class DiffusionBrief(_Part):
    """Which pictures of which model."""

    model: str
    """As its user calls it."""
    family: str
    task: Task
    precision: str | None = None
    """What the model computes in; None: what the worker's settings say."""
    subjects: tuple[Subject, ...]
    seeds: tuple[tuple[int, int], ...]
    """(place, its seed) wherever a row of seeds begins."""
    seeds_each: int
    """How many there are."""
    settings: tuple[Setting, ...]
    loras: tuple[LoraBrief, ...] = ()
    controls: tuple[ControlBrief, ...] = ()
    skips: bool = True
    """Whether the job goes on without what cannot be pictured."""
    source: Source | None = None
    """The film that is diffused; all that follows is of it. Then all frames are of one row."""
    offset: int = 0
    """The first frame of the source that is."""
    length: int = 0
    """How many of its frames are."""
    shots: tuple[int, ...] = ()
    """The first frame of each shot, counted from `offset`: 0 first."""
    keyframes: int = 1
    """One in so many frames is diffused, and what lies between is carried there."""

    @property
    def frames(self) -> int:
        """How many pictures there are."""
        if self.source is not None:
            return self.length
        return len(self.settings) * len(self.subjects) * self.seeds_each

    @property
    def kin(self) -> Family:
        """The model's family."""
        return OWN if self.family == OWN.name else FAMILIES[self.family]

    def row(self, frame: int) -> Row:
        """What a frame shows."""
        if self.source is not None:
            return Row(self.settings[0], self.subjects[0], self.seeds[0][1])
        rest, place = divmod(frame, self.seeds_each)
        setting, subject = divmod(rest, len(self.subjects))
        begins, seed = self.seeds[bisect_right(self.seeds, place, key=itemgetter(0)) - 1]
        return Row(self.settings[setting], self.subjects[subject], seed + place - begins)

    def shot_of(self, frame: int) -> tuple[int, int]:
        """The shot that a frame of a film belongs to, `[start, stop)`."""
        bounds = (*self.shots, self.length)
        place = bisect_right(self.shots, frame)
        return bounds[place - 1], bounds[place]

    def said(self) -> str:
        """How the pictures are made, in a few words: `30 steps, guidance 6`."""
        first, count = self.settings[0], len(self.settings)
        if count > 1:
            return f"{count} settings"
        parts = [f"{first.steps} steps", f"guidance {first.guidance:g}"]
        parts += [first.scheduler] if first.scheduler else []
        parts += [f"strength {first.strength:g}"] if first.strength is not None else []
        parts += [f"{lora.weight:g} {lora.name}" for lora in self.loras]
        parts += [f"{control.weight:g} {control.name}" for control in self.controls]
        parts += [f"a keyframe in {self.keyframes}"] if self.keyframes > 1 else []
        return ", ".join(parts)

    def facts(self, frame: int) -> dict[str, str]:
        """What the frame's picture is made of, by name, for its metadata."""
        row = self.row(frame)
        told: dict[str, Any] = {
            "model": self.model,
            "task": self.task,
            "prompt": row.subject.prompt[:_LONGEST_FACT],
            "negative": row.subject.negative[:_LONGEST_FACT] or None,
            "seed": row.seed,
            "steps": row.setting.steps,
            "guidance": f"{row.setting.guidance:g}",
            "scheduler": row.setting.scheduler,
            "strength": None if row.setting.strength is None else f"{row.setting.strength:g}",
            "lora": ", ".join(f"{lora.weight:g} {lora.name}" for lora in self.loras) or None,
            "control": ", ".join(f"{control.weight:g} {control.name}" for control in self.controls) or None,
        }
        return {name: str(value) for name, value in told.items() if value is not None}
