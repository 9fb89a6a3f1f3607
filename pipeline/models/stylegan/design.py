"""The generators of the papers: how many channels, which sizes and filters a network of some resolution has.

Source: arXiv:1912.04958 and arXiv:2006.06676, appendix (StyleGAN2); arXiv:2106.12423, section 3.2 and appendix (the
layer specifications of StyleGAN3-T and -R).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from pipeline.models.stylegan.config import (
    GeneratorConfig,
    Layer3Config,
    MappingConfig,
    Synthesis2Config,
    Synthesis3Config,
)
from pipeline.models.stylegan.generator import Generator
from pipeline.models.stylegan.resample import lowpass
from pipeline.models.stylegan.synthesis3 import FilteredLayer

_LRELU_UP = 2
"""The activation is computed at this many times the layer's sampling rate."""

_TAPS = 6
"""Of a filter, for each step of the rate."""

_MARGIN = 10
"""Samples beyond each edge of the picture."""

_CRITICAL = 2
"""Last layers, whose cutoff is half the sampling rate."""


def mapping_config(*, z_dim: int, w_dim: int, c_dim: int = 0, layers: int = 8, rate: float = 0.01) -> MappingConfig:
    """A mapping network of equal layers."""
    embed = w_dim if c_dim else 0
    widths = (z_dim + embed, *(w_dim,) * layers)
    return MappingConfig(z_dim=z_dim, w_dim=w_dim, c_dim=c_dim, widths=widths, embed_features=embed, rate=rate)


def channels_of(resolution: int, *, base: int, most: int) -> tuple[int, ...]:
    """StyleGAN2's channels at 4, 8, 16 … pixels: `base` over the side, and never more than `most`."""
    return tuple(min(base // (4 << level), most) for level in range(int(math.log2(resolution)) - 1))


def stylegan2(
    resolution: int,
    *,
    z_dim: int = 512,
    w_dim: int = 512,
    c_dim: int = 0,
    mapping_layers: int = 8,
    channel_base: int = 32_768,
    channel_max: int = 512,
    clamp: float | None = 256.0,
    noisy: bool = True,
) -> GeneratorConfig:
    """StyleGAN2 at a power of two of pixels. `channel_base`: channels times the side at which there are so many."""
    channels = channels_of(resolution, base=channel_base, most=channel_max)
    synthesis = Synthesis2Config(
        w_dim=w_dim,
        resolution=resolution,
        channels=channels,
        clamp=clamp,
        noisy=noisy,
    )
    mapping = mapping_config(z_dim=z_dim, w_dim=w_dim, c_dim=c_dim, layers=mapping_layers)
    return GeneratorConfig(mapping=mapping, synthesis=synthesis, num_ws=2 * len(channels))


@dataclass(frozen=True)
class _Band:
    """What a layer's signal holds: frequencies up to `cutoff`, none above `cutoff + half_width`, sampled at `rate`."""

    cutoff: float
    half_width: float
    rate: int
    size: int
    channels: int


def stylegan3(
    resolution: int,
    *,
    rotates: bool = False,
    z_dim: int = 512,
    w_dim: int = 512,
    c_dim: int = 0,
    channel_base: int = 32_768,
    channel_max: int = 512,
    layers: int = 14,
) -> GeneratorConfig:
    """StyleGAN3-T, or with `rotates` StyleGAN3-R, which has twice the channels, 1x1 kernels and radial filters."""
    widen = 2 if rotates else 1
    bands = _bands(resolution, channel_base * widen, channel_max * widen, layers)
    made = [_layer(bands[max(at - 1, 0)], bands[at], at, layers, rotates=rotates) for at in range(layers + 1)]
    synthesis = Synthesis3Config(
        w_dim=w_dim,
        resolution=resolution,
        input_channels=bands[0].channels,
        input_size=bands[0].size,
        sampling_rate=bands[0].rate,
        bandwidth=bands[0].cutoff,
        layers=tuple(made),
    )
    mapping = mapping_config(z_dim=z_dim, w_dim=w_dim, c_dim=c_dim, layers=2)
    return GeneratorConfig(mapping=mapping, synthesis=synthesis, num_ws=layers + 2)


def _bands(resolution: int, channel_base: int, channel_max: int, layers: int) -> list[_Band]:
    """From 2 periods over the picture to half its pixels, in a geometric row. Source: arXiv:2106.12423, section 3.2."""
    last_cutoff = resolution / 2
    first_stop, last_stop = 2**2.1, last_cutoff * 2**0.3
    bands = []
    for layer in range(layers + 1):
        share = min(layer / (layers - _CRITICAL), 1)
        cutoff = 2 * (last_cutoff / 2) ** share
        stop = first_stop * (last_stop / first_stop) ** share
        rate = 2 ** math.ceil(math.log2(min(2 * stop, resolution)))
        size = resolution if layer >= layers - 1 else rate + 2 * _MARGIN
        channels = 3 if layer == layers else round(min(channel_base / 2 / cutoff, channel_max))
        bands.append(_Band(cutoff, max(stop, rate / 2) - cutoff, rate, size, channels))
    return bands


def _layer(before: _Band, after: _Band, at: int, layers: int, *, rotates: bool) -> Layer3Config:
    shows, critical = at == layers, at >= layers - _CRITICAL
    rate = max(before.rate, after.rate) * (1 if shows else _LRELU_UP)
    up, down = rate // before.rate, rate // after.rate
    up_taps = _TAPS * up if up > 1 and not shows else 1
    down_taps = _TAPS * down if down > 1 and not shows else 1
    kernel = 1 if shows or rotates else 3
    total = (after.size - 1) * down + 1 - (before.size + kernel - 1) * up + up_taps + down_taps - 2
    low = (total + up) // 2
    return Layer3Config(
        name=f"L{at}_{after.size}_{after.channels}",
        inputs=before.channels,
        outputs=after.channels,
        kernel=kernel,
        up=up,
        down=down,
        up_taps=0 if up_taps == 1 else up_taps,
        down_taps=0 if down_taps == 1 else down_taps,
        radial=rotates and not critical and down_taps > 1,
        padding=(low, total - low, low, total - low),
        shows=shows,
    )


def untrained(config: GeneratorConfig, *, seed: int = 0) -> Generator:
    """A generator of random weights, its filters designed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = Generator(config)
    if isinstance(config.synthesis, Synthesis3Config):
        _design_filters(generator, config.synthesis)
    return generator.eval()


def _design_filters(generator: Generator, synthesis: Synthesis3Config) -> None:
    bands = _bands_of(synthesis)
    for at, layer in enumerate(synthesis.layers):
        before, after = bands[max(at - 1, 0)], bands[at]
        rate = before.rate * layer.up
        made: FilteredLayer = getattr(generator.synthesis, layer.name)
        made.up_filter = lowpass(layer.up_taps or 1, cutoff=before.cutoff, width=2 * before.half_width, rate=rate)
        made.down_filter = lowpass(
            layer.down_taps or 1, cutoff=after.cutoff, width=2 * after.half_width, rate=rate, radial=layer.radial
        )


def _bands_of(synthesis: Synthesis3Config) -> list[_Band]:
    # Cutoffs, rates and sizes do not depend on how many channels there are.
    return _bands(synthesis.resolution, 1, 1, len(synthesis.layers) - 1)
