"""What a GAN's training is asked for, in one piece: as a command's arguments or a plan's `inputs`. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.training.schedule import Course

PORTRAITS = "portraits"
"""The pictures that pipeline/drawing draws, in the place of a folder."""

SIZES = (32, 64, 128, 256)
"""Pixels of a side that can be learnt."""

FEWEST = 100
"""With fewer pictures, no augmentation keeps the discriminator from learning them by heart."""

_MOST_BYTES = 2 << 30


def most_pictures(size_px: int) -> int:
    """Of more, as many are taken, evenly spread: all of them are kept in memory once seen."""
    return _MOST_BYTES // (3 * size_px**2)


@dataclass(frozen=True, kw_only=True)
class GanRecipe:
    """The networks, and how they learn."""

    size_px: int = 64
    """A side of the pictures: a power of two."""
    channels: int = 32
    """Of both networks at full size. Each halving of the size doubles them …"""
    channels_most: int = 96
    """… up to so many."""
    discriminator_channels: int = 0
    """Of the discriminator alone, which does not ship and may be wider; 0 for as many as the generator has."""
    discriminator_most: int = 0
    latent: int = 128
    """Numbers in z, and in w."""
    mapping_layers: int = 2
    noise: bool = True
    """Whether the generator's layers add noise, for grain and single hairs. Drawings have none, and are learnt sooner
    without."""
    batch: int = 16
    """Real and generated pictures an iteration."""
    learning_rate: float = 0.0025
    fall: float = 0.15
    """Last part of the iterations, in which both rates fall to a tenth, so that what was learnt settles."""
    gamma: float = 0.0
    """Weight of R1; 0 takes the rule of thumb, 0.0002 · size² / batch. Source: arXiv:2006.06676, appendix C."""
    r1_every: int = 16
    """Iterations between penalties on the discriminator's slopes; 0 for none."""
    path_weight: float = 0.0
    """Of the penalty on uneven path lengths; 0 for none. 2 is the paper's; it costs a third of the speed."""
    path_every: int = 4
    mixing: float = 0.9
    """How often a picture has two styles, one for its coarse layers and one for its fine ones."""
    average_kimg: float = 10.0
    """Thousands of images after which the averaged generator has half forgotten; a young one forgets sooner."""
    augment: bool = True
    """Whether to augment as soon as the discriminator learns the pictures by heart."""
    augment_target: float = 0.6
    augment_kimg: float = 100.0
    """Thousands of images in which augmentation can go from never to always."""
    mirror: bool = False
    """Whether mirrored pictures are as good as the pictures."""
    distance_pictures: int = 1000
    """That each Fréchet distance is measured on; 0 for none."""

    @property
    def penalty_weight(self) -> float:
        """Of R1."""
        return self.gamma or 0.0002 * self.size_px**2 / self.batch

    def rate(self, iteration: int, iterations: int) -> float:
        """The learning rate of an iteration, counted from 0, of so many."""
        left = (iterations - iteration) / max(1.0, self.fall * iterations)
        return self.learning_rate * (min(1.0, 0.1 + 0.9 * left) if self.fall else 1.0)

    def iterations(self, kimg: float) -> int:
        """How many see so many thousand images."""
        return max(1, math.ceil(kimg * 1000 / self.batch - 1e-6))


@dataclass(frozen=True, kw_only=True)
class GanBrief:
    """One generator to train."""

    name: str
    """What it will be called."""
    images: str
    """`portraits`, or the folder or `s3://` prefix of the pictures."""
    images_mark: str = ""
    """What `material.mark` said of them when the training was planned."""
    count: int = 10_000
    """Pictures to draw, where they are drawn."""
    recipe: GanRecipe = field(default_factory=GanRecipe)
    schedule: Course = field(default_factory=Course)
    credit: str = ""
    """Whose pictures, and their terms."""
    licence: str = "not stated"
    """Of the weights."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> GanBrief:
        """The brief that `to_json` gave."""
        parts = {"recipe": GanRecipe(**values["recipe"]), "schedule": Course(**values["schedule"])}
        return cls(**{**values, **parts})
