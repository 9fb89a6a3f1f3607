"""StyleGAN2's noise as something to be found: even, so that it tells grain and nothing else.

Source: Karras et al., arXiv:1912.04958, appendix D.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.device import generator as random_numbers
from pipeline.models.stylegan.generator import Generator
from pipeline.models.stylegan.synthesis2 import Synthesis2

_NAME = "noise_const"

_COARSEST_PX = 8


def fresh_noise(generator: Generator, seed: int) -> dict[str, Tensor]:
    """Random noise for each layer that adds any, by its buffer's name in the synthesis network; none of StyleGAN3's."""
    if not isinstance(generator.synthesis, Synthesis2):
        return {}
    chance = random_numbers(seed)
    buffers = {name: held for name, held in generator.synthesis.named_buffers() if name.endswith(_NAME)}
    return {name: torch.randn(held.shape, generator=chance).to(held) for name, held in buffers.items()}


def unevenness(noise: Tensor) -> Tensor:
    """How much of `(H, W)` noise is like its neighbours, on all scales down to 8 px: 0 for white noise, nearly."""
    level, total = noise[None, None], noise.new_zeros(())
    while True:
        for axis in (2, 3):
            total = total + (level * level.roll(1, axis)).mean().square()
        if level.shape[2] <= _COARSEST_PX:
            return total
        # Of four independent values the sum halved has their variance.
        level = F.avg_pool2d(level, 2) * 2


@torch.no_grad()
def whiten(noise: dict[str, Tensor]) -> None:
    """Bring each map back to mean 0 and variance 1, in place."""
    for held in noise.values():
        held.sub_(held.mean()).mul_((held.square().mean() + 1e-12).rsqrt())
