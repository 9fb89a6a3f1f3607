"""How far two sets of pictures are apart, as one number: the Fréchet distance between Gaussians of their features.

The features are our own network's, so distances compare with each other, not with those of papers, which are
Inception's.

Source: Dowson and Landau, 1982; Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", arXiv:1706.08500.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.models.features import FeatureNetwork

LAYER = "relu3_4"
"""Sees some 40 px of a picture."""

_QUARTERS = 2
"""Rows and columns of the places that features are averaged over: where an eye is matters, too."""


@dataclass(frozen=True)
class Gaussian:
    """Mean (D,) and covariance (D, D) of features, float64 on the CPU."""

    mean: Tensor
    covariance: Tensor


def distance(first: Gaussian, second: Gaussian) -> float:
    """`|m₁ - m₂|² + tr(C₁ + C₂ - 2 (C₁ C₂)^½)`, 0 for equal ones."""
    apart = (first.mean - second.mean).square().sum()
    root = _root(first.covariance)
    # √C₁ C₂ √C₁ is symmetric, and its eigenvalues are those of C₁ C₂.
    values = torch.linalg.eigvalsh(root @ second.covariance @ root).clamp(min=0)
    spread = first.covariance.trace() + second.covariance.trace() - 2 * values.sqrt().sum()
    return float((apart + spread).clamp(min=0))


def _root(matrix: Tensor) -> Tensor:
    """The square root of a symmetric matrix without negative eigenvalues but for rounding."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp(min=0).sqrt()) @ vectors.T


def gaussian(features: Iterable[Tensor]) -> Gaussian:
    """Of features in batches (n, D), two altogether at least."""
    rows = torch.cat([batch.double().cpu() for batch in features])
    return Gaussian(rows.mean(0), torch.cov(rows.T).reshape(rows.shape[1], rows.shape[1]))


@torch.no_grad()
def features_of(network: FeatureNetwork, pictures: Tensor) -> Tensor:
    """What a picture shows in each of its quarters: `(N, 3, H, W)` float32 in [-1, 1], sRGB, to (N, D)."""
    plane = network.planes((pictures.clamp(-1, 1) + 1) / 2, [LAYER])[LAYER]
    return F.adaptive_avg_pool2d(plane.float(), _QUARTERS).flatten(1)
