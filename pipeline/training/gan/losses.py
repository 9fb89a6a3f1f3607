"""What the two networks want small. D tells real from generated, G(z) wants to be taken for real.

Logits go in; D of the papers is their sigmoid, and -log of it is a softplus.

Source: Goodfellow et al., "Generative Adversarial Nets", arXiv:1406.2661, section 3 (both losses, G's non-saturating);
Mescheder et al., "Which Training Methods for GANs do actually Converge?", arXiv:1801.04406 (R1);
Karras et al., arXiv:1912.04958, section 3.2 and appendix B (path lengths).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def discriminator_loss(real: Tensor, generated: Tensor) -> Tensor:
    """`-E log D(x) - E log(1 - D(G(z)))`. Both (N,) logits."""
    return F.softplus(-real).mean() + F.softplus(generated).mean()


def generator_loss(generated: Tensor) -> Tensor:
    """`-E log D(G(z))`. (N,) logits."""
    return F.softplus(-generated).mean()


def gradient_penalty(logits: Tensor, pictures: Tensor) -> Tensor:
    """R1: the mean square of how much logits change with the real pictures `(N, 3, H, W)` they are of."""
    (slopes,) = torch.autograd.grad(logits.sum(), pictures, create_graph=True)
    return slopes.square().sum((1, 2, 3)).mean()


def path_lengths(pictures: Tensor, ws: Tensor, noise: Tensor) -> Tensor:
    """How far pictures move when their styles `(N, num_ws, w_dim)` do: (N,).

    `noise`: like the pictures, normal; a random direction of theirs stands for all.
    """
    height, width = pictures.shape[2:]
    moved = (pictures * noise).sum() / math.sqrt(height * width)
    (slopes,) = torch.autograd.grad(moved, ws, create_graph=True)
    return slopes.square().sum(2).mean(1).sqrt()


def path_penalty(lengths: Tensor, usual: Tensor) -> Tensor:
    """How unlike the usual one lengths `(N,)` are, on average."""
    return (lengths - usual).square().mean()
