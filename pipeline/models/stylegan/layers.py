"""Layers that StyleGAN2 and StyleGAN3 share: a dense layer with equalised learning rate, and the modulated convolution.

Where no gradient is wanted, maps that nobody else holds are overwritten: large ones cost more to make than to fill.

Source: Karras et al., "Progressive Growing of GANs", arXiv:1710.10196, section 4.1 (equalised learning rate);
arXiv:1912.04958, section 2.2 (modulation and demodulation); arXiv:2106.12423, appendix C.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
"""Of the leaky ReLU below zero."""

GAIN = math.sqrt(2)
"""What keeps the variance after a leaky ReLU, as the papers do it."""

HALF_BOUND = 256.0
"""How far from zero activations go in half precision, where the network itself does not say. Source: arXiv:2006.06676,
appendix D.1."""

HALF_DOUBLINGS = 4
"""The largest maps, of so many sizes, may be computed in half precision: they take the time, and have least to say."""

_BAND = 1 << 18
"""Numbers of a map that are finished at a time: they stay in a core's cache from one operation to the next."""


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


def demodulation(power: Tensor, styles: Tensor) -> Tensor:
    """What brings each output channel back to unit variance: `(N, outputs)`.

    `power`: (outputs, inputs), the kernels' squares summed up; `styles`: (N, inputs). Source: arXiv:1912.04958,
    equation 3.
    """
    return (styles.square() @ power.T + 1e-8).rsqrt()


def modulated(
    features: Tensor, weight: Tensor, styles: Tensor, scale: Tensor | None, convolve: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """`convolve(features, weight)`, its input channels scaled by `styles` (N, inputs), its output channels by `scale`
    (N, outputs).

    Whichever has fewer numbers is scaled, the kernels of one picture or its maps.
    """
    kind = features.dtype
    if len(features) == 1 and weight.numel() < features.numel():
        kernels = weight * styles[0, :, None, None]
        return convolve(features, (kernels if scale is None else kernels * scale[0, :, None, None, None]).to(kind))
    if scale is not None and kind == torch.float16:
        # Large styles would leave its range before the demodulation brings them back.
        most = styles.abs().amax(1, keepdim=True)
        styles, scale = styles / most, scale * most
    out = convolve(features * styles.to(kind)[:, :, None, None], weight.to(kind))
    if scale is None:
        return out
    scale = scale.to(kind)[:, :, None, None]
    return out * scale if torch.is_grad_enabled() else out.mul_(scale)


def finished(features: Tensor, bias: Tensor, noise: Tensor | None, most: float | None) -> Tensor:
    """Noise `(N or 1, 1, H, W)`, bias, leaky ReLU without gain, and bound, on `(N, C, H, W)`; may overwrite it."""
    bias = bias.to(features.dtype).view(1, -1, 1, 1)
    noise = None if noise is None else noise.to(features.dtype)
    if torch.is_grad_enabled():
        noisy = features if noise is None else features + noise
        return bounded(F.leaky_relu(noisy + bias, SLOPE), most)
    rows = max(1, _BAND // features[:, :, 0].numel())
    for top in range(0, features.shape[2], rows):
        band = features[:, :, top : top + rows]
        if noise is not None:
            band.add_(noise[:, :, top : top + rows])
        F.leaky_relu_(band.add_(bias), SLOPE)
        if most is not None:
            band.clamp_(-most, most)
    return features
