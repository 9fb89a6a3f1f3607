"""What a motion generator's file says that it can do: its classes and its rate. Torch-free.

A submitter's laptop plans motions by it. catalog.py finds the file; models/motion builds the network.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pipeline.catalog import digest
from pipeline.errors import ModelError
from pipeline.headers import check_finite, header
from pipeline.models.motion.config import MotionConfig, from_metadata


def described(path: Path) -> MotionConfig:
    """What the generator of a `.safetensors` file is: `classes`, `rate` and the network.

    Raises: ModelError if the file is missing, damaged, or holds another network, or values that are not finite.
    """
    return _described(path, digest(path))


@lru_cache(maxsize=16)
def _described(path: Path, _: str) -> MotionConfig:
    metadata, shapes = header(path)
    config = from_metadata(metadata, path)
    wanted = (len(config.classes), config.noise)
    if shapes.get("usual") != wanted:
        raise ModelError(f"{path}: its noise is not the {wanted} that its metadata says; train it again")
    check_finite(path)
    return config
