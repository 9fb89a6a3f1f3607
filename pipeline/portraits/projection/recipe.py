"""How a photograph is projected. All defaults are written here, once. Torch-free.

Source: Karras et al., arXiv:1912.04958, appendix D, for all but the second part in w+ and the distance in colours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class ProjectionRecipe:
    """Everything that decides a projection besides its photograph, generator and features.

    Raises: ConfigError if a value makes no sense.
    """

    steps: int = 500
    plus: float = 0.5
    """From which part of the steps on each layer has a style of its own (w+); before, all have the same. 0 is w+ from
    the start, 1 is w to the end."""
    rate: float = 0.25
    """Adam's learning rate at its highest, in standard deviations of a number of w; for FFHQ's that is the paper's."""
    noise_rate: float = 0.1
    """The same for StyleGAN2's noise, whose standard deviation is 1."""
    rise: float = 0.05
    """Part of the steps in which the rate rises."""
    fall: float = 0.25
    """Part of the steps in which it falls to 0 again."""
    blur: float = 0.05
    """How far each number of w is shaken at first, so that w finds more than the nearest pit; as part of how far whole
    latents lie from their mean."""
    blur_until: float = 0.75
    """Part of the steps after which it is shaken no more."""
    colours: float = 1.0
    """Weight of the mean square distance of the pixels, in [0, 1], beside that of the features."""
    noise: bool = True
    """Whether StyleGAN2's noise is found, too; otherwise it stays what the network learnt."""
    evenness: float = 1e5
    """Weight of what keeps that noise free of shapes."""
    samples: int = 10_000
    """Of w, for its mean and standard deviation."""
    longest_px: int = 256
    """Larger pictures are compared at this size."""
    seed: int = 0
    keep_every: int = 50
    """Steps between two kept states."""

    def __post_init__(self) -> None:
        for name in ("steps", "keep_every"):
            _check(self, name, 1 <= getattr(self, name) <= 1_000_000, "1 to 1,000,000")
        _check(self, "samples", 2 <= self.samples <= 1_000_000, "2 to 1,000,000")
        _check(self, "longest_px", self.longest_px >= 32, "32 or more")
        for name in ("plus", "rise", "fall", "blur_until"):
            _check(self, name, 0 <= getattr(self, name) <= 1, "0 to 1")
        for name in ("blur", "colours", "evenness"):
            _check(self, name, 0 <= getattr(self, name) < math.inf, "0 or more")
        for name in ("rate", "noise_rate"):
            _check(self, name, 0 < getattr(self, name) < math.inf, "more than 0")

    def ramp_at(self, step: int) -> float:
        """Part of the learning rates that a step has: up in a straight line, down as half a cosine wave."""
        share = step / self.steps
        falling = min(1.0, (1 - share) / self.fall) if self.fall else 1.0
        # Steps are counted from 0, and the first one is to move, too.
        rising = min(1.0, (share + 1 / self.steps) / self.rise) if self.rise else 1.0
        return (0.5 - 0.5 * math.cos(math.pi * falling)) * rising

    def blur_at(self, step: int) -> float:
        """How far w is shaken in a step."""
        left = max(0.0, 1 - step / self.steps / self.blur_until) if self.blur_until else 0.0
        return self.blur * left**2

    def is_plus(self, step: int) -> bool:
        """Whether each layer has a style of its own."""
        return step >= self.plus * self.steps


def _check(recipe: ProjectionRecipe, name: str, is_right: bool, wanted: str) -> None:
    if not is_right:
        raise ConfigError(f"{name}: {getattr(recipe, name)!r} is out of range; give {wanted}")
