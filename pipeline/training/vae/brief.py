"""What an autoencoder's training is asked for: as a command's arguments or a plan's `inputs`. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pipeline.training.schedule import Schedule

ROOMS = "rooms"
"""The pictures that pipeline/drawing/rooms draws, in the place of a folder."""

FEWEST = 20
"""With fewer pictures there is nothing to hold out."""

_MOST_BYTES = 2 << 30


def most_pictures(size_px: int) -> int:
    """Of more, as many are taken, evenly spread: all of them are kept in memory once seen."""
    return _MOST_BYTES // (3 * size_px**2)


@dataclass(frozen=True, kw_only=True)
class VaeRecipe:
    """The networks, and what they want small."""

    size_px: int = 128
    """A side of the pictures: 64, 128 or 256."""
    latent: int = 128
    """Numbers in z."""
    channels: int = 32
    """Of both networks at their finest. Each halving of the size doubles them …"""
    channels_most: int = 192
    """… up to so many."""
    blocks: int = 1
    """Residual blocks at each size, in each network."""
    sketch: bool = True
    """Whether the linear maps begin with the pictures' principal components."""
    batch: int = 16
    kl_weight: float = 0.1
    """β: 1 is the textbook's loss; less reconstructs better, and leaves more that sampling does not know of."""
    kl_warmup: float = 2.0
    """Thousands of pictures over which β rises from 0."""
    free_bits: float = 0.02
    """Nats that each latent number may tell for nothing."""
    perceptual: float = 0.004
    """Weight of how unlike pictures look to our features network; 0 for none."""
    texture: float = 0.0
    """Weight of how much more or less texture there is than should be, to the same network; 0 for none."""
    adversarial: float = 0.002
    """Weight of the critic that tells decoded pictures from real ones, patch by patch; 0 for none."""
    adversarial_from: float = 10.0
    """Thousands of pictures before the critic is asked."""
    textbook: bool = False
    """L = L_recon + L_KL and nothing else: β is 1 from the beginning; no free bits, features or critic."""
    crop: float = 1.0
    """Pictures are opened so many times as large, and a random square of them is learnt; 1 for the whole."""
    jitter: float = 0.0
    """How much brightness, warmth and contrast of what is learnt vary, 0 to 1."""
    mirror: bool = False
    """Whether mirrored pictures are as good as the pictures."""
    held_out: float = 0.1
    """Part of the pictures that is never learnt, for the report."""
    distance_pictures: int = 1000
    """That each Fréchet distance is measured on, at most; 0 for none."""

    @property
    def loss(self) -> VaeRecipe:
        """The same with what `textbook` overrides."""
        if not self.textbook:
            return self
        return replace(self, kl_weight=1.0, kl_warmup=0.0, free_bits=0.0, perceptual=0.0, texture=0.0, adversarial=0.0)

    @property
    def sees(self) -> bool:
        """Whether pictures are compared by a network's features."""
        return bool(self.loss.perceptual or self.loss.texture)

    @property
    def opened_px(self) -> int:
        """A side of the pictures as they are kept."""
        return round(self.size_px * self.crop)

    def iterations(self, kimg: float) -> int:
        """How many see so many thousand images."""
        return max(1, math.ceil(kimg * 1000 / self.batch - 1e-6))

    def kl_at(self, images: int) -> float:
        """β after so many images."""
        loss = self.loss
        return loss.kl_weight * min(1.0, images / (1000 * loss.kl_warmup) if loss.kl_warmup else 1.0)

    def adversarial_at(self, images: int) -> float:
        """The critic's weight after so many images."""
        loss = self.loss
        return loss.adversarial if images >= 1000 * loss.adversarial_from else 0.0


@dataclass(frozen=True, kw_only=True)
class VaeBrief:
    """One autoencoder to train."""

    name: str
    """What it will be called."""
    images: str
    """`rooms`, or the folder or `s3://` prefix of the pictures."""
    images_mark: str = ""
    """What `material.mark` said of them when the training was planned."""
    labels: str = ""
    """What the file of labels is called, if there is one."""
    count: int = 20_000
    """Rooms to draw, where they are drawn."""
    recipe: VaeRecipe = field(default_factory=VaeRecipe)
    schedule: Schedule = field(default_factory=lambda: Schedule(learning_rate=5e-4, warmup=100, average=0.999))
    credit: str = ""
    """Whose pictures, and their terms."""
    licence: str = "not stated"
    """Of the weights."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> VaeBrief:
        """The brief that `to_json` gave."""
        parts = {"recipe": VaeRecipe(**values["recipe"]), "schedule": Schedule(**values["schedule"])}
        return cls(**{**values, **parts})
