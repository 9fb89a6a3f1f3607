"""Small generators of motions with random weights, as files."""

from __future__ import annotations

from pathlib import Path

import torch

from pipeline.models.motion.config import MotionConfig
from pipeline.models.motion.files import to_safetensors
from pipeline.models.motion.network import MotionGenerator

CLASSES = ("jump", "run", "sword", "walk")


def mover(classes: tuple[str, ...] = CLASSES, seed: int = 0) -> MotionGenerator:
    """A generator that has learnt nothing: it stands about and twitches."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return MotionGenerator(MotionConfig(classes=classes, noise=4, width=8, blocks=1)).eval()


def write_mover(path: Path, classes: tuple[str, ...] = CLASSES, seed: int = 0) -> Path:
    """Its file."""
    path.write_bytes(to_safetensors(mover(classes, seed)))
    return path
