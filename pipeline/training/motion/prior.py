"""How the noise of real motions is spread in each class, and how it goes from step to step: so new noise is made.

Source: Yule, 1927, and Walker, 1931 (the equations by which a process follows from its covariances); Ghosh et al.,
arXiv:1903.12436 (a density fitted to an autoencoder's latents afterwards).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

_LEAST = 0.02
"""Of a number's variance: what is never told apart is noise."""
_LOST = 0.97
"""Of what one step's noise leaves in the next, so much is believed."""


class Process(NamedTuple):
    """As network.MotionGenerator keeps it, of one class."""

    usual: Tensor
    follow: Tensor
    fresh: Tensor


def process_of(means: Sequence[Tensor], variances: Iterable[Tensor]) -> Process:
    """The process of posteriors along continuous motions, each `(noise, steps)`."""
    everything = torch.cat([mean.double() for mean in means], 1)
    unsure = torch.cat([variance.double() for variance in variances], 1).mean(1)
    usual = everything.mean(1)
    size = len(usual)
    same, next_ = torch.zeros(size, size, dtype=torch.float64), torch.zeros(size, size, dtype=torch.float64)
    count = 0
    for mean in means:
        rest = mean.double() - usual[:, None]
        same += rest @ rest.T / rest.shape[1]
        next_ += rest[:, 1:] @ rest[:, :-1].T / rest.shape[1]
        count += 1
    covariance = same / count + torch.diag(unsure + _LEAST)
    follow = _LOST * torch.linalg.solve(covariance, (next_ / count).T).T
    new = covariance - follow @ covariance @ follow.T
    return Process(usual.float(), follow.float(), _root(new).float())


def _root(matrix: Tensor) -> Tensor:
    """L of L Lᵀ, lower triangular; what rounding made negative is nothing."""
    values, vectors = torch.linalg.eigh((matrix + matrix.T) / 2)
    return torch.linalg.cholesky((vectors * values.clamp(min=1e-6)) @ vectors.T)
