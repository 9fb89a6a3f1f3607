"""What an autoencoder wants small: L = L_recon + β L_KL, both for each number of a picture.

The decoder's pixels are Gaussian with a variance of one half, on values in [0, 1], so that minus their log-likelihood
is the sum of squared errors. Divided by the numbers of a picture that is the mean squared error, and the KL divergence,
which is in nats a picture, is divided by as many: β = 1 is the evidence lower bound of the textbook.

Source: Kingma and Welling, arXiv:1312.6114, equation 10 and appendix B (KL of diagonal Gaussians); Higgins et al.,
"beta-VAE", ICLR 2017 (β); Kingma et al., arXiv:1606.04934, appendix C.8 (free bits); Esser et al., arXiv:2012.09841
(features and a patch critic for sharpness); Zhang et al., arXiv:1801.03924, equation 1 (distance of features); Huang
and Belongie, arXiv:1703.06868, equation 12 (means and deviations of features say what a texture is like).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline.models.features import FeatureNetwork
from pipeline.models.vae.network import Posterior

_LAYERS = ("relu1_2", "relu2_2", "relu3_2")
_TINY = 1e-8
_SMALL = 1e-4


def reconstruction(decoded: Tensor, pictures: Tensor) -> Tensor:
    """The mean squared error of pictures `(N, 3, H, W)` in [0, 1]."""
    return F.mse_loss(decoded, pictures)


def divergences(posterior: Posterior) -> Tensor:
    """KL of each latent number from the standard normal, averaged over a batch: `(latent,)`, in nats."""
    mean, log_variance = posterior
    return (0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)).mean(0)


def weighted_divergence(nats: Tensor, *, weight: float, free_bits: float, values: int) -> Tensor:
    """L_KL of `divergences`, for each of a picture's values; each number's first `free_bits` nats are for nothing."""
    return nats.clamp(min=free_bits).sum() * (weight / values)


def textbook(decoded: Tensor, pictures: Tensor, posterior: Posterior) -> Tensor:
    """L_recon + L_KL for each of a picture's values."""
    nats = divergences(posterior)
    return reconstruction(decoded, pictures) + weighted_divergence(
        nats, weight=1.0, free_bits=0.0, values=pictures[0].numel()
    )


class Looks(NamedTuple):
    """How pictures look to a network, beside others."""

    unlikeness: Tensor
    """Mean square distance of features of unit length, summed over layers: what is where."""
    texture: Tensor
    """Square distance of the features' means and deviations over each picture, as a part of their mean square, summed
    over layers: how much there is of what, wherever it is."""


def looks(features: FeatureNetwork, decoded: Tensor, pictures: Tensor) -> Looks:
    """How unlike decoded pictures `(N, 3, H, W)` in [0, 1] look to those that they are of; both 0 for the same."""
    with torch.no_grad():
        wanted = features.planes(pictures, _LAYERS)
    found = features.planes(decoded, _LAYERS)
    pairs = [(found[layer].float(), wanted[layer].float()) for layer in _LAYERS]
    unlike = [(_unit(made) - _unit(real)).square().sum(1).mean() for made, real in pairs]
    texture = [_apart(made, real) for made, real in pairs]
    return Looks(torch.stack(unlike).sum(), torch.stack(texture).sum())


def _unit(plane: Tensor) -> Tensor:
    return F.normalize(plane, dim=1, eps=_TINY)


def _apart(made: Tensor, real: Tensor) -> Tensor:
    means = (made.mean((2, 3)) - real.mean((2, 3))).square().mean()
    deviations = (_deviation(made) - _deviation(real)).square().mean()
    return (means + deviations) / real.square().mean().clamp(min=_TINY)


def _deviation(plane: Tensor) -> Tensor:
    # The square root's slope has no bound at nothing.
    return (plane.var((2, 3)) + _SMALL).sqrt()


def crops(pictures: Tensor, others: Tensor, side: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The same random square of both batches, `(N, 3, H, W)` to `(N, 3, side, side)`: features are dear."""
    top, left = (int(torch.randint(size - side + 1, (), generator=generator)) for size in pictures.shape[2:])
    window = (..., slice(top, top + side), slice(left, left + side))
    return pictures[window], others[window]
