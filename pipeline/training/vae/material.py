"""What an autoencoder learns from: pictures, which of them are held out, and what is known of each.

Batches come as the networks take them, cut and coloured at random as the recipe says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import MediaError
from pipeline.training.pictures import Pictures
from pipeline.training.vae.brief import VaeRecipe

_SHUFFLE = 20_240_601
"""Seed of which pictures are held out: the same ones whatever a training's own seed is."""


class Material:
    """Pictures with a part held out."""

    def __init__(self, pictures: Pictures, recipe: VaeRecipe, attributes: Sequence[str] = ()):
        """`attributes`: what is known of each picture, in the order of `known`'s columns."""
        self.pictures, self._recipe = pictures, recipe
        self.count = pictures.count
        self.attributes = tuple(attributes)
        order = np.random.default_rng(_SHUFFLE).permutation(self.count).tolist()
        held = max(1, round(recipe.held_out * self.count)) if recipe.held_out else 0
        self.held_out: tuple[int, ...] = tuple(sorted(order[:held]))
        """Numbers of the pictures that are never learnt."""
        self.learnt: tuple[int, ...] = tuple(sorted(order[held:]))
        """Numbers of the others."""
        if not self.learnt:
            raise MediaError(f"of {self.count} pictures none is left to learn from; hold fewer out")

    def batch(self, count: int, lots: torch.Generator) -> Tensor:
        """`(count, 3, S, S)` float32 in [0, 1], sRGB, on the CPU: what is learnt, and only that."""
        numbers = [self.learnt[place] for place in torch.randint(len(self.learnt), (count,), generator=lots).tolist()]
        pictures = self._cut((self.pictures.of(numbers) + 1) / 2, lots)
        if self._recipe.mirror:
            turned = torch.rand(count, generator=lots) < 0.5
            pictures = torch.where(turned.view(-1, 1, 1, 1), pictures.flip(3), pictures)
        return self._coloured(pictures, lots)

    def of(self, numbers: Sequence[int]) -> Tensor:
        """The middles of these pictures, as they are: `(N, 3, S, S)` float32 in [0, 1]."""
        pictures = (self.pictures.of(numbers) + 1) / 2
        edge = (pictures.shape[2] - self._recipe.size_px) // 2
        return pictures[:, :, edge : edge + self._recipe.size_px, edge : edge + self._recipe.size_px]

    def _cut(self, pictures: Tensor, lots: torch.Generator) -> Tensor:
        size, room = self._recipe.size_px, pictures.shape[2] - self._recipe.size_px
        if room <= 0:
            return pictures
        corners = torch.randint(room + 1, (len(pictures), 2), generator=lots).tolist()
        return torch.stack([one[:, y : y + size, x : x + size] for one, (y, x) in zip(pictures, corners, strict=True)])

    def _coloured(self, pictures: Tensor, lots: torch.Generator) -> Tensor:
        jitter = self._recipe.jitter
        if not jitter:
            return pictures
        gain, warmth, contrast = (torch.rand(3, len(pictures), 1, 1, 1, generator=lots) * 2 - 1) * jitter
        tint = torch.cat([1 + warmth / 2, torch.ones_like(warmth), 1 - warmth / 2], 1)
        mean = pictures.mean((1, 2, 3), keepdim=True)
        return (((pictures - mean) * (1 + contrast) + mean) * (1 + gain) * tint).clamp(0, 1)
