"""Generators in files: our safetensors, and NVIDIA's pickles, which become the same.

A safetensors file holds the tensors by the names that NVIDIA's checkpoints give them, `mapping.fc0.weight`,
`synthesis.b4.const`, `synthesis.L0_36_512.weight` …, in float32 or float16, and in its metadata

    architecture    stylegan2 or stylegan3
    config          config.GeneratorConfig as JSON
    name, licence, credit    for people, if they were given
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from pipeline import weights as checkpoints
from pipeline.models.stylegan import from_official
from pipeline.models.stylegan.config import GeneratorConfig, from_metadata
from pipeline.models.stylegan.generator import Generator
from pipeline.official import tensors_of
from pipeline.official_outline import generator_outline


def load(weights: Path, device: torch.device | str = "cpu") -> Generator:
    """The generator of a safetensors file of ours, in evaluation mode, float32.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    config = from_metadata(checkpoint.metadata, weights)
    return _built(config, checkpoint.tensors, weights).to(device)


def load_official(weights: Path, device: torch.device | str = "cpu") -> Generator:
    """The averaged generator, `G_ema`, of an official pickle, in evaluation mode, float32.

    Raises: ModelError if the file is missing, damaged, holds anything but networks, or no generator that we build.
    """
    outline = generator_outline(weights)
    config = from_official.configuration(outline, str(weights))
    return _built(config, tensors_of(outline), weights).to(device)


def to_safetensors(
    generator: Generator, about: Mapping[str, str] | None = None, *, dtype: torch.dtype = torch.float32
) -> bytes:
    """The file that `load` reads. `about`: name, licence, credit. `dtype`: float16 takes half the room."""
    config = generator.config
    metadata = {
        "architecture": config.architecture,
        "config": config.to_json(),
        **(about or {}),
    }
    tensors = {name: tensor.detach().to("cpu", dtype).contiguous() for name, tensor in generator.state_dict().items()}
    return checkpoints.packed(tensors, metadata)


def _built(config: GeneratorConfig, tensors: Mapping[str, Tensor], path: Path) -> Generator:
    # Without memory: what a file asks for is compared with what it holds before any is taken.
    with torch.device("meta"):
        generator = Generator(config)
    checkpoints.check_fits(generator, tensors, path)
    generator.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return generator.requires_grad_(False).eval()
