"""What a StyleGAN generator is besides its tensors: sizes and constants, as the JSON in our checkpoints. Torch-free.

Bounds are there so that a checkpoint of somebody's making cannot ask for more memory than any such network takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ModelError

ARCHITECTURES = ("stylegan2", "stylegan3")
"""What a checkpoint's metadata calls these networks."""

Width = Annotated[int, Field(ge=1, le=16_384)]
"""Channels, or numbers in a latent."""

Size = Annotated[int, Field(ge=4, le=4096)]
"""Pixels of a side."""

Taps = Annotated[int, Field(ge=0, le=256)]
Factor = Annotated[int, Field(ge=1, le=16)]

Architecture = Literal["skip", "orig", "resnet"]
"""How StyleGAN2's blocks give a picture: `skip` adds up those of all sizes, `orig` takes the last, `resnet` takes the
last of residual blocks."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MappingConfig(_Part):
    """The mapping network."""

    z_dim: Annotated[int, Field(ge=0, le=16_384)]
    w_dim: Width
    c_dim: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Classes; 0 for a network that knows none."""
    widths: Annotated[tuple[Width, ...], Field(min_length=2, max_length=65)]
    """Of the dense layers: what goes in, and what each gives."""
    embed_features: Annotated[int, Field(ge=0, le=16_384)] = 0
    """Numbers that a class becomes before it joins z."""
    rate: Annotated[float, Field(gt=0, le=100)] = 0.01
    """Learning rate relative to the synthesis network's."""


class Synthesis2Config(_Part):
    """StyleGAN2's synthesis network."""

    w_dim: Width
    resolution: Size
    picture_channels: Annotated[int, Field(ge=1, le=4)] = 3
    channels: Annotated[tuple[Width, ...], Field(min_length=1, max_length=11)]
    """Of the blocks at 4, 8, 16 … pixels."""
    architecture: Architecture = "skip"
    clamp: Annotated[float | None, Field(gt=0)] = None
    """No activation goes further from zero."""
    noisy: bool = True
    """Whether its layers add noise."""
    taps: Annotated[int, Field(ge=1, le=64)] = 4
    """Of the filter in enlargements."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Pixels of each block's side."""
        return tuple(4 << level for level in range(len(self.channels)))


class Layer3Config(_Part):
    """One layer of StyleGAN3's synthesis network."""

    name: Annotated[str, Field(pattern=r"^L\d{1,2}_\d{1,4}_\d{1,5}$")]
    inputs: Width
    outputs: Width
    kernel: Annotated[int, Field(ge=1, le=9)]
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


class Synthesis3Config(_Part):
    """StyleGAN3's synthesis network."""

    w_dim: Width
    resolution: Size
    picture_channels: Annotated[int, Field(ge=1, le=4)] = 3
    input_channels: Width
    input_size: Size
    """Pixels of the first feature map's side."""
    sampling_rate: Annotated[float, Field(gt=0)]
    """Of the first feature map, samples over the picture's side."""
    bandwidth: Annotated[float, Field(gt=0)]
    """Highest frequency in there, periods over the picture's side."""
    layers: Annotated[tuple[Layer3Config, ...], Field(min_length=1, max_length=64)]
    clamp: Annotated[float | None, Field(gt=0)] = 256.0
    output_scale: float = 0.25


class GeneratorConfig(_Part):
    """A whole generator."""

    mapping: MappingConfig
    synthesis: Synthesis2Config | Synthesis3Config
    num_ws: Annotated[int, Field(ge=1, le=128)]
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
        config = GeneratorConfig.model_validate_json(metadata.get("config", ""))
    except ValidationError as error:
        what = error.errors()[0]
        place = ".".join(map(str, what["loc"])) or "config"
        raise ModelError(f"{path}: its metadata does not describe a generator ({place}: {what['msg']})") from error
    if config.architecture != said:
        raise ModelError(
            f"{path}: its metadata says {said} and describes a {config.architecture}; import its .pkl again"
        )
    return config
