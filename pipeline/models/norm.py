"""Instance normalisation as the style networks use it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_EPSILON = 1e-5


class InstanceNorm(nn.Module):
    """Instance normalisation with a weight and a bias for each channel.

    On CPUs the same frame gives the same bits whatever the number of threads.
    Source: Ulyanov et al., arXiv:1607.08022.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor) -> Tensor:
        if features.is_cpu and not features.requires_grad:
            return self._steady(features)
        return F.instance_norm(features, weight=self.weight, bias=self.bias, eps=_EPSILON)

    def _steady(self, features: Tensor) -> Tensor:
        # PyTorch's own kernels split a frame's sum by thread when it is channels-last, and F.instance_norm copies it
        # to the other layout, eight times slower. `mean` keeps each channel's sum whole.
        mean = features.mean((2, 3), keepdim=True)
        variance = (features - mean).square_().mean((2, 3), keepdim=True)
        scale = self.weight.view(1, -1, 1, 1) * torch.rsqrt(variance + _EPSILON)
        return torch.addcmul(self.bias.view(1, -1, 1, 1) - mean * scale, features, scale)
