"""StyleGAN3's synthesis network: from styles to a picture without aliasing, so that details move with what they are on.

Source: Karras et al., "Alias-Free Generative Adversarial Networks", arXiv:2106.12423, sections 3 and appendices C, F.
"""

from __future__ import annotations

import math
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.models.stylegan.config import Layer3Config, Synthesis3Config
from pipeline.models.stylegan.filtered import Filters, bent, taps_of
from pipeline.models.stylegan.layers import HALF_DOUBLINGS, Dense, bounded, demodulation, modulated
from pipeline.models.stylegan.resample import resample


class FourierInput(nn.Module):
    """Waves, moved and turned as the style and the user say, and mixed by a learnt matrix: `(N, C, size, size)`."""

    transform: Tensor
    freqs: Tensor
    phases: Tensor

    def __init__(self, config: Synthesis3Config):
        super().__init__()
        channels = config.input_channels
        self.config = config
        self.weight = nn.Parameter(torch.randn(channels, channels))
        self.affine = Dense(config.w_dim, 4)
        with torch.no_grad():
            self.affine.weight.zero_()
            self.affine.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))
        freqs = torch.randn(channels, 2)
        radii = freqs.square().sum(1, keepdim=True).sqrt()
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", freqs / (radii * radii.square().exp().pow(0.25)) * config.bandwidth)
        self.register_buffer("phases", torch.rand(channels) - 0.5)

    def forward(self, w: Tensor, transform: Tensor | None = None) -> Tensor:
        """`transform`: (3, 3), in the place of the network's own; it takes places in the picture to places on the
        plane of waves, both in widths of the picture about its centre."""
        matrix = _learnt(self.affine(w)) @ (self.transform if transform is None else transform.to(w))
        freqs, phases = self.freqs @ matrix[:, :2, :2], self.phases + (self.freqs @ matrix[:, :2, 2:]).squeeze(2)
        # What a transform makes faster than the map can hold fades out.
        room = self.config.sampling_rate / 2 - self.config.bandwidth
        amplitudes = (1 - (freqs.norm(dim=2) - self.config.bandwidth) / room).clamp(0, 1)
        waves = torch.einsum("hwp,ncp->nhwc", self._places(), freqs) + phases[:, None, None]
        waves = torch.sin(2 * math.pi * waves) * amplitudes[:, None, None]
        return (waves @ (self.weight / math.sqrt(self.config.input_channels)).T).permute(0, 3, 1, 2)

    def _places(self) -> Tensor:
        """Where each sample lies, in widths of the picture: `(size, size, 2)` of x, y."""
        size = self.config.input_size
        axis = (torch.arange(size, device=self.freqs.device) + 0.5) / size - 0.5
        axis = axis * (size / self.config.sampling_rate)
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        return torch.stack([x, y], 2)


def _learnt(values: Tensor) -> Tensor:
    """Cosine, sine and shift `(N, 4)` as the matrices that undo them: `(N, 3, 3)`."""
    cosine, sine, x, y = (values / values[:, :2].norm(dim=1, keepdim=True)).unbind(1)
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    turn = torch.stack([cosine, -sine, zero, sine, cosine, zero, zero, zero, one], 1).view(-1, 3, 3)
    shift = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], 1).view(-1, 3, 3)
    return turn @ shift


class FilteredLayer(nn.Module):
    """A modulated convolution, and a leaky ReLU at a higher sampling rate, filtered before and after."""

    magnitude_ema: Tensor
    up_filter: Tensor | None
    down_filter: Tensor | None

    def __init__(self, layer: Layer3Config, config: Synthesis3Config):
        super().__init__()
        self.layer, self.clamp = layer, config.clamp
        self.affine = Dense(config.w_dim, layer.inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(layer.outputs, layer.inputs, layer.kernel, layer.kernel))
        self.bias = nn.Parameter(torch.zeros(layer.outputs))
        self.register_buffer("magnitude_ema", torch.ones(()))
        self.register_buffer("up_filter", torch.zeros(layer.up_taps) if layer.up_taps else None)
        down = (layer.down_taps,) * (2 if layer.radial else 1)
        self.register_buffer("down_filter", torch.zeros(down) if layer.down_taps else None)

    def forward(self, features: Tensor, w: Tensor) -> Tensor:
        layer = self.layer
        features = self._convolved(features, self.affine(w))
        bias = self.bias.to(features.dtype).view(1, -1, 1, 1)
        if layer.shows:
            features = resample(features + bias, self.up_filter, up=layer.up, padding=layer.padding)
            return resample(bounded(features, self.clamp), self.down_filter, down=layer.down)
        return bent(features + bias if torch.is_grad_enabled() else features.add_(bias), self._filters())

    def _filters(self) -> Filters:
        layer = self.layer
        up_taps, down_taps = taps_of(self.up_filter), taps_of(self.down_filter)
        return Filters(up_taps, down_taps, layer.up, layer.down, layer.padding, self.clamp)

    def _convolved(self, features: Tensor, styles: Tensor) -> Tensor:
        """Convolved over the map and beyond its edge. Source: arXiv:2106.12423, appendix C.1."""
        weight: Tensor = self.weight
        scale = None
        if self.layer.shows:
            styles = styles / math.sqrt(weight[0].numel())
        else:
            styles = styles * styles.square().mean(1, keepdim=True).rsqrt()
            power = weight.square().sum((2, 3))
            # Kernels of unit mean square: what scales one scales what it gives.
            unit = (power.sum(1, keepdim=True) / weight[0].numel()).rsqrt()
            scale = unit.T * demodulation(power * unit.square(), styles)
        styles = styles * self.magnitude_ema.rsqrt()
        return modulated(features, weight, styles, scale, partial(F.conv2d, padding=self.layer.kernel - 1))


class Synthesis3(nn.Module):
    """Styles `(N, num_ws, w_dim)` to pictures `(N, 3, resolution, resolution)` float32, mostly in [-1, 1], sRGB."""

    def __init__(self, config: Synthesis3Config):
        super().__init__()
        self.config = config
        self.large_dtype = torch.float32
        """What the layers of the largest sizes compute in."""
        self.input = FourierInput(config)
        for layer in config.layers:
            setattr(self, layer.name, FilteredLayer(layer, config))

    @property
    def num_ws(self) -> int:
        """Styles that are taken: one for the input, one for each layer."""
        return 1 + len(self.config.layers)

    def forward(self, ws: Tensor, transform: Tensor | None = None) -> Tensor:
        first, *rest = ws.unbind(1)
        features = self.input(first, transform)
        rate = self.config.sampling_rate
        for layer, w in zip(self.config.layers, rest, strict=True):
            rate = rate * layer.up / layer.down
            if rate > self.config.resolution >> HALF_DOUBLINGS:
                features = features.to(self.large_dtype)
            features = getattr(self, layer.name)(features, w)
        return features.float() * self.config.output_scale
