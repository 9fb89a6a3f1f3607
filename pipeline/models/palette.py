"""Colours of paintings and pictures: giving a painting the content's, before, or a painted picture, afterwards.

All of it in sRGB as stored, where networks and painters alike see differences as large as eyes do.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pipeline.errors import InputError
from pipeline.tensors import luminance

_LEAST_DEVIATION = 1e-4
"""Below this a channel is one colour, and is not stretched."""


def match_palette(painting: Tensor, content: Tensor) -> Tensor:
    """The painting in the content's colours: means, deviations, and how channels go together.

    `(1 or N, 3, h, w)` and `(N, 3, H, W)` float32 in [0, 1], sRGB; gives `(N, 3, h, w)`.

    Source: correlation alignment, Sun et al., arXiv:1511.05547, as in the reference code of AdaIN, and clamped. That
    code sums where we take means: there the painting's contrast grows with the root of the content's size over its own.
    Raises: InputError if a picture is no RGB picture.
    """
    _check(painting, content)
    spread, _, _, own = _correlation(painting)
    _, mean, deviation, wanted = _correlation(content)
    matched = _power(wanted, 0.5) @ _power(own, -0.5) @ spread
    sizes = matched.shape[0], *painting.shape[1:]
    return (matched * deviation + mean).view(sizes).clamp(0, 1).to(painting.dtype)


def keep_colours(painted: Tensor, content: Tensor) -> Tensor:
    """The painted picture's light with the content's colours.

    Both `(N, 3, H, W)` float32 in [0, 1], sRGB. Light is luma of BT.709, and is kept exactly: where a colour would
    leave the gamut, it is made paler instead of being cut off, which would turn its hue.

    Source: luminance-only transfer, Gatys et al., arXiv:1606.05897, section 5.2.
    Raises: InputError if the shapes differ or are no RGB pictures.
    """
    _check(painted, content)
    if painted.shape != content.shape:
        raise InputError(
            f"painted and content are {tuple(painted.shape)} and {tuple(content.shape)}; both must be alike"
        )
    light = luminance(painted)
    colour = content - luminance(content)
    room = torch.where(colour > 0, 1 - light, light)
    paleness = (room / colour.abs().clamp(min=1e-6)).amin(1, keepdim=True).clamp(max=1)
    return (light + paleness * colour).clamp(0, 1)


def _check(*pictures: Tensor) -> None:
    for picture in pictures:
        if picture.ndim != 4 or picture.shape[1] != 3 or not picture.numel():
            raise InputError(f"a picture is {tuple(picture.shape)}; colours are matched between (N, 3, H, W)")


def _correlation(pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Standardised pixels `(N, 3, H·W)`, mean and deviation `(N, 3, 1)`, and correlation `(N, 3, 3)` float64.

    One pixel's worth of identity is added, so that it can be inverted, and matters to tiny pictures alone.
    """
    pixels = pictures.double().flatten(2)
    mean = pixels.mean(2, keepdim=True)
    # One pixel deviates from nothing.
    deviation = pixels.std(2, keepdim=True, correction=min(1, pixels.shape[2] - 1))
    standard = (pixels - mean) / deviation.clamp(min=_LEAST_DEVIATION)
    correlation = (standard @ standard.transpose(1, 2) + torch.eye(3).to(pixels)) / pixels.shape[2]
    return standard, mean, deviation, correlation


def _power(symmetric: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(symmetric)
    return (vectors * values.pow(exponent).unsqueeze(1)) @ vectors.transpose(1, 2)
