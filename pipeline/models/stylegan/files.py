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
from pipeline.errors import ModelError
from pipeline.models.stylegan import from_official
from pipeline.models.stylegan.config import GeneratorConfig
from pipeline.models.stylegan.generator import Generator
from pipeline.official import read_generator

ARCHITECTURES = ("stylegan2", "stylegan3")
"""What a checkpoint's metadata calls these networks."""


def load(weights: Path, device: torch.device | str = "cpu") -> Generator:
    """The generator of a safetensors file of ours, in evaluation mode, float32.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    config = _config(weights, checkpoint.metadata)
    return _built(config, checkpoint.tensors, weights).to(device)


def load_official(weights: Path, device: torch.device | str = "cpu") -> Generator:
    """The averaged generator, `G_ema`, of an official pickle, in evaluation mode, float32.

    Raises: ModelError if the file is missing, damaged, holds anything but networks, or no generator that we build.
    """
    network = read_generator(weights)
    config = from_official.configuration(network, str(weights))
    return _built(config, from_official.tensors(network), weights).to(device)


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


def _config(path: Path, metadata: Mapping[str, str]) -> GeneratorConfig:
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
