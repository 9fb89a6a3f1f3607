"""The plain formulation of both StyleGANs: what bench/portraits.py measures our generators against.

A kernel of its own for each picture, demodulated and applied by grouped convolution; enlarging by zeros between
samples and one depthwise convolution with the whole filter; every step an operation that leaves its result in memory;
float32. It is what NVIDIA's code does where its CUDA extensions are missing, written from the papers.

Source: arXiv:1912.04958, equations 1 and 3 and appendix B; arXiv:2106.12423, section 3 and appendix C.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.models.stylegan.generator import Generator
from pipeline.models.stylegan.resample import Padding
from pipeline.models.stylegan.synthesis2 import Block, ModulatedLayer, Synthesis2, ToRGB
from pipeline.models.stylegan.synthesis3 import FilteredLayer, Synthesis3


def plain_picture(generator: Generator, ws: Tensor) -> Tensor:
    """The picture `(1, 3, resolution, resolution)` of styles `(1, num_ws, w_dim)`, with the layers' own noise."""
    synthesis = generator.synthesis
    return _stylegan3(synthesis, ws) if isinstance(synthesis, Synthesis3) else _stylegan2(synthesis, ws)


def _stylegan2(synthesis: Synthesis2, ws: Tensor) -> Tensor:
    features = picture = None
    at = 0
    for size in synthesis.config.sizes:
        block: Block = getattr(synthesis, f"b{size}")
        if block.first:
            features = block.const[None].repeat(len(ws), 1, 1, 1)
        else:
            features = _layer2(block.conv0, features, ws[:, at])
            at += 1
        features = _layer2(block.conv1, features, ws[:, at])
        at += 1
        if picture is not None:
            picture = _upfirdn(picture, block.resample_filter, up=2, padding=(2, 1, 2, 1))
        shown = _to_rgb(block.torgb, features, ws[:, at])
        picture = shown if picture is None else picture + shown
    return picture


def _layer2(layer: ModulatedLayer, features: Tensor, w: Tensor) -> Tensor:
    kernels = _modulated(layer.weight, layer.affine(w), demodulates=True)
    if layer.enlarges:
        spread = _grouped(features, kernels, up=2)
        features = _upfirdn(spread, 4 * layer.resample_filter, padding=(1, 1, 1, 1))
    else:
        features = _grouped(features, kernels, padding=1)
    if layer.noisy:
        features = features + layer.noise_const * layer.noise_strength
    features = features + layer.bias.view(1, -1, 1, 1)
    features = F.leaky_relu(features, 0.2)
    features = features * math.sqrt(2)
    return features if layer.clamp is None else features.clamp(-layer.clamp, layer.clamp)


def _to_rgb(layer: ToRGB, features: Tensor, w: Tensor) -> Tensor:
    styles = layer.affine(w) / math.sqrt(layer.weight.shape[1])
    picture = _grouped(features, _modulated(layer.weight, styles, demodulates=False)) + layer.bias.view(1, -1, 1, 1)
    return picture if layer.clamp is None else picture.clamp(-layer.clamp, layer.clamp)


def _stylegan3(synthesis: Synthesis3, ws: Tensor) -> Tensor:
    features = synthesis.input(ws[:, 0])
    for at, config in enumerate(synthesis.config.layers, 1):
        features = _layer3(getattr(synthesis, config.name), features, ws[:, at])
    return features * synthesis.config.output_scale


def _layer3(layer: FilteredLayer, features: Tensor, w: Tensor) -> Tensor:
    config = layer.layer
    weight, styles = layer.weight, layer.affine(w)
    if config.shows:
        styles = styles / math.sqrt(weight[0].numel())
    else:
        weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
        styles = styles * styles.square().mean(1, keepdim=True).rsqrt()
    kernels = _modulated(weight, styles, demodulates=not config.shows) * layer.magnitude_ema.rsqrt()
    features = _grouped(features, kernels, padding=config.kernel - 1)
    features = features + layer.bias.view(1, -1, 1, 1)
    features = _upfirdn(features, layer.up_filter, up=config.up, padding=config.padding)
    if not config.shows:
        features = F.leaky_relu(features, 0.2)
        features = features * math.sqrt(2)
    if layer.clamp is not None:
        features = features.clamp(-layer.clamp, layer.clamp)
    return _upfirdn(features, layer.down_filter, down=config.down)


def _modulated(weight: Tensor, styles: Tensor, *, demodulates: bool) -> Tensor:
    """A kernel for each picture, `(N, outputs, inputs, K, K)`."""
    kernels = weight[None] * styles[:, None, :, None, None]
    if demodulates:
        kernels = kernels * (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    return kernels


def _grouped(features: Tensor, kernels: Tensor, *, up: int = 1, padding: int = 0) -> Tensor:
    """Each picture through its own kernel, in one grouped convolution; with `up`, a transposed one."""
    count, outputs, inputs, *size = kernels.shape
    joined = features.reshape(1, count * inputs, *features.shape[2:])
    if up == 1:
        out = F.conv2d(joined, kernels.reshape(count * outputs, inputs, *size), padding=padding, groups=count)
    else:
        turned = kernels.transpose(1, 2).reshape(count * inputs, outputs, *size)
        out = F.conv_transpose2d(joined, turned, stride=up, groups=count)
    return out.reshape(count, outputs, *out.shape[2:])


def _upfirdn(
    features: Tensor, taps: Tensor | None, *, up: int = 1, down: int = 1, padding: Padding = (0, 0, 0, 0)
) -> Tensor:
    """Zeros between samples, padding, a depthwise convolution at each place, and every `down`-th sample kept."""
    taps = torch.ones(1) if taps is None else taps
    count, channels, height, width = features.shape
    spread = features.reshape(count, channels, height, 1, width, 1)
    spread = F.pad(spread, (0, up - 1, 0, 0, 0, up - 1)).reshape(count, channels, height * up, width * up)
    spread = F.pad(spread, padding)
    kernels = [taps * up**2] if taps.ndim == 2 else [taps[None, :] * up, taps[:, None] * up]
    for kernel in kernels:
        whole = kernel.flip((0, 1)).expand(channels, 1, *kernel.shape)
        spread = F.conv2d(spread, whole, groups=channels)
    return spread[:, :, ::down, ::down]
