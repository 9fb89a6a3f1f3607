"""The statistics of features that are a painting's manner, and giving them to other features.

Everything here is float32 whatever the network computes in, and free of networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pipeline.errors import InputError

_NOISE_FLOOR = 0.03
"""Variance, as a part of the corpus's, below which a direction of features counts as empty and is not amplified."""
_EPSILON = 1e-5


@dataclass(frozen=True)
class Palette:
    """Mean and square root of the covariance of features, `(N, C, 1)` and `(N, C, C)`."""

    mean: Tensor
    root: Tensor


@dataclass(frozen=True)
class Moments:
    """Mean and deviation of each channel, both `(N, C, 1, 1)`."""

    mean: Tensor
    deviation: Tensor


@dataclass(frozen=True)
class Manner:
    """All that is carried over from paintings, in the order in which a network asks for it."""

    palettes: list[Palette]
    moments: list[Moments]

    def rows(self, chosen: slice) -> Manner:
        """The manners of some of several paintings."""
        return Manner(
            [Palette(one.mean[chosen], one.root[chosen]) for one in self.palettes],
            [Moments(one.mean[chosen], one.deviation[chosen]) for one in self.moments],
        )


def mix(manners: Sequence[Manner], shares: Sequence[float]) -> Manner:
    """The manners in these shares, which sum to 1."""

    def sums(*parts: Tensor) -> Tensor:
        return torch.stack([share * part for share, part in zip(shares, parts, strict=True)]).sum(0)

    palettes = zip(*(one.palettes for one in manners), strict=True)
    moments_of = zip(*(one.moments for one in manners), strict=True)
    return Manner(
        [Palette(sums(*(one.mean for one in ones)), sums(*(one.root for one in ones))) for ones in palettes],
        [Moments(sums(*(one.mean for one in ones)), sums(*(one.deviation for one in ones))) for ones in moments_of],
    )


def shares(paintings: Sequence[Tensor], weights: Sequence[float], strength: float) -> list[float]:
    """The weights, made to sum to 1, of paintings to be bound.

    Raises: InputError if a weight is negative, none is above 0, a painting is no `(1, 3, h, w)`, or the strength is
    not within [0, 1].
    """
    if len(paintings) != len(weights) or not paintings:
        raise InputError(
            f"{len(paintings)} paintings have {len(weights)} weights; give at least one painting, a weight each"
        )
    for number, painting in enumerate(paintings, 1):
        if painting.ndim != 4 or painting.shape[:2] != (1, 3) or not painting.numel():
            raise InputError(f"painting {number} is {tuple(painting.shape)}; give one RGB picture, (1, 3, h, w)")
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights) or not sum(weights) > 0:
        raise InputError(f"paintings have the weights {list(weights)}; none may be negative, and one must be above 0")
    if not 0 <= strength <= 1:
        raise InputError(f"strength is {strength}; give a number from 0, the frame's own manner, to 1, the painting's")
    return [weight / sum(weights) for weight in weights]


def moments(features: Tensor) -> Moments:
    """Of each picture and channel of `(N, C, H, W)`."""
    wide = features.float()
    mean = wide.mean((2, 3), keepdim=True)
    variance = (wide - mean).square().mean((2, 3), keepdim=True)
    return Moments(mean, (variance + _EPSILON).sqrt())


def match(features: Tensor, wanted: Moments, strength: float = 1.0) -> Tensor:
    """The features with the wanted mean and deviation of each channel; so far as `strength` says.

    Source: adaptive instance normalisation, Huang and Belongie, arXiv:1703.06868, equation 8.
    """
    if strength == 0:
        return features
    own = moments(features)
    scale = torch.lerp(torch.ones_like(own.mean), wanted.deviation / own.deviation, strength)
    shift = strength * wanted.mean + (1 - strength) * own.mean - own.mean * scale
    return torch.addcmul(shift.to(features.dtype), features, scale.to(features.dtype))


def palette(features: Tensor) -> Palette:
    """Of each picture of `(N, C, H, W)`, whose channels have variances of about 1 over many pictures."""
    mean, _, covariance = _spread(features)
    return Palette(mean, _power(covariance, 0.5))


def recolour(features: Tensor, wanted: Palette, strength: float, grain: Tensor) -> Tensor:
    """The features with the wanted mean and covariance; so far as `strength` says.

    `grain`: `(C, H, W)` of unit variance times how much of it is wanted. It joins the whitened features, so that the
    painting's texture has something to hang on where a frame is even.

    Source: whitening and colouring, Li et al., arXiv:1705.08086, equations 1 and 2.
    """
    if strength == 0:
        return features
    _, centred, covariance = _spread(features)
    whitening = _power(covariance, -0.5)
    with torch.autocast(features.device.type, enabled=False):
        coloured = (wanted.root @ whitening) @ centred + wanted.root @ grain.flatten(1) + wanted.mean
    return features.lerp(coloured.view_as(features), strength)


def _spread(features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean `(N, C, 1)`, centred features `(N, C, H·W)` and covariance `(N, C, C)`.

    Few pixels say little of how channels go together: what they say is shrunk towards channels that go alone.
    """
    flat = features.float().flatten(2)
    channels, pixels = flat.shape[1:]
    mean = flat.mean(2, keepdim=True)
    centred = flat - mean
    with torch.autocast(features.device.type, enabled=False):
        covariance = centred @ centred.transpose(1, 2) / pixels
    covariance = covariance + _NOISE_FLOOR * torch.eye(channels, device=flat.device)
    alone = torch.diag_embed(torch.diagonal(covariance, dim1=1, dim2=2))
    return mean, centred, covariance.lerp(alone, channels / (channels + pixels))


def _power(covariance: Tensor, exponent: float) -> Tensor:
    """The symmetric power, `(N, C, C)` float32. The noise floor keeps every eigenvalue above 0."""
    values, vectors = torch.linalg.eigh(covariance.double())
    powered = vectors * values.clamp(min=_NOISE_FLOOR / 2).pow(exponent).unsqueeze(1)
    return (powered @ vectors.transpose(1, 2)).float()
