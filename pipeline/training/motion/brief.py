"""What a motion training is asked for, in one piece: as a command's arguments or a plan's `inputs`. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from pipeline.training.schedule import Schedule

RATES = (15, 30, 60)
"""Frames a second that can be learnt."""

MEASURED_FRAMES = 64
"""Of the windows by which motions are measured: two seconds at 30 frames a second."""


@dataclass(frozen=True, kw_only=True)
class MotionRecipe:
    """The networks, and how they learn."""

    rate: int = 30
    """Frames a second that all clips are brought to."""
    window: int = 96
    """Frames of what is learnt at a time: a multiple of 16."""
    noise: int = 16
    """Numbers of noise in each step of eight frames."""
    width: int = 128
    """Channels of the generator."""
    blocks: int = 2
    """Residual blocks at each of its four rates."""
    critic_width: int = 96
    """Channels of each critic, and of the encoder."""
    batch: int = 10
    """Real windows an iteration; as many are made of them, and as many of noise."""
    places: float = 10.0
    """Weight of how far joints are from where they belong, a metre as 1."""
    kl: float = 0.01
    """Weight of what the encoder tells, in nats a number. More makes noise alone the better, and copies the worse."""
    adversarial: float = 0.2
    """Weight of the critics."""
    adversarial_from: int = 500
    """Iterations before they are asked: before, there is only copying."""
    gamma: float = 0.05
    """Weight of R1, the penalty on the critics' slopes."""
    r1_every: int = 8
    """Iterations between them."""
    contact: float = 0.5
    """Weight of how fast feet move that the generator says are on the floor, (m/s)²."""
    smooth: float = 0.02
    """Weight of accelerations beyond those of nearly all real ones, m/s² as 1."""
    stretch: float = 0.12
    """By which share of their speed motions are learnt slower and faster, too."""
    mirror: bool = True
    """Whether a motion in the mirror is as good."""
    loop: float = 8.0
    """Seconds that short cycles, such as two strides, are repeated for; 0 repeats none."""
    held_out: float = 0.15
    """Part of each class that is never learnt, for the report."""
    measured_clips: int = 5
    """Of each class, ten seconds long, by which the generator is measured; 0 measures nothing."""


@dataclass(frozen=True, kw_only=True)
class MotionBrief:
    """One generator of motions to train."""

    name: str
    """What it will be called."""
    data: str
    """The folder or `s3://` prefix of the clips."""
    data_mark: str = ""
    """Changes when the clips do."""
    labels: str = ""
    """What the file of labels is called."""
    recipe: MotionRecipe = field(default_factory=MotionRecipe)
    schedule: Schedule = field(
        default_factory=lambda: Schedule(
            iterations=7500, learning_rate=1e-3, warmup=100, average=0.998, save_every=250, preview_every=500
        )
    )
    credit: str = ""
    """Whose recordings, and their terms."""
    licence: str = "not stated"
    """Of the weights."""

    @property
    def images_mark(self) -> str:
        """What changes when the recordings do, as every training has it."""
        return self.data_mark

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.recipe.rate)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> MotionBrief:
        """The brief that `to_json` gave."""
        parts = {"recipe": MotionRecipe(**values["recipe"]), "schedule": Schedule(**values["schedule"])}
        return cls(**{**values, **parts})
