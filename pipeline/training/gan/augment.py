"""What the discriminator sees instead of the pictures: the same, moved and recoloured, as often as is needed.

With few pictures a discriminator learns them by heart, and then teaches nothing. Augmented ones it cannot; real and
generated ones are augmented alike, so the generator does not learn the augmentations.

Source: Karras et al., arXiv:2006.06676, sections 2 and 3, appendix B.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.models.stylegan.resample import doubling_padding, resample
from pipeline.training.gan.transforms import Lots, colours, places

_SYM6 = (
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
    0.787641141030194, 0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578,
    0.0017677118642428036, -0.007800708325034148,
)  # fmt: skip
"""Daubechies' least asymmetric wavelet of order 6: orthogonal, so enlarging and shrinking again changes nothing."""

_EDGE = len(_SYM6) // 2


def augment(pictures: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Pictures `(N, 3, H, H)` float32 in [-1, 1], each transform made with the probability, and differentiable once.

    `generator`: one on the CPU, which decides everything.
    """
    if probability <= 0:
        return pictures
    lots = Lots(len(pictures), probability, generator)
    device = pictures.device
    moved = warp(pictures, places(lots, pictures.shape[2]).to(device))
    return recolour(moved, colours(lots).to(device))


def warp(pictures: Tensor, matrices: Tensor) -> Tensor:
    """Each picture seen through its matrix (N, 3, 3), from places in the result to places in the picture.

    It is enlarged and filtered meanwhile, against aliasing, and mirrored beyond its edges.
    """
    count, size = len(pictures), pictures.shape[2]
    taps = torch.tensor(_SYM6, device=pictures.device) / math.sqrt(2)
    padded = F.pad(pictures, (_EDGE,) * 4, mode="reflect")
    cut = 2 * _EDGE
    large = resample(padded, taps, up=2, padding=doubling_padding(len(_SYM6)))[:, :, cut:-cut, cut:-cut]
    axis = (torch.arange(2 * size + 2 * _EDGE, device=pictures.device) + 0.5 - _EDGE) / size - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    seen = torch.stack([x, y, torch.ones_like(x)], -1).view(1, -1, 3) @ matrices[:, :2].transpose(1, 2)
    grid = seen.view(count, len(axis), len(axis), 2)
    turned = F.grid_sample(large, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    return resample(turned, taps.flip(0), down=2, padding=(-1, 0, -1, 0))


def recolour(pictures: Tensor, matrices: Tensor) -> Tensor:
    """Each picture's colours through its matrix (N, 3, 4)."""
    flat = matrices[:, :, :3] @ pictures.flatten(2) + matrices[:, :, 3:]
    return flat.view_as(pictures)


class Adaptive:
    """How often to augment: more when the discriminator is too sure of the real pictures, less when it is not.

    It is too sure when its logits for them are above zero in the mean of their signs by more than `target`.
    """

    def __init__(self, *, target: float, images: int):
        """`images`: how many it takes from never to always."""
        self.target, self.images = target, images
        self.probability = 0.0

    def adapt(self, signs: float, images: int) -> None:
        """After so many more images, whose real ones had this mean sign."""
        step = images / self.images
        towards = 1 if signs > self.target else -1 if signs < self.target else 0
        self.probability = min(max(self.probability + towards * step, 0.0), 1.0)
