"""Small sources, checkpoints and job files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from safetensors.numpy import save_file

from pipeline.layouts import style_shapes


def write_sequence(folder: Path, frames: int, *, first: int = 1001) -> str:
    """Tiny pictures `shot.1001.png` …; gives the pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + frames):
        cv2.imwrite(str(folder / f"shot.{number:04d}.png"), np.full((6, 8, 3), number % 256, np.uint8))
    return str(folder / "shot.%04d.png")


def write_checkpoint(path: Path, *, fill: float = 0.0, **said: str) -> Path:
    """A file that the catalog takes for a style of our own. It paints nothing worth seeing.

    `said`: metadata besides the architecture and its sizes, or other ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sizes = {"half": 2, "quarter": 1, "blocks": 1}
    tensors = {name: np.full(shape, fill, np.float32) for name, shape in style_shapes(**sizes).items()}
    told = {"architecture": "atelier-style-1", **{key: str(size) for key, size in sizes.items()}}
    save_file(tensors, str(path), metadata={**told, **said})
    return path


def job_text(**changes: object) -> str:
    """A job file that is right, or one with these keys changed; None leaves a key out."""
    keys: dict[str, object] = {
        "kind": "film",
        "source": "shots/shot.%04d.png",
        "style": "my.safetensors",
        "output": "out/",
    }
    keys |= changes
    return "".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None)
