"""A walk through latents, a picture for each frame of a film: where each frame lies follows from its number alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import ConfigError
from pipeline.models.stylegan.generator import Generator
from pipeline.portraits.brief import MOST_KEYFRAMES, Way
from pipeline.portraits.interpolate import Spline, lerp, slerp
from pipeline.portraits.latents import Space, z_of

_STEPS = 64
"""Between two keyframes, of the measuring of how long the way is."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Walk:
    """A walk. Raises: ConfigError if a value makes no sense."""

    keyframes: np.ndarray
    """(K, D) float64: latents z, or w, or w+ as rows of num_ws * w_dim numbers."""
    frames: int
    """Of the whole walk."""
    space: Space
    way: Way = "cubic"
    loop: bool = False
    """Whether it leads back to the first keyframe; the last frame is then one step before the first."""
    steady: bool = False
    """Whether all steps are equally long. Otherwise all keyframes are equally many frames apart."""

    def __post_init__(self) -> None:
        count = len(self.keyframes)
        if not 2 <= count <= MOST_KEYFRAMES:
            raise ConfigError(f"keyframes: a walk has 2 to {MOST_KEYFRAMES:,}, and this one has {count:,}")
        if self.frames < 2:
            raise ConfigError(f"frames: a walk has at least 2, and {self.frames} was asked for")
        if self.way not in get_args(Way):
            raise ConfigError(f"way: {self.way!r} is unknown; give {', '.join(get_args(Way))}")
        if self.way == "slerp" and self.space != "z":
            raise ConfigError("way: slerp is for z, whose length means nothing; in w give linear or cubic")

    def latent(self, frame: int) -> np.ndarray:
        """Where a frame lies, (D,) float64."""
        return self._at(self.time(frame))

    def time(self, frame: int) -> float:
        """When a frame is due: 0 is the first keyframe, 1 the second."""
        share = frame / (self.frames if self.loop else self.frames - 1)
        if not self.steady:
            return share * self._legs
        lengths = self._lengths
        return float(np.interp(share * lengths[-1], lengths, np.linspace(0, self._legs, len(lengths))))

    def styles(
        self, generator: Generator, frame: int, c: Tensor | None = None, *, psi: float = 1.0, cutoff: int | None = None
    ) -> Tensor:
        """A frame's style for every layer, `(1, num_ws, w_dim)` float32, on the generator's device; `psi` and `cutoff`
        truncate it as they do a seed's."""
        device = generator.mapping.w_avg.device
        latent = torch.from_numpy(self.latent(frame)).to(device, torch.float32)
        if self.space == "z":
            return generator.styles(latent[None], c, psi=psi, cutoff=cutoff)
        return generator.truncated(latent.view(1, -1, generator.config.mapping.w_dim), psi=psi, cutoff=cutoff)

    @property
    def _legs(self) -> int:
        return len(self.keyframes) - (0 if self.loop else 1)

    @cached_property
    def _spline(self) -> Spline:
        return Spline(self.keyframes, closed=self.loop)

    @cached_property
    def _lengths(self) -> np.ndarray:
        """How long the way is up to each of the times that divide it, rising even where it stands still."""
        times = np.linspace(0, self._legs, self._legs * _STEPS + 1)
        steps = [np.linalg.norm(there - here) for here, there in pairwise(map(self._at, times))]
        return np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-12))])

    def _at(self, time: float) -> np.ndarray:
        if self.way == "cubic":
            return self._spline(time)
        count = len(self.keyframes)
        leg = min(int(time), self._legs - 1)
        here, there = self.keyframes[leg], self.keyframes[(leg + 1) % count]
        return (slerp if self.way == "slerp" else lerp)(here, there, time - leg)


def seed_keyframes(generator: Generator, seeds: list[int], space: Space, c: Tensor | None = None) -> np.ndarray:
    """The keyframes of seeds in z or, through the generator's mapping, in w: (K, D) float64."""
    z = [z_of(seed, generator.config.mapping.z_dim) for seed in seeds]
    if space == "z":
        return np.concatenate(z)
    device = generator.mapping.w_avg.device
    with torch.no_grad():
        # One by one: in another batch the last bits are others.
        rows = [generator.mapping(torch.from_numpy(row).to(device), c) for row in z]
    return torch.cat(rows).double().cpu().numpy()
