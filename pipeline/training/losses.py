"""What training wants small: distance from the content, from the painting's texture, noise, and flicker.

Each is a module of a few lines; every one is relative (1 means "as far away as nothing at all"), so that weights
carry over between paintings, layers and VGG's variants.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.models.features import Features
from pipeline.tensors import luminance

_TINY = 1e-8


def gram(features: Tensor) -> Tensor:
    """How strongly each pair of channels fires together: `(N, C, H, W)` to `(N, C, C)` float32.

    Source: Gatys et al., arXiv:1508.06576.
    """
    flat = features.flatten(2)
    # Under autocast the products are added up in float32 and rounded once, which is exact enough and four times faster.
    return (flat @ flat.transpose(1, 2)).float() / flat.shape[-1]


class ContentLoss(nn.Module):
    """How much of the content's features is lost, averaged over layers."""

    def forward(self, painted: dict[str, Tensor], content: dict[str, Tensor]) -> Tensor:
        losses = [
            F.mse_loss(painted[layer].float(), wanted.float()) / (wanted.float().square().mean() + _TINY)
            for layer, wanted in content.items()
        ]
        return torch.stack(losses).mean()


class StyleLoss(nn.Module):
    """How far a batch's textures are from the painting's, averaged over layers and scales.

    The batch is measured as one: Gatys et al. measure each picture, which forces the whole palette, as blotches, upon
    a crop of empty sky.

    Coarser scales see the same layers on pictures of half the size each, so that strokes larger than relu3's 40 px
    are learnt without the deeper layers.
    """

    def __init__(self, vgg: Features, painting: Tensor, layers: Sequence[Sequence[str]]):
        """`layers`: those compared at each scale, fine to coarse.

        `painting`: `(1, 3, H, W)` float in [0, 1], sRGB, already at the size whose strokes are wanted.
        """
        super().__init__()
        with torch.no_grad():
            self.targets = [
                {layer: gram(found) for layer, found in vgg(picture, names).items()}
                for picture, names in zip(pyramid(painting, len(layers)), layers, strict=True)
            ]

    def forward(self, features: list[dict[str, Tensor]]) -> Tensor:
        """`features`: for each scale, fine to coarse, the layers' features of the painted pictures."""
        losses = [
            F.mse_loss(gram(found[layer]).mean(0, keepdim=True), wanted) / (wanted.square().mean() + _TINY)
            for found, target in zip(features, self.targets, strict=True)
            for layer, wanted in target.items()
        ]
        return torch.stack(losses).mean()


def pyramid(pictures: Tensor, scales: int) -> list[Tensor]:
    """The pictures at their own size, half of it, a quarter …: `scales` of them, fine to coarse."""
    levels = [pictures]
    for _ in range(scales - 1):
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


class ShadingLoss(nn.Module):
    """How much of the light's large shapes is lost: what was bright stays bright, what was even stays even.

    Compares luminance blurred to patches, without its mean, so that strokes within a patch are free and the
    painting's own brightness is kept.
    """

    def __init__(self, patch_px: int = 32):
        super().__init__()
        self.patch_px = patch_px

    def forward(self, painted: Tensor, content: Tensor) -> Tensor:
        """Both `(N, 3, H, W)` in [0, 1], sides at least a patch."""
        return F.mse_loss(self._shapes(painted), self._shapes(content))

    def _shapes(self, pictures: Tensor) -> Tensor:
        patches = F.avg_pool2d(luminance(pictures.float()), self.patch_px, self.patch_px // 2)
        return patches - patches.mean((2, 3), keepdim=True)


class TotalVariationLoss(nn.Module):
    """How much neighbouring pixels differ: keeps grain and checkerboards down."""

    def forward(self, pictures: Tensor) -> Tensor:
        across = (pictures[..., 1:] - pictures[..., :-1]).square().mean()
        down = (pictures[..., 1:, :] - pictures[..., :-1, :]).square().mean()
        return across + down


class TemporalLoss(nn.Module):
    """How far a moved picture's painting is from the painting moved the same way: what would flicker in a film.

    The motion is made from one picture by `Motion`, so no film is needed to train.
    Source: after Huang et al., "Real-Time Neural Style Transfer for Videos", CVPR 2017, with synthetic motion.
    """

    def forward(self, painted_after_motion: Tensor, motion_after_painting: Tensor, valid: Tensor) -> Tensor:
        """`valid` is `(N, 1, H, W)`: 1 where the moved picture shows something that the unmoved one has too."""
        difference = (painted_after_motion - motion_after_painting).square() * valid
        return difference.sum() / (3 * valid.sum() + 1)


class Motion:
    """A small random shift and zoom for each picture of a batch, the same whenever it is applied."""

    def __init__(self, count: int, generator: torch.Generator, *, shift: float = 0.06, zoom: float = 0.04):
        """`shift` and `zoom`: the largest, as parts of the picture's size."""

        def uniform(*shape: int) -> Tensor:
            return torch.rand(shape, generator=generator, device=generator.device) * 2 - 1

        scale = 1 + zoom * uniform(count, 1)
        zero = torch.zeros_like(scale)
        rows = [torch.cat([scale, zero, 2 * shift * uniform(count, 1)], 1)]
        rows.append(torch.cat([zero, scale, 2 * shift * uniform(count, 1)], 1))
        self.affine = torch.stack(rows, 1)

    def __call__(self, pictures: Tensor) -> Tensor:
        """The moved pictures; black where nothing is known."""
        grid = F.affine_grid(self.affine.to(pictures.device), list(pictures.shape), align_corners=False)
        return F.grid_sample(pictures.float(), grid, align_corners=False)
