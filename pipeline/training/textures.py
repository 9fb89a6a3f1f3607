"""What the any-painting network learns to paint like: crops of paintings and photographs, recoloured, and patterns.

A handful of paintings teaches a network those paintings. Recolouring, enlarging and inventing makes thousands of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.training.photos import Photos

_INVENTED = 0.15
"""Part of the textures that are patterns without a picture behind them."""
_RECOLOURED = 0.6
"""Part of the crops whose colours are changed."""


class Textures:
    """Random textures: crops of the folders, each as often as the other, and invented patterns."""

    def __init__(self, folders: Sequence[Photos], zoom: tuple[float, float] = (0.35, 1.2)):
        """`zoom`: how much smaller and larger than in the file pictures are drawn."""
        self.folders, self.zoom = folders, zoom

    def batch(self, count: int, *, size_px: int, generator: torch.Generator) -> Tensor:
        """`(count, 3, size, size)` float32 in [0, 1], sRGB, on the CPU."""
        return torch.cat([self._one(size_px, generator) for _ in range(count)])

    def _one(self, size_px: int, generator: torch.Generator) -> Tensor:
        invented, which, recoloured = torch.rand(3, generator=generator).tolist()
        if invented < _INVENTED:
            return pattern(size_px, generator)
        folder = self.folders[int(which * len(self.folders))]
        crop = folder.batch(1, size_px=size_px, generator=generator, zoom=self.zoom)
        return recolour(crop, generator) if recoloured < _RECOLOURED else crop


def recolour(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """The pictures with channels swapped, inverted, mixed and bent at random: another palette, the same strokes."""
    order = torch.randperm(3, generator=generator)
    inverted, bend, amount = torch.rand(3, generator=generator).tolist()
    mixing = torch.eye(3)[order].lerp(torch.rand(3, 3, generator=generator) - 0.2, 0.4 * amount)
    mixing = mixing / mixing.sum(1, keepdim=True).clamp(min=0.5)
    mixed = torch.einsum("ij,njhw->nihw", mixing, pictures).clamp(0, 1)
    if inverted < 0.25:
        mixed = 1 - mixed
    return mixed.clamp(min=1e-4).pow(2 ** (2 * bend - 1))


def pattern(size_px: int, generator: torch.Generator) -> Tensor:
    """Blots or bands of a few colours at a random scale, `(1, 3, size, size)` float32 in [0, 1]."""
    scale, stretch, bands = torch.rand(3, generator=generator).tolist()
    across = max(3, int(size_px / (4 + 24 * scale)))
    down = max(3, int(across * (0.15 + 0.85 * stretch)))
    noise = torch.randn(1, 1, down, across, generator=generator)
    heights = F.interpolate(noise, (size_px, size_px), mode="bicubic", align_corners=False)
    if bands < 0.5:
        heights = torch.sin(heights * 8 * (bands + 0.2))
    colours = torch.rand(4, 3, generator=generator)
    ranks = heights.flatten().argsort().argsort().view(size_px, size_px) / size_px**2
    chosen = colours[(ranks * 4).long().clamp(max=3)].permute(2, 0, 1)
    smooth = colours[0].view(3, 1, 1) + ranks * (colours[1] - colours[0]).view(3, 1, 1)
    return (chosen if bands > 0.25 else smooth).unsqueeze(0)
