"""The convolutions of the style networks: reflected borders, and enlargement without writing the enlarged features."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ReflectConv2d(nn.Conv2d):
    """A convolution of odd size, 3 or more, with a reflected border: `(N, C, H, W)`, H, W > size // 2."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, *, normed: bool = True):
        """`normed`: a normalisation follows, which takes away whatever the bias adds."""
        super().__init__(inputs, outputs, size, stride)
        self.border = size // 2
        self.normed = normed

    def forward(self, features: Tensor) -> Tensor:
        return self.convolve(features, self.needed_bias())

    def convolve(self, features: Tensor, bias: Tensor | None) -> Tensor:
        """The convolution of the features and their reflected border, with another bias than its own."""
        bordered = F.pad(features, (self.border,) * 4, mode="reflect")
        return F.conv2d(bordered, self.weight, bias, self.stride)

    def needed_bias(self) -> Tensor | None:
        """The bias, or none where it would only use up half precision's digits: in frames with little contrast."""
        return None if self.normed and not torch.is_grad_enabled() else self.bias


class EnlargingConv2d(ReflectConv2d):
    """The same after bilinear enlargement to twice the size: `(N, C, H, W)` to `(N, O, 2 H, 2 W)`, any H, W ≥ 2.

    CPUs paint with one convolution at the small size instead. It gives the four pixels that each small one becomes,
    as channels, by kernels into which the interpolation is multiplied: as many products, at a quarter of the places,
    and neither enlarged nor bordered features are ever written.

    Source: Shi et al., arXiv:1609.07009, make kernels of nearest-neighbour enlargement so; the bilinear ones and
    their borders are ours.
    """

    def forward(self, features: Tensor) -> Tensor:
        if not features.is_cpu or torch.is_grad_enabled() or min(features.shape[-2:]) <= self.border:
            return self._enlarged(features)
        painted = self._at_small_size(features)
        self._mend_borders(painted, features)
        return painted

    def _enlarged(self, features: Tensor) -> Tensor:
        return super().forward(F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False))

    def _at_small_size(self, features: Tensor) -> Tensor:
        kernels, reach = phase_kernels(self.weight)
        bias = self.needed_bias()
        padded = F.pad(features, (reach,) * 4, mode="replicate")
        phases = F.conv2d(padded, kernels, None if bias is None else bias.repeat(4))
        count, _, height, width = phases.shape
        apart = phases.permute(0, 2, 3, 1).reshape(count, height, width, 2, 2, self.out_channels)
        woven = apart.transpose(2, 3).reshape(count, 2 * height, 2 * width, self.out_channels)
        return woven.permute(0, 3, 1, 2)

    def _mend_borders(self, painted: Tensor, features: Tensor) -> None:
        # Enlarged and then reflected is nothing that borders of the small features could say, so the outermost
        # pixels are painted the plain way, from the narrowest strips that hold all they see.
        border, strip = self.border, self.border + 1
        painted[:, :, :border] = self._enlarged(features[:, :, :strip])[:, :, :border]
        painted[:, :, -border:] = self._enlarged(features[:, :, -strip:])[:, :, -border:]
        painted[..., :border] = self._enlarged(features[..., :strip])[..., :border]
        painted[..., -border:] = self._enlarged(features[..., -strip:])[..., -border:]


def phase_kernels(weight: Tensor) -> tuple[Tensor, int]:
    """The kernels that do at the small size what `weight` does after bilinear enlargement, and how far they reach.

    `(O, C, K, K)`, K odd, to `(4 O, C, 2 reach + 1, 2 reach + 1)`: first O channels for the upper left pixel, then
    for the upper right, the lower left and the lower right one.
    """
    size = weight.shape[-1]
    reach = (size // 2 + 2) // 2
    taps = torch.zeros(2, size, 2 * reach + 1, device=weight.device)
    for phase in range(2):
        for tap in range(size):
            pixel, odd = divmod(phase + tap - size // 2, 2)
            # An enlarged pixel's centre is a quarter off the small one's, towards the neighbour on its side.
            taps[phase, tap, reach + pixel] = 0.75
            taps[phase, tap, reach + pixel + (1 if odd else -1)] = 0.25
    kernels = torch.einsum("pia,qjb,ocij->pqocab", taps, taps, weight.float())
    return kernels.flatten(0, 2).to(weight.dtype), reach
