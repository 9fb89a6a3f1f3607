"""Instance normalisation as the style networks use it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_EPSILON = 1e-5


class InstanceNorm(nn.Module):
    """Instance normalisation with a weight and a bias for each channel; its statistics are float32, always.

    On CPUs the same frame gives the same bits whatever the number of threads, and whatever else is in its batch.
    Source: Ulyanov et al., arXiv:1607.08022.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, features: Tensor) -> Tensor:
        if not features.is_cpu or features.requires_grad:
            return F.instance_norm(features, weight=self.weight, bias=self.bias, eps=_EPSILON)
        if len(features) == 1:
            return self._steady(features)
        return torch.cat([self._steady(frame) for frame in features.split(1)])

    def _steady(self, frame: Tensor) -> Tensor:
        # PyTorch's own statistics split a frame's sum by thread when it is channels-last, and F.instance_norm copies
        # it to the other layout, eight times slower. `mean` keeps each channel's float32 sum whole. One copy serves
        # both moments: fresh memory costs more than the arithmetic.
        exact = frame.to(torch.float32, copy=True)
        mean = exact.mean((2, 3), keepdim=True)
        variance = exact.sub_(mean).square_().mean((2, 3))
        # One pass, in float32 within and in the frame's own type without.
        return F.batch_norm(
            frame, mean.flatten(), variance.flatten(), self.weight.float(), self.bias.float(), eps=_EPSILON
        )
