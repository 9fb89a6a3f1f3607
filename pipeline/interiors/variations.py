"""New designs from old ones, in normal numbers, where chance and mixtures mean something: see Vae.place.

Latents are `(1, latent)` float32 here. What is random comes from the design's seed alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from pipeline.device import generator

_EVEN = (0.25, 0.75)
"""A child has at least a quarter of each of its parents; less would be a copy of the other one."""

_MOST_STRETCH = 1.5
"""Times as long as normal numbers are, beyond which there are no likely designs."""


def sampled(seed: int, latent: int, *, truncation: float) -> Tensor:
    """A design of chance alone; a smaller truncation is more like the mean one."""
    return truncation * torch.randn(1, latent, generator=generator(seed))


def varied(normal: Tensor, vary: float, chance: torch.Generator) -> Tensor:
    """A design `(1, latent)` of which the part `vary`, 0 to 1, is chance and the rest is as it was.

    Chance is about as long as what it varies, be that short as truncated designs are or long as photographs are, so
    that the same `vary` means the same of either.
    """
    # The second row: the first is what the seed's own design is made of, which may be the one that is varied.
    noise = torch.randn(2, normal.shape[1], generator=chance)[1:].to(normal.device)
    return math.sqrt(1 - vary**2) * normal + vary * min(_stretch(normal), _MOST_STRETCH) * noise


def child(parents: Sequence[Tensor], seed: int, *, vary: float) -> tuple[Tensor, dict[int, float]]:
    """A design bred from two of the parents, and the share of each of the two, by its place.

    Which two, and their shares, is chance. The mixture is stretched to the length that its parents have, by their
    shares: a mean of normal latents is shorter than any of them, and a duller design. But it is not drawn out as far as
    photographs lie, where nothing but photographs does. Then it is varied.
    """
    chance = generator(seed)
    one, other = torch.randperm(len(parents), generator=chance)[:2].tolist()
    least, most = _EVEN
    share = round(least + (most - least) * torch.rand(1, generator=chance).item(), 4)
    shares = {one: share, other: round(1 - share, 4)}
    mixed = sum((part * parents[place] for place, part in shares.items()), torch.zeros_like(parents[0]))
    stretch = sum(part * _stretch(parents[place]) for place, part in shares.items())
    mixed = mixed * (min(stretch, _MOST_STRETCH) / max(_stretch(mixed), 1e-12))
    return varied(mixed, vary, chance), shares


def _stretch(normal: Tensor) -> float:
    """How long a latent `(1, latent)` is, beside normal numbers."""
    return float(normal.norm()) / math.sqrt(normal.shape[1])
