"""Which model of words: what a checkpoint says of itself, and which networks follow from it. Torch-free."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError

ARCHITECTURE = "atelier-words-1"
"""What a checkpoint says in its safetensors metadata."""

PATCH_PX = 4
"""A side of the squares of pixels that are one place of the finest features."""

SIZES = (32, 64, 128)
"""Pixels of a side that can be learnt."""

_RANGES = {"channels": (8, 512), "depth": (1, 8), "text_width": (8, 1024), "text_depth": (1, 12), "tokens": (4, 256)}
_MOST_WORDS = 65_536


@dataclass(frozen=True, kw_only=True)
class WordsConfig:
    """The networks of one model."""

    size_px: int = 64
    """A side of the pictures."""
    channels: int = 96
    """Of the finer features, a place for each square of 4 px; the coarser ones have twice as many."""
    depth: int = 2
    """Blocks on the way down at each of the two sizes; on the way up there is one more."""
    head: int = 32
    """Channels that one head of attention reads."""
    text_width: int = 192
    text_depth: int = 3
    tokens: int = 40
    """Words of a sentence that are read."""
    words: tuple[str, ...] = ()
    """The vocabulary, in order."""

    def to_json(self) -> str:
        """For a checkpoint's metadata."""
        return json.dumps(asdict(self), sort_keys=True)


def from_metadata(metadata: Mapping[str, str], where: Path | str) -> WordsConfig:
    """What a checkpoint's metadata says.

    Raises: ModelError if it is of another architecture, or asks for what no such network is.
    """
    said = metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(
            f"{where}: holds {said or 'an unnamed network'}, not {ARCHITECTURE}; give one that reads words"
        )
    try:
        values: dict[str, Any] = json.loads(metadata["config"])
        config = WordsConfig(**{**values, "words": tuple(values["words"])})
        _check(config)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{where}: its metadata describes no network of ours ({error}); train it again") from error
    return config


def _check(config: WordsConfig) -> None:
    """Raises: ValueError."""
    if config.size_px not in SIZES:
        raise ValueError(f"size_px is {config.size_px!r}")
    for name, (least, most) in _RANGES.items():
        value = getattr(config, name)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{name} is {value!r}")
    if type(config.head) is not int or config.head < 1 or 2 * config.channels % config.head:
        raise ValueError(f"head is {config.head!r}")
    if config.text_width % config.head:
        raise ValueError(f"text_width is {config.text_width!r}")
    if not all(isinstance(word, str) for word in config.words) or len(set(config.words)) != len(config.words):
        raise ValueError("its words are not words, each once")
    if not 1 <= len(config.words) <= _MOST_WORDS:
        raise ValueError(f"{len(config.words):,} words")
