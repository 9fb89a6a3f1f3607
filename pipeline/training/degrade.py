"""Makes of sharp pictures the small ones that an upscaler is given: soft, reduced in several ways, a few of them noisy.

Generators' pictures are soft in the manner of a blur; other people's have seen cameras and JPEG.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_KERNELS = ("area", "bilinear", "bicubic")
"""Ways to reduce a picture."""


@dataclass(frozen=True, kw_only=True)
class Damage:
    """How much is done to the pictures. All defaults are written here, once."""

    sharp: float = 0.3
    """Part of the pictures that are reduced and no more;"""
    blur_px: float = 1.6
    """the others are blurred by a Gaussian of a deviation up to this, in pixels of the small size."""
    noisy: float = 0.12
    """Part of the pictures with noise,"""
    noise: float = 0.02
    """of a deviation up to this."""
    packed: float = 0.12
    """Part of the pictures with JPEG's errors,"""
    quality: tuple[int, int] = (60, 95)
    """of a quality between these."""


def degrade(sharp: Tensor, factor: int, generator: torch.Generator, damage: Damage) -> Tensor:
    """`(N, 3, H, W)` in [0, 1] on the CPU, H and W multiples of `factor`, to `(N, 3, H / factor, W / factor)`.

    The small ones are of eight bits, as pictures are.
    """
    return torch.cat([_degraded(picture, factor, generator, damage) for picture in sharp.split(1)])


def _degraded(picture: Tensor, factor: int, generator: torch.Generator, damage: Damage) -> Tensor:
    kernel, soft, deviation, noisy, amount, packed, quality = torch.rand(7, generator=generator).tolist()
    size = picture.shape[-2] // factor, picture.shape[-1] // factor
    small = reduced(picture, size, _KERNELS[int(kernel * len(_KERNELS))])
    if soft >= damage.sharp:
        small = blurred(small, deviation * damage.blur_px)
    if noisy < damage.noisy:
        small = small + amount * damage.noise * torch.randn(small.shape, generator=generator)
    pixels = (small.clamp(0, 1) * 255).round()
    if packed < damage.packed:
        low, high = damage.quality
        pixels = _packed(pixels, round(low + quality * (high - low)))
    return pixels / 255


def reduced(pictures: Tensor, size: tuple[int, int], kernel: str) -> Tensor:
    """The pictures at a smaller size, (height, width), by `area`, or by `bilinear` or `bicubic` without aliasing."""
    if kernel == "area":
        return F.interpolate(pictures, size, mode="area")
    return F.interpolate(pictures, size, mode=kernel, antialias=True, align_corners=False)


def blurred(pictures: Tensor, deviation_px: float) -> Tensor:
    """The pictures under a Gaussian."""
    reach = max(1, round(3 * deviation_px))
    places = torch.arange(-reach, reach + 1, dtype=torch.float32)
    taps = torch.exp(-0.5 * (places / max(deviation_px, 1e-3)).square())
    taps = (taps / taps.sum()).expand(3, 1, 1, -1)
    padded = F.pad(pictures, (reach,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, taps, groups=3), taps.transpose(2, 3), groups=3)


def _packed(pixels: Tensor, quality: int) -> Tensor:
    """One picture, `(1, 3, H, W)` of whole numbers to 255, as it comes back from a JPEG file."""
    array = np.ascontiguousarray(pixels[0].permute(1, 2, 0).numpy().astype(np.uint8)[..., ::-1])
    _, file = cv2.imencode(".jpg", array, [cv2.IMWRITE_JPEG_QUALITY, quality])
    back = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR))[..., ::-1]
    return torch.from_numpy(back.astype(np.float32)).permute(2, 0, 1)[None]
