"""A painting, photographs and a VGG small and quick enough for tests. None means anything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pipeline.models.features import FeatureNetwork
from pipeline.models.vgg import CONVOLUTIONS
from pipeline.training.distill import export


def draw_pictures(folder: Path, count: int = 3, size: tuple[int, int] = (48, 40)) -> Path:
    """A folder of smooth, coloured pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    x, y = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    for number in range(count):
        channels = [x, y, (np.sin(9 * x * (number + 1)) + 1) / 2]
        Image.fromarray((np.stack(channels, 2) * 255).astype(np.uint8)).save(folder / f"{number}.png")
    return folder


def write_vgg(path: Path) -> Path:
    """VGG19's shapes up to conv3_4, with seeded weights."""
    random = np.random.default_rng(5)
    arrays = {}
    for index, inputs, outputs in list(CONVOLUTIONS.values())[:8]:
        deviation = (2 / (9 * inputs)) ** 0.5
        arrays[f"features.{index}.weight"] = random.standard_normal((outputs, inputs, 3, 3), np.float32) * deviation
        arrays[f"features.{index}.bias"] = np.zeros(outputs, np.float32)
    np.savez(path, **arrays)
    return path


def write_features(path: Path) -> Path:
    """A feature network of our own as deep as the losses look, with seeded weights."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        export(FeatureNetwork(ranks=(4, 4, 4, 4, 4, 4, 4)), path, {})
    return path
