"""What the noise of a real motion was: the way back through the generator, which only training needs.

Source: Larsen et al., "Autoencoding beyond pixels using a learned similarity metric", arXiv:1512.09300: an encoder that
gives a GAN's generator something to copy keeps it from collapsing where there is little to learn from.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.models.motion.config import STAGES
from pipeline.motion.features import WIDTH

_KERNEL = 5
_LOG_VARIANCES = (-8.0, 2.0)


class Posterior(NamedTuple):
    """What the noise may have been: a Gaussian with a diagonal covariance. Both `(N, noise, steps)`."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, generator: torch.Generator) -> Tensor:
        """`(N, noise, steps)`; gradients pass through."""
        white = torch.randn(self.mean.shape, generator=generator, device=self.mean.device)
        return self.mean + (self.log_variance / 2).exp() * white

    def nats(self) -> Tensor:
        """How many each number tells on average: the divergence from a normal distribution."""
        return ((self.mean.square() + self.log_variance.exp() - 1 - self.log_variance) / 2).mean()


class Encoder(nn.Module):
    """Features `(N, T, 203)`, normalised, and shares of classes `(N, classes, T)` to a posterior of `T / 8` steps."""

    def __init__(self, classes: int, width: int, noise: int):
        super().__init__()
        self.enter = nn.Conv1d(WIDTH + classes, width, 1)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, _KERNEL, padding=_KERNEL // 2) for _ in range(STAGES))
        self.leave = nn.Conv1d(width, 2 * noise, 1)

    def forward(self, features: Tensor, actions: Tensor) -> Posterior:
        seen = self.enter(torch.cat([features.transpose(1, 2), actions], 1))
        for number, layer in enumerate(self.layers):
            seen = seen + layer(F.gelu(seen))
            if number < STAGES - 1:
                seen = F.avg_pool1d(seen, 2)
        mean, log_variance = self.leave(F.gelu(seen)).chunk(2, 1)
        return Posterior(mean, log_variance.clamp(*_LOG_VARIANCES))
