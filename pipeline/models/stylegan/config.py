"""What a StyleGAN generator is besides its tensors: sizes and constants, as the JSON in our checkpoints. Torch-free.

Bounds are there so that a checkpoint of somebody's making cannot ask for more memory than any such network takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pipeline.errors import ModelError
from pipeline.models.stylegan.checked import Checked, Within

ARCHITECTURES = ("stylegan2", "stylegan3")
"""What a checkpoint's metadata calls these networks."""

Width = Annotated[int, Within(least=1, most=16_384)]
"""Channels, or numbers in a latent."""

Size = Annotated[int, Within(least=4, most=4096)]
"""Pixels of a side."""

Taps = Annotated[int, Within(least=0, most=256)]
Factor = Annotated[int, Within(least=1, most=16)]

Architecture = Literal["skip", "orig", "resnet"]
"""How StyleGAN2's blocks give a picture: `skip` adds up those of all sizes, `orig` takes the last, `resnet` takes the
last of residual blocks."""


@dataclass(frozen=True, kw_only=True)
class MappingConfig(Checked):
    """The mapping network."""

    z_dim: Annotated[int, Within(least=0, most=16_384)]
    w_dim: Width
    c_dim: Annotated[int, Within(least=0, most=100_000)] = 0
    """Classes; 0 for a network that knows none."""
    widths: Annotated[tuple[Width, ...], Within(least=2, most=65)]
    """Of the dense layers: what goes in, and what each gives."""
    embed_features: Annotated[int, Within(least=0, most=16_384)] = 0
    """Numbers that a class becomes before it joins z."""
    rate: Annotated[float, Within(above=0, most=100)] = 0.01
    """Learning rate relative to the synthesis network's."""


@dataclass(frozen=True, kw_only=True)
class Synthesis2Config(Checked):
    """StyleGAN2's synthesis network."""

    w_dim: Width
    resolution: Size
    picture_channels: Annotated[int, Within(least=1, most=4)] = 3
    channels: Annotated[tuple[Width, ...], Within(least=1, most=11)]
    """Of the blocks at 4, 8, 16 … pixels."""
    architecture: Architecture = "skip"
    clamp: Annotated[float | None, Within(above=0)] = None
    """No activation goes further from zero."""
    noisy: bool = True
    """Whether its layers add noise."""
    taps: Annotated[int, Within(least=1, most=64)] = 4
    """Of the filter in enlargements."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Pixels of each block's side."""
        return tuple(4 << level for level in range(len(self.channels)))


@dataclass(frozen=True, kw_only=True)
class Layer3Config(Checked):
    """One layer of StyleGAN3's synthesis network."""

    name: Annotated[str, Within(pattern=r"^L\d{1,2}_\d{1,4}_\d{1,5}$")]
    inputs: Width
    outputs: Width
    kernel: Annotated[int, Within(least=1, most=9)]
    up: Factor
    down: Factor
    up_taps: Taps
    """0 where nothing is filtered."""
    down_taps: Taps
    radial: bool
    """Whether the filter that shrinks is a square one, the same in all directions."""
    padding: tuple[int, int, int, int]
    shows: bool = False
    """Whether it gives the picture: no activation, no demodulation."""


@dataclass(frozen=True, kw_only=True)
class Synthesis3Config(Checked):
    """StyleGAN3's synthesis network."""

    w_dim: Width
    resolution: Size
    picture_channels: Annotated[int, Within(least=1, most=4)] = 3
    input_channels: Width
    input_size: Size
    """Pixels of the first feature map's side."""
    sampling_rate: Annotated[float, Within(above=0)]
    """Of the first feature map, samples over the picture's side."""
    bandwidth: Annotated[float, Within(above=0)]
    """Highest frequency in there, periods over the picture's side."""
    layers: Annotated[tuple[Layer3Config, ...], Within(least=1, most=64)]
    clamp: Annotated[float | None, Within(above=0)] = 256.0
    output_scale: float = 0.25


@dataclass(frozen=True, kw_only=True)
class GeneratorConfig(Checked):
    """A whole generator."""

    mapping: MappingConfig
    synthesis: Synthesis2Config | Synthesis3Config
    num_ws: Annotated[int, Within(least=1, most=128)]
    """Layers that take a style each."""

    @property
    def architecture(self) -> Literal["stylegan2", "stylegan3"]:
        """What its checkpoints call it."""
        return "stylegan3" if isinstance(self.synthesis, Synthesis3Config) else "stylegan2"


def from_metadata(metadata: Mapping[str, str], path: Path) -> GeneratorConfig:
    """What the metadata of a safetensors file of ours says; `path` names the file.

    Raises: ModelError if it does not describe a generator.
    """
    said = metadata.get("architecture")
    if said not in ARCHITECTURES:
        raise ModelError(f"{path}: holds {said or 'an unnamed network'}, not a StyleGAN generator; import its .pkl")
    try:
        config = GeneratorConfig.from_json(metadata.get("config", ""))
    except ValueError as error:
        raise ModelError(f"{path}: its metadata does not describe a generator ({error})") from error
    if config.architecture != said:
        raise ModelError(
            f"{path}: its metadata says {said} and describes a {config.architecture}; import its .pkl again"
        )
    return config
