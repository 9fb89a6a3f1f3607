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

from pipeline import weights as checkpoints
from pipeline.models.stylegan import from_official
from pipeline.models.stylegan.config import from_metadata
from pipeline.models.stylegan.generator import Generator
from pipeline.official import tensors_of
from pipeline.official_outline import generator_outline


def load(weights: Path, device: torch.device | str = "cpu") -> Generator:
    """The generator of a safetensors file of ours, in evaluation mode, float32.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    config = from_metadata(checkpoint.metadata, weights)
    return checkpoints.filled(lambda: Generator(config), checkpoint.tensors, weights).to(device)


def load_official(weights: Path, device: torch.device | str = "cpu") -> Generator:
    """The averaged generator, `G_ema`, of an official pickle, in evaluation mode, float32.

    Raises: ModelError if the file is missing, damaged, holds anything but networks, or no generator that we build.
    """
    outline = generator_outline(weights)
    config = from_official.configuration(outline, str(weights))
    return checkpoints.filled(lambda: Generator(config), tensors_of(outline), weights).to(device)


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
    return checkpoints.packed_network(generator, metadata, dtype)
