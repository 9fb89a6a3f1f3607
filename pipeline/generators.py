"""What a generator's file says that it can do: classes, sizes, layers. Torch-free, and nothing in a file is executed.

A submitter's laptop plans portraits by it. catalog.py finds the file; models/stylegan builds the network.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pipeline.catalog import OFFICIAL_SUFFIX, digest
from pipeline.errors import ModelError
from pipeline.headers import check_finite, header
from pipeline.models.stylegan.config import GeneratorConfig, from_metadata
from pipeline.models.stylegan.from_official import configuration
from pipeline.official_outline import generator_outline


def described(path: Path) -> GeneratorConfig:
    """What the generator of a `.safetensors` file of ours, or of NVIDIA's `.pkl`, is.

    Raises: ModelError if the file is missing, damaged, holds anything but networks, values that are not finite,
    or no generator that we build.
    """
    return _described(path, digest(path))


@lru_cache(maxsize=16)
def _described(path: Path, _: str) -> GeneratorConfig:
    if path.suffix == OFFICIAL_SUFFIX:
        config = configuration(generator_outline(path), str(path))
    else:
        config = from_metadata(header(path)[0], path)
        check_finite(path)
    if config.synthesis.picture_channels not in (1, 3):
        channels = config.synthesis.picture_channels
        raise ModelError(f"{path}: its pictures have {channels} channels; give a generator of grey or colour pictures")
    return config
