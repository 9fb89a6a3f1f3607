"""Which way attributes lie among normal numbers, from few pictures, and how much of each these numbers tell.

With sixty labels and a hundred numbers, everything can be read off the pictures that were learnt. So it is measured on
those that were not, five parts in turn, and how strong a ridge is best is asked of other pictures than it is measured
on.

Source: Hoerl and Kennard, "Ridge Regression", 1970; Stone, "Cross-Validatory Choice and Assessment of Statistical
Predictions", 1974; Haufe et al., "On the interpretation of weight vectors of linear models in multivariate
neuroimaging", 2014 (what reads an attribute off is not yet the way in which it lies).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.device import generator
from pipeline.training.vae.latents import directions_of, solved

FOLDS = 5
RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Of the mean variance of the numbers."""

_FURTHEST = 1.5
"""Of the median length: pictures that lie further out are drawn in to it."""

_SEED = 0


class Fit(NamedTuple):
    """What was learnt of K attributes."""

    directions: Tensor
    """How normal numbers move when an attribute grows by a standard deviation and the others stay: `(K, latent)`."""
    told: tuple[float, ...]
    """R² of each attribute on pictures that were not learnt: 1 is all of it, 0 and less nothing."""
    ridges: tuple[float, ...]
    """That each was learnt with."""


def fit(normal: Tensor, attributes: Tensor) -> Fit:
    """Of normal numbers `(N, latent)` and what is known of their pictures, `(N, K)` float64, all finite."""
    numbers = _drawn_in(normal.double())
    # Of any size, so that their squares are finite.
    known = attributes / attributes.abs().amax(0).clamp(min=1e-300)
    ridges = [RIDGES[place] for place in _best(numbers, known).tolist()]
    directions, _ = directions_of(numbers, known, ridges)
    return Fit(directions, tuple(_measured(numbers, known).tolist()), tuple(ridges))


def _drawn_in(normal: Tensor) -> Tensor:
    """Photographs that the model does not know lie far out; one of them is not to outweigh all designs."""
    lengths = normal.norm(dim=1, keepdim=True)
    return normal * (_FURTHEST * lengths.median() / lengths.clamp(min=1e-12)).clamp(max=1)


def _measured(normal: Tensor, known: Tensor) -> Tensor:
    """R² of each attribute, `(K,)`: every part read with the ridge that was best among the other parts."""
    read, mean = torch.zeros_like(known), torch.zeros_like(known)
    for fold, others in _folds(len(known)):
        learnt = normal[others], known[others]
        places = _best(*learnt)
        read[fold] = _read(*learnt, normal[fold])[places, :, torch.arange(known.shape[1])].T
        mean[fold] = known[others].mean(0)
    return _share((read - known).square().sum(0), (mean - known).square().sum(0))


def _best(normal: Tensor, known: Tensor) -> Tensor:
    """The place of each attribute's best ridge, `(K,)`."""
    left = torch.zeros(len(RIDGES), known.shape[1], dtype=known.dtype)
    for fold, others in _folds(len(known)):
        left += (_read(normal[others], known[others], normal[fold]) - known[fold]).square().sum(1)
    return left.argmin(0)


def _read(normal: Tensor, known: Tensor, asked: Tensor) -> Tensor:
    """What of other pictures' attributes is read off their numbers with each ridge: `(ridges, n, K)`."""
    centre, mean = normal.mean(0), known.mean(0)
    rows = normal - centre
    gram, along = rows.T @ rows / len(rows), rows.T @ (known - mean) / len(rows)
    return torch.stack([mean + (asked - centre) @ solved(gram, along, ridge) for ridge in RIDGES])


def _folds(count: int) -> list[tuple[Tensor, Tensor]]:
    """Each part, and all others: places, the same each time."""
    parts = torch.randperm(count, generator=generator(_SEED)).tensor_split(FOLDS)
    return [(part, torch.cat([*parts[:place], *parts[place + 1 :]])) for place, part in enumerate(parts)]


def _share(left: Tensor, whole: Tensor) -> Tensor:
    return 1 - left / whole.clamp(min=1e-300)
