"""What a designer's file says that it can do: size, numbers in its latents, attributes. Torch-free.

A submitter's laptop plans interiors by it. catalog.py finds the file; models/vae builds the network.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pipeline.catalog import digest
from pipeline.errors import ModelError
from pipeline.headers import check_finite, header
from pipeline.models.vae.config import VaeConfig, from_metadata


def described(path: Path) -> VaeConfig:
    """What the autoencoder of a `.safetensors` file is.

    Raises: ModelError if the file is missing, damaged, or holds another network, or values that are not finite.
    """
    return _described(path, digest(path))


@lru_cache(maxsize=16)
def _described(path: Path, _: str) -> VaeConfig:
    metadata, shapes = header(path)
    config = from_metadata(metadata, path)
    wanted = (len(config.attributes), config.latent)
    if shapes.get("directions") != wanted:
        raise ModelError(f"{path}: its directions are not the {wanted} that its metadata says; train it again")
    check_finite(path)
    return config
