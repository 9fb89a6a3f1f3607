"""What the painter of motions must know, as a plan holds it. Torch-free."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.backgrounds.brief import BackgroundBrief
from pipeline.motion.view.figures import Prop
from pipeline.motion.view.looks import StudioName, TrailOf

MOST_FIGURES, MOST_CLIPS = 12, 200


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Recording(_Part):
    """A part of a file of motion capture."""

    name: str
    """As its user calls the file."""
    file: int
    """Place among the plan's files."""
    skeleton: int | None = None
    """Of an AMC file: place of its ASF file."""
    rate: Fraction | None = None
    """Frames a second, where the file says none or a wrong one."""
    start_s: float = 0.0
    end_s: float | None = None
    """None: to its end."""
    joints: dict[str, str] = {}
    """Our joints' names → its own, where nobody knows these."""


class Act(_Part):
    """What a figure does for some time: a model makes it, or it was recorded."""

    frames: int
    """Of the film."""
    action: str = ""
    """One of the model's classes; empty of what was recorded."""
    seed: int = 0
    path: tuple[tuple[float, float], ...] = ()
    """Points of the floor that an action is led along, metres (x, z); none where it goes by itself."""
    recording: Recording | None = None
    product: str = ""
    """What it is called as BVH file; empty if none is delivered."""

    @property
    def said(self) -> str:
        """What it is, for people."""
        return self.recording.name if self.recording is not None else self.action


class FigureBrief(_Part):
    """One who moves."""

    acts: tuple[Act, ...]
    """One after the other."""
    palette: str = "porcelain"
    prop: Prop | None = None
    place: tuple[float, float] | None = None
    """Metres (x, z) on the floor."""
    facing_deg: float | None = None

    @property
    def frames(self) -> int:
        """How long it moves."""
        return sum(act.frames for act in self.acts)

    def begins(self) -> tuple[int, ...]:
        """The first frame of each act."""
        return (0, *accumulate(act.frames for act in self.acts[:-1]))

    def act_at(self, frame: int) -> Act:
        """What it does then; after its last act, that one's end."""
        return self.acts[bisect_right(self.begins(), frame) - 1]


class CameraBrief(_Part):
    """See view/cameras.py."""

    move: Literal["follow", "orbit", "fixed"] = "follow"
    angle: float = 35.0
    height: float = 9.0
    lens: float = 26.0
    zoom: float = 1.0
    round_s: float = 12.0
    turns: bool = False


class TrailsBrief(_Part):
    """See view/looks.py."""

    kind: Literal["ghosts", "ribbons"]
    seconds: float
    count: int
    of: tuple[TrailOf, ...]


class MotionBrief(_Part):
    """Who moves how, and how that is seen."""

    model: str = ""
    """As its user calls it, the plan's first model; empty where all is recorded."""
    figures: tuple[FigureBrief, ...]
    width: int
    height: int
    rate: Fraction
    """Frames a second."""
    camera: CameraBrief = CameraBrief()
    studio: StudioName = "dark"
    colours: tuple[str, ...] = ()
    """Of the background, `#20242c`: one, or those of the upper and the lower edge."""
    transparent: bool = False
    behind: BackgroundBrief | None = None
    """Pictures or films of the background."""
    grid: bool | None = None
    shadow: float = 1.0
    trails: TrailsBrief | None = None

    @property
    def frames(self) -> int:
        """Of the film: until the last figure stands still."""
        return max(figure.frames for figure in self.figures)

    @property
    def acts(self) -> Iterator[Act]:
        """What all figures do."""
        return (act for figure in self.figures for act in figure.acts)

    def said(self) -> str:
        """What is shown, in a few words: `walk, run, sword`."""
        return ", ".join(dict.fromkeys(act.said for act in self.acts))

    def facts(self, frame: int) -> dict[str, str]:
        """What the frame's picture tells of what a model made in it; nothing if that is nothing."""
        made = [act for act in (figure.act_at(frame) for figure in self.figures) if act.action]
        if not made:
            return {}
        return {
            "model": self.model,
            "action": ", ".join(act.action for act in made),
            "seed": ", ".join(str(act.seed) for act in made),
        }
