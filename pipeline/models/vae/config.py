"""Which variational autoencoder: what a checkpoint says of itself, and which networks follow from it. Torch-free."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError

ARCHITECTURE = "atelier-vae-1"
"""What a checkpoint says in its safetensors metadata."""

SIZES = (64, 128, 256)
"""Pixels of a side that can be learnt."""

SMALLEST_PX = 4
"""A side of the coarsest features."""

SKETCH_PX = 32
"""A side of the sketch that a linear map makes of the latent."""

PATCH_PX = 2
"""A side of the squares of pixels that are one place of the finest features."""

MOST_ATTRIBUTES = 1024
"""Of one network. There may be more of them than numbers in z: directions need not be independent."""

_RANGES = {"latent": (2, 1024), "channels": (4, 256), "channels_most": (4, 1024), "blocks": (1, 8)}


@dataclass(frozen=True, kw_only=True)
class VaeConfig:
    """The networks of one variational autoencoder."""

    size_px: int = 128
    """A side of the pictures."""
    latent: int = 128
    """Numbers in z."""
    channels: int = 32
    """Of both networks at their finest. Each halving of the size doubles them …"""
    channels_most: int = 256
    """… up to so many."""
    blocks: int = 1
    """Residual blocks at each size, in each network."""
    attributes: tuple[str, ...] = ()
    """What directions in the latent space are known of, in order: `warmth`, `window`."""

    @property
    def stages(self) -> tuple[tuple[int, int], ...]:
        """(side of the features, their channels), from fine to coarse."""
        side, channels, found = self.size_px // PATCH_PX, self.channels, []
        while side >= SMALLEST_PX:
            found.append((side, min(channels, self.channels_most)))
            side, channels = side // 2, channels * 2
        return tuple(found)

    @property
    def values(self) -> int:
        """Numbers in a picture."""
        return 3 * self.size_px**2

    def to_json(self) -> str:
        """For a checkpoint's metadata."""
        return json.dumps(asdict(self), sort_keys=True)


def from_metadata(metadata: Mapping[str, str], where: Path | str) -> VaeConfig:
    """What a checkpoint's metadata says.

    Raises: ModelError if it is of another architecture, or asks for what no such network is.
    """
    said = metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(f"{where}: holds {said or 'an unnamed network'}, not {ARCHITECTURE}; give one that designs")
    try:
        values: dict[str, Any] = json.loads(metadata["config"])
        config = VaeConfig(**{**values, "attributes": tuple(values["attributes"])})
        _check(config)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{where}: its metadata describes no network of ours ({error}); train it again") from error
    return config


def _check(config: VaeConfig) -> None:
    """Raises: ValueError."""
    if config.size_px not in SIZES:
        raise ValueError(f"size_px is {config.size_px!r}")
    for name, (least, most) in _RANGES.items():
        value = getattr(config, name)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{name} is {value!r}")
    names = config.attributes
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise ValueError("its attributes are not names, each once")
    if len(names) > MOST_ATTRIBUTES:
        raise ValueError(f"{len(names):,} attributes")
