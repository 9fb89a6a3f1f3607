"""StyleGAN2's discriminator: from a picture, through residual blocks of halving sizes, to how real it looks.

Only training needs it. Tensors are called as in NVIDIA's checkpoints.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", arXiv:1912.04958, section 4 (residual
blocks); Karras et al., "Progressive Growing of GANs", arXiv:1710.10196, section 3 (minibatch standard deviation).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.models.stylegan.config import MappingConfig
from pipeline.models.stylegan.layers import GAIN, SLOPE, Dense, bounded
from pipeline.models.stylegan.mapping import Mapping
from pipeline.models.stylegan.resample import filtering, outer_filter, resample
from pipeline.models.stylegan.synthesis2 import BINOMIAL

_GROUP = 4
"""Pictures that are compared with each other."""


class Convolution(nn.Module):
    """A convolution with equalised learning rate; perhaps to half the size, perhaps with bias and leaky ReLU."""

    resample_filter: Tensor

    def __init__(self, inputs: int, outputs: int, kernel: int, *, shrinks: bool = False, active: bool = True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        if active:
            self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("resample_filter", outer_filter(BINOMIAL))
        self.scale = 1 / math.sqrt(inputs * kernel**2)
        self.kernel, self.shrinks, self.active = kernel, shrinks, active

    def forward(self, features: Tensor, *, gain: float = 1.0, clamp: float | None = None) -> Tensor:
        # A leaky ReLU gives twice as much for twice as much, so its gain is the weights' and the bias'.
        gain = gain * GAIN if self.active else gain
        weight = self.weight * (self.scale * gain)
        bias = (self.bias * gain).to(features.dtype) if self.active else None
        out = self._convolved(features, weight, bias)
        if not self.active:
            return out
        return bounded(F.leaky_relu(out, SLOPE), None if clamp is None else clamp * gain / GAIN)

    def _convolved(self, features: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        kind, edge = features.dtype, 1 + self.kernel // 2
        if not self.shrinks:
            return F.conv2d(features, weight.to(kind), bias, padding=self.kernel // 2)
        if features.is_cuda:
            return F.conv2d(features, filtering(weight, self.resample_filter).to(kind), bias, stride=2, padding=edge)
        padding = (edge,) * 4
        if self.kernel == 1:
            return F.conv2d(resample(features, self.resample_filter, down=2, padding=padding), weight.to(kind), bias)
        return F.conv2d(resample(features, self.resample_filter, padding=padding), weight.to(kind), bias, stride=2)


class Block(nn.Module):
    """Two convolutions, and a way past them, to half the size."""

    resample_filter: Tensor

    def __init__(self, inputs: int, middle: int, outputs: int):
        """`inputs`: 0 for the first block, which sees the picture."""
        super().__init__()
        self.register_buffer("resample_filter", outer_filter(BINOMIAL))
        self.first = inputs == 0
        if self.first:
            self.fromrgb = Convolution(3, middle, 1)
        self.conv0 = Convolution(inputs or middle, middle, 3)
        self.conv1 = Convolution(middle, outputs, 3, shrinks=True)
        self.skip = Convolution(inputs or middle, outputs, 1, shrinks=True, active=False)

    def forward(self, features: Tensor, clamp: float | None) -> Tensor:
        if self.first:
            features = self.fromrgb(features, clamp=clamp)
        # Half the power from either way.
        past = self.skip(features, gain=math.sqrt(0.5))
        features = self.conv0(features, clamp=clamp)
        return past + self.conv1(features, gain=math.sqrt(0.5), clamp=clamp)


class Epilogue(nn.Module):
    """The last 4x4 features, and how much a batch's differ, to numbers."""

    def __init__(self, channels: int, size: int, outputs: int):
        super().__init__()
        self.conv = Convolution(channels + 1, channels, 3)
        self.fc = Dense(channels * size**2, channels, active=True)
        self.out = Dense(channels, outputs)

    def forward(self, features: Tensor, clamp: float | None) -> Tensor:
        features = self.conv(with_deviation(features), clamp=clamp)
        numbers: Tensor = self.out(self.fc(features.flatten(1)))
        return numbers


class Discriminator(nn.Module):
    """Pictures `(N, 3, resolution, resolution)` in [-1, 1] to logits `(N,)`: above 0 is more likely real than not."""

    def __init__(
        self,
        resolution: int,
        channels: tuple[int, ...],
        *,
        c_dim: int = 0,
        clamp: float | None = 256.0,
        layers: int = 8,
    ):
        """`channels`: at 4, 8, 16 … pixels, as a generator's. `layers`: of the mapping of classes, if there are any."""
        super().__init__()
        self.resolution, self.clamp, self.c_dim = resolution, clamp, c_dim
        self.sizes = [resolution >> level for level in range(len(channels) - 1)]
        for level, size in enumerate(self.sizes):
            at = len(channels) - 1 - level
            setattr(self, f"b{size}", Block(channels[at] if level else 0, channels[at], channels[at - 1]))
        width = channels[0] if c_dim else 1
        self.b4 = Epilogue(channels[0], resolution >> len(self.sizes), width)
        if c_dim:
            config = MappingConfig(
                z_dim=0, w_dim=width, c_dim=c_dim, embed_features=width, widths=(width,) * (layers + 1)
            )
            self.mapping = Mapping(config)
            # A discriminator truncates nothing.
            del self.mapping.w_avg

    def forward(self, pictures: Tensor, c: Tensor | None = None, *, precision: torch.dtype = torch.float32) -> Tensor:
        """`c`: (N, c_dim) one-hot. `precision`: of all but the last block, which is float32."""
        features = pictures.to(precision)
        for size in self.sizes:
            features = getattr(self, f"b{size}")(features, self.clamp)
        wide = torch.promote_types(precision, torch.float32)
        numbers: Tensor = self.b4(features.to(wide), self.clamp)
        if self.c_dim:
            numbers = (numbers * self.mapping(None, c)).sum(1, keepdim=True) / math.sqrt(numbers.shape[1])
        return numbers.squeeze(1)


def with_deviation(features: Tensor) -> Tensor:
    """One more channel `(N, C + 1, H, W)`: how much the pictures of a group differ on average, the same at each place.

    A generator that makes one picture over and over is found out by it.
    """
    count, channels, height, width = features.shape
    group = next(size for size in range(min(_GROUP, count), 0, -1) if count % size == 0)
    grouped = features.reshape(group, -1, channels, height, width)
    deviation = (grouped.var(0, correction=0) + 1e-8).sqrt().mean((1, 2, 3))
    plane = deviation.repeat(group).view(-1, 1, 1, 1).expand(-1, 1, height, width)
    return torch.cat([features, plane], 1)
