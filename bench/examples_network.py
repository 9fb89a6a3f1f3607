"""The network of pytorch/examples' fast_neural_style, of PyTorch's own layers: what ours is measured against.

Written anew from the paper and the checkpoints' keys. Random weights will do: they change no time.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class _Convolution(nn.Module):
    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1, enlarge: int = 1):
        super().__init__()
        self.enlarge = enlarge
        self.pad = nn.ReflectionPad2d(size // 2)
        self.conv2d = nn.Conv2d(inputs, outputs, size, stride)

    def forward(self, features: Tensor) -> Tensor:
        if self.enlarge > 1:
            features = F.interpolate(features, scale_factor=self.enlarge, mode="nearest")
        return self.conv2d(self.pad(features))


class _Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            _Convolution(channels, channels, 3),
            nn.InstanceNorm2d(channels, affine=True),
            nn.ReLU(),
            _Convolution(channels, channels, 3),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, features: Tensor) -> Tensor:
        return features + self.body(features)


class ExamplesNetwork(nn.Sequential):
    """`(N, 3, H, W)` float32 in 0 to 255 to the same. 1.68 M parameters.

    Source: Johnson et al., arXiv:1603.08155, as github.com/pytorch/examples has it.
    """

    def __init__(self) -> None:
        layers: list[nn.Module] = []
        for inputs, outputs, size, stride in ((3, 32, 9, 1), (32, 64, 3, 2), (64, 128, 3, 2)):
            layers += _normed(_Convolution(inputs, outputs, size, stride), outputs)
        layers += [_Residual(128) for _ in range(5)]
        for inputs, outputs in ((128, 64), (64, 32)):
            layers += _normed(_Convolution(inputs, outputs, 3, enlarge=2), outputs)
        super().__init__(*layers, _Convolution(32, 3, 9))


def _normed(convolution: nn.Module, channels: int) -> list[nn.Module]:
    return [convolution, nn.InstanceNorm2d(channels, affine=True), nn.ReLU()]
