"""NVIDIA's official StyleGAN checkpoints: a `.pkl`'s networks and tensors, read without executing anything in it.

official_outline.py finds out what the file holds; our modules that the data fits into are in models/stylegan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline.official_names import Strided
from pipeline.official_outline import Outline, generator_outline, outlines


@dataclass(frozen=True)
class Network:
    """One pickled network as plain data."""

    class_name: str
    """What the pickle calls it: Generator, Discriminator, …"""
    init_kwargs: dict[str, Any]
    """What it was made with: numbers, words, lists, dicts, truths and None."""
    tensors: dict[str, Tensor]
    """Parameters and buffers by dotted name, such as synthesis.b4.const; on the CPU, contiguous, sharing no bytes."""
    attributes: dict[str, Any] = field(default_factory=dict)
    """What else each module says of itself, by dotted name: see `Outline.attributes`."""


def read_networks(path: Path) -> dict[str, Network]:
    """The networks of an official checkpoint: G_ema, G, D, augment_pipe, whichever it holds.

    Raises: ModelError if the file is missing, damaged, no official checkpoint, or names what none of them does.
    """
    found = outlines(path)
    made = {id(outline): _network(outline) for outline in found.values()}
    return {name: made[id(outline)] for name, outline in found.items()}


def read_generator(path: Path) -> Network:
    """The generator to make pictures with: the running average, G_ema.

    Raises: ModelError as read_networks does, and if there is no G_ema or one of its tensors is not finite.
    """
    return _network(generator_outline(path))


def tensors_of(outline: Outline) -> dict[str, Tensor]:
    """The network's tensors on the CPU, contiguous, each with bytes of its own."""
    return {name: _tensor(strided) for name, strided in outline.tensors.items()}


def _network(outline: Outline) -> Network:
    return Network(outline.class_name, outline.init_kwargs, tensors_of(outline), outline.attributes)


def _tensor(strided: Strided) -> Tensor:
    dtype: torch.dtype = getattr(torch, strided.storage.numbers.name)
    if strided.size == 0:
        return torch.empty(strided.shape, dtype=dtype)
    return torch.frombuffer(strided.data(), dtype=dtype).as_strided(strided.shape, strided.strides).contiguous()
