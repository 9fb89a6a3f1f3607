"""The moving average of a network's weights, which is what is kept of a training in the end."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def follow(kept: nn.Module, now: nn.Module, *, decay: float, iteration: int) -> None:
    """Take the average a step towards the network, by its parameters. `decay`: what an old one keeps of itself."""
    # A young average must forget its random start sooner than an old one its past.
    share = 1 - min(decay, (1 + iteration) / (10 + iteration))
    torch._foreach_lerp_(list(kept.parameters()), list(now.parameters()), share)
