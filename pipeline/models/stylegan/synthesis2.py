"""StyleGAN2's synthesis network: from styles to a picture, through modulated convolutions at doubling sizes.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", arXiv:1912.04958, sections 2 and 4;
clamping: Karras et al., "Training GANs with Limited Data", arXiv:2006.06676, appendix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.models.stylegan.config import Synthesis2Config
from pipeline.models.stylegan.layers import (
    GAIN,
    HALF_BOUND,
    HALF_DOUBLINGS,
    Dense,
    bounded,
    demodulation,
    finished,
    modulated,
)
from pipeline.models.stylegan.resample import doubling_padding, outer_filter, resample

BINOMIAL = (1.0, 3.0, 3.0, 1.0)
"""The filter in enlargements."""

Noise = Literal["const", "none"] | Sequence[torch.Generator] | torch.Generator
"""What layers add: the noise that they were trained with and keep, nothing, or fresh noise: from one generator a
picture, which lives on the CPU, or, in training, from one for the whole batch, which lives on the batch's device."""


class ModulatedLayer(nn.Module):
    """A 3x3 convolution whose input channels are scaled by a style, noise, and a leaky ReLU; perhaps twice as large."""

    noise_const: Tensor
    resample_filter: Tensor

    def __init__(self, inputs: int, outputs: int, size: int, config: Synthesis2Config, *, enlarges: bool):
        """`size`: pixels of the side of what comes out."""
        super().__init__()
        self.size, self.clamp, self.enlarges = size, config.clamp, enlarges
        self.affine = Dense(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("resample_filter", outer_filter(_taps(config)))
        if config.noisy:
            self.register_buffer("noise_const", torch.randn(size, size))
            self.noise_strength = nn.Parameter(torch.zeros(()))
        self.noisy = config.noisy

    def forward(self, features: Tensor, w: Tensor, noise: Noise, gain: float = 1.0) -> Tensor:
        styles = self.affine(w)
        bound = HALF_BOUND if self.clamp is None and features.dtype == torch.float16 else self.clamp
        most = None if bound is None else bound * gain
        # A leaky ReLU's gain may come before it, and there it is free.
        gain *= GAIN
        scale = demodulation(self.weight.square().sum((2, 3)), styles) * gain
        out = modulated(features, self.weight, styles, scale, self._convolved)
        added = self._noise(noise, out)
        return finished(out, self.bias * gain, None if added is None else added * gain, most)

    def _convolved(self, features: Tensor, weight: Tensor) -> Tensor:
        if not self.enlarges:
            return F.conv2d(features, weight, padding=1)
        spread = F.conv_transpose2d(features, weight.transpose(0, 1), stride=2)
        # Of the filter's padding, two were taken by the kernel before the picture and one after it.
        before, after, *_ = doubling_padding(self.resample_filter.shape[0], extra=1)
        padding = (before - 2, after - 1, before - 2, after - 1)
        return resample(spread, 4 * self.resample_filter, padding=padding)

    def _noise(self, noise: Noise, like: Tensor) -> Tensor | None:
        if not self.noisy or noise == "none":
            return None
        if noise == "const":
            return self.noise_const[None, None] * self.noise_strength
        assert not isinstance(noise, str)
        if isinstance(noise, torch.Generator):
            shape = len(like), 1, self.size, self.size
            return torch.randn(shape, generator=noise, device=noise.device) * self.noise_strength
        fresh = [torch.randn(1, 1, self.size, self.size, generator=generator) for generator in noise]
        return torch.cat(fresh).to(like.device) * self.noise_strength


class ToRGB(nn.Module):
    """A 1x1 convolution to a picture, scaled by a style but not demodulated."""

    def __init__(self, inputs: int, config: Synthesis2Config):
        super().__init__()
        self.clamp = config.clamp
        self.affine = Dense(config.w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(config.picture_channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.picture_channels))

    def forward(self, features: Tensor, w: Tensor) -> Tensor:
        styles = self.affine(w) / math.sqrt(self.weight.shape[1])
        out = modulated(features, self.weight, styles, None, F.conv2d)
        return bounded(out.float() + self.bias.view(1, -1, 1, 1), self.clamp)


class EnlargingSkip(nn.Module):
    """The way past a residual block: a 1x1 convolution, twice as large."""

    resample_filter: Tensor

    def __init__(self, inputs: int, outputs: int, config: Synthesis2Config):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 1, 1))
        self.register_buffer("resample_filter", outer_filter(_taps(config)))

    def forward(self, features: Tensor, gain: float) -> Tensor:
        weight = self.weight * (gain / math.sqrt(self.weight.shape[1]))
        return enlarged(F.conv2d(features, weight.to(features.dtype)), self.resample_filter)


class Block(nn.Module):
    """The layers of one size."""

    const: Tensor
    resample_filter: Tensor

    def __init__(self, inputs: int, outputs: int, size: int, config: Synthesis2Config):
        """`inputs`: 0 for the first block, which begins with what it has learnt."""
        super().__init__()
        self.architecture = config.architecture
        self.register_buffer("resample_filter", outer_filter(_taps(config)))
        self.first = inputs == 0
        if self.first:
            self.const = nn.Parameter(torch.randn(outputs, size, size))
        else:
            self.conv0 = ModulatedLayer(inputs, outputs, size, config, enlarges=True)
        self.conv1 = ModulatedLayer(outputs, outputs, size, config, enlarges=False)
        self.shows = config.architecture == "skip" or size == config.resolution
        if self.shows:
            self.torgb = ToRGB(outputs, config)
        if not self.first and config.architecture == "resnet":
            self.skip = EnlargingSkip(inputs, outputs, config)

    @property
    def layers(self) -> int:
        """Convolutions that take a style of their own."""
        return 1 if self.first else 2

    def begin(self, count: int, precision: torch.dtype) -> Tensor:
        """What the first block has learnt to begin with, for so many pictures."""
        const = self.const.to(precision).expand(count, -1, -1, -1)
        # Channels last, as which convolutions keep all that follows: CPUs and tensor cores are fastest with it.
        return const.contiguous(memory_format=torch.channels_last)

    def forward(
        self, features: Tensor, picture: Tensor | None, ws: Sequence[Tensor], noise: Noise
    ) -> tuple[Tensor, Tensor | None]:
        """The features, and the picture so far. `ws`: for each convolution a style, and one for the picture."""
        if self.first:
            features = self.conv1(features, ws[0], noise)
        elif self.architecture == "resnet":
            # Half the power from either way.
            past = self.skip(features, math.sqrt(0.5))
            features = self.conv0(features, ws[0], noise)
            features = past + self.conv1(features, ws[1], noise, math.sqrt(0.5))
        else:
            features = self.conv1(self.conv0(features, ws[0], noise), ws[1], noise)
        if picture is not None:
            picture = enlarged(picture, self.resample_filter)
        if self.shows:
            shown = self.torgb(features, ws[self.layers])
            picture = shown if picture is None else picture + shown
        return features, picture


class Synthesis2(nn.Module):
    """Styles `(N, num_ws, w_dim)` to pictures `(N, 3, resolution, resolution)` float32, mostly in [-1, 1], sRGB."""

    def __init__(self, config: Synthesis2Config):
        super().__init__()
        self.config = config
        self.precision = torch.float32
        """What convolutions compute in. Styles and the picture stay float32."""
        self.large_dtype: torch.dtype | None = None
        """What the blocks of the largest sizes compute in, if in something else."""
        before = 0
        for size, channels in zip(config.sizes, config.channels, strict=True):
            setattr(self, f"b{size}", Block(before, channels, size, config))
            before = channels

    @property
    def num_ws(self) -> int:
        """Styles that are taken: one for each convolution, and one for the last picture."""
        return 2 * len(self.config.sizes)

    def forward(self, ws: Tensor, noise: Noise = "const") -> Tensor:
        first: Block = getattr(self, f"b{self.config.sizes[0]}")
        features = first.begin(len(ws), self.precision)
        picture: Tensor | None = None
        at = 0
        for size in self.config.sizes:
            block: Block = getattr(self, f"b{size}")
            if self.large_dtype is not None and size > self.config.resolution >> HALF_DOUBLINGS:
                features = features.to(self.large_dtype)
            features, picture = block(features, picture, ws[:, at : at + block.layers + 1].unbind(1), noise)
            # The picture's style is the next block's first.
            at += block.layers
        assert picture is not None, "the last block shows"
        return picture


def enlarged(features: Tensor, taps: Tensor) -> Tensor:
    """Twice as large, through the filter `taps` (K, K)."""
    return resample(features, taps, up=2, padding=doubling_padding(taps.shape[0]))


def _taps(config: Synthesis2Config) -> tuple[float, ...]:
    return BINOMIAL if config.taps == len(BINOMIAL) else (1.0,) * config.taps
