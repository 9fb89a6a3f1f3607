"""Small seeded checkpoints that the tests of this folder read."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from pipeline.models.fns import TransformerNetwork
from pipeline.models.style import StyleNetwork
from pipeline.training.style import export

SHARED = Path(__file__).parents[2] / "../shared/data"
"""Fixtures of the official implementations, where they are at hand."""


def seeded(network: type[nn.Module], **sizes: int) -> nn.Module:
    """A network with random weights, the same ones every time."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return network(**sizes).eval().to(memory_format=torch.channels_last)


def write_style(path: Path) -> Path:
    """A small style's weights, as training writes them."""
    export(seeded(StyleNetwork, half=8, quarter=8, blocks=1), path, {"name": "tiny"})
    return path


def write_fns(path: Path) -> Path:
    """A fast_neural_style checkpoint as it is saved today."""
    torch.save(seeded(TransformerNetwork).state_dict(), path)
    return path
