"""Layers that StyleGAN2 and StyleGAN3 share: a dense layer with equalised learning rate, and the modulated convolution.

Source: Karras et al., "Progressive Growing of GANs", arXiv:1710.10196, section 4.1 (equalised learning rate);
arXiv:1912.04958, section 2.2 (modulation and demodulation); arXiv:2106.12423, appendix C.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
"""Of the leaky ReLU below zero."""

GAIN = math.sqrt(2)
"""What keeps the variance after a leaky ReLU, as the papers do it."""


class Dense(nn.Module):
    """`(N, inputs)` to `(N, outputs)`. Weights are kept at unit variance and scaled when they are used."""

    def __init__(self, inputs: int, outputs: int, *, active: bool = False, rate: float = 1.0, bias: float = 0.0):
        """`active`: whether a leaky ReLU follows. `rate`: learning rate relative to other layers'."""
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.scale, self.rate, self.active = rate / math.sqrt(inputs), rate, active

    def forward(self, values: Tensor) -> Tensor:
        out = F.linear(values, self.weight * self.scale, self.bias * self.rate)
        return F.leaky_relu(out, SLOPE) * GAIN if self.active else out


def normalised(values: Tensor) -> Tensor:
    """Rows of unit mean square. `(N, C)`."""
    return values * (values.square().mean(1, keepdim=True) + 1e-8).rsqrt()


def bounded(features: Tensor, most: float | None) -> Tensor:
    """What goes on to the next layer: no further from zero than `most`."""
    # What clamp does, in a third of the time when slopes are wanted.
    return features if most is None else F.hardtanh(features, -most, most)


def activated(features: Tensor, bias: Tensor, *, gain: float = 1.0, most: float | None = None) -> Tensor:
    """Bias, leaky ReLU, gain and bound, on `(N, C, H, W)`. `gain` and `most` count before the ReLU's own gain."""
    out = F.leaky_relu(features + bias.to(features.dtype).view(1, -1, 1, 1), SLOPE) * (GAIN * gain)
    return bounded(out, None if most is None else most * gain)


def demodulation(weight: Tensor, styles: Tensor) -> Tensor:
    """What brings each output channel back to unit variance: `(N, outputs)`.

    `weight`: (outputs, inputs, K, K); `styles`: (N, inputs). Source: arXiv:1912.04958, equation 3.
    """
    power = weight.square().sum((2, 3))
    return (styles.square() @ power.T + 1e-8).rsqrt()
