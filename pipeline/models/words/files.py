"""Models of words in safetensors files: tensors in float32 or float16, and in the metadata

architecture    atelier-words-1
config          config.WordsConfig as JSON
name, licence, credit    for people, if they were given
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from pipeline import weights as checkpoints
from pipeline.models.words.config import ARCHITECTURE, from_metadata
from pipeline.models.words.unet import WordsNetwork


def load(weights: Path, device: torch.device | str = "cpu") -> WordsNetwork:
    """The model of a file, in evaluation mode, float32.

    Raises: ModelError if the file is missing, damaged, or holds another network.
    """
    checkpoint = checkpoints.read(weights)
    config = from_metadata(checkpoint.metadata, weights)
    return checkpoints.filled(lambda: WordsNetwork(config), checkpoint.tensors, weights).to(device)


def to_safetensors(
    network: WordsNetwork, about: Mapping[str, str] | None = None, *, dtype: torch.dtype = torch.float32
) -> bytes:
    """The file that `load` reads. `about`: name, licence, credit. `dtype`: float16 takes half the room."""
    metadata = {"architecture": ARCHITECTURE, "config": network.config.to_json(), **(about or {})}
    return checkpoints.packed_network(network, metadata, dtype)
