"""What an artwork is painted after: paintings with weights and masks, and the areas of the content that they get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.errors import ConfigError, MediaError


@dataclass(frozen=True, kw_only=True)
class Painting:
    """One painting, and where and how strongly its style is wanted."""

    picture: Tensor
    """`(1, 3, H, W)` float in [0, 1], sRGB."""
    weight: float = 1.0
    """Relative to the other paintings'."""
    mask: Tensor | None = None
    """`(1, 1, h, w)` float in [0, 1] of any size, stretched over the content: 1 is this style here, 0 not.

    Paintings without a mask share what the masks of the others leave; without such paintings it keeps the content."""


@dataclass(frozen=True)
class Area:
    """A part of the content, and the paintings whose textures are mixed there, with shares that add up to 1."""

    mask: Tensor | None
    """`(1, 1, H, W)` float32 in [0, 1]; None is everywhere."""
    paintings: tuple[tuple[Tensor, float], ...]
    share: float
    """Of the style loss."""


def check_pictures(content: Tensor, paintings: Sequence[Painting]) -> None:
    """Return if an artwork can be made of these.

    Raises: MediaError if a picture or mask is misshapen or not finite; ConfigError if weights make no mix.
    """
    check_picture(content, "the content")
    if not paintings:
        raise ConfigError("paintings: there is none; give at least one")
    for number, painting in enumerate(paintings, 1):
        check_picture(painting.picture, f"painting {number}")
        if not 0 <= painting.weight < float("inf"):
            raise ConfigError(f"painting {number}: its weight is {painting.weight!r}; give 0 or more")
        if painting.mask is not None:
            check_picture(painting.mask, f"the mask of painting {number}", channels=1)
            if not painting.mask.any():
                raise MediaError(f"the mask of painting {number}: it is black all over; leave the painting out instead")
    if not any(painting.weight for painting in paintings):
        raise ConfigError("paintings: their weights are all 0; give one of them more")


def check_picture(picture: Tensor, what: str, *, channels: int = 3) -> None:
    """Raises: MediaError if the tensor is no picture of finite values."""
    if picture.ndim != 4 or picture.shape[:2] != (1, channels) or picture.numel() == 0:
        raise MediaError(f"{what}: is {tuple(picture.shape)}; a picture is (1, {channels}, H, W), at least 1x1 px")
    if not picture.is_floating_point() or not torch.isfinite(picture).all():
        raise MediaError(f"{what}: holds values that are no finite floats; give values from 0 to 1")


def areas(paintings: Sequence[Painting], height: int, width: int) -> list[Area]:
    """Which paintings are wanted where, for a content of this size."""
    wanted = [painting for painting in paintings if painting.weight > 0]
    total = sum(painting.weight for painting in wanted)
    masked = [
        Area(resize(painting.mask, height, width), ((painting.picture, 1.0),), painting.weight / total)
        for painting in wanted
        if painting.mask is not None
    ]
    everywhere = [painting for painting in wanted if painting.mask is None]
    if not everywhere:
        return masked
    rest = sum(painting.weight for painting in everywhere)
    mix = tuple((painting.picture, painting.weight / rest) for painting in everywhere)
    left = 1 - _union(masked) if masked else None
    if left is not None and not left.any():
        return masked
    return [*masked, Area(left, mix, rest / total)]


def coverage(found: Sequence[Area]) -> Tensor | None:
    """Where anything is painted at all: `(1, 1, H, W)` in [0, 1], or None for everywhere."""
    return None if any(area.mask is None for area in found) else _union(found)


def _union(found: Sequence[Area]) -> Tensor:
    return torch.stack([area.mask for area in found if area.mask is not None]).sum(0).clamp(max=1)


def resize(picture: Tensor, height: int, width: int) -> Tensor:
    """The picture at another size, float32, clamped to [0, 1]."""
    if picture.shape[2:] == (height, width):
        return picture.float().clamp(0, 1)
    sized = F.interpolate(picture.float(), (height, width), mode="bicubic", align_corners=False, antialias=True)
    return sized.clamp(0, 1)


def fit(picture: Tensor, area_px: float) -> Tensor:
    """The picture at about this many pixels, its shape kept; never larger than it is, for that would add no texture."""
    height, width = picture.shape[2:]
    scale = min(1.0, (area_px / (height * width)) ** 0.5)
    return resize(picture, max(1, round(height * scale)), max(1, round(width * scale)))
