"""Small sources, checkpoints and job files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from safetensors.numpy import save_file


def write_sequence(folder: Path, frames: int, *, first: int = 1001) -> str:
    """Tiny pictures `shot.1001.png` …; gives the pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + frames):
        cv2.imwrite(str(folder / f"shot.{number:04d}.png"), np.full((6, 8, 3), number % 256, np.uint8))
    return str(folder / "shot.%04d.png")


def write_checkpoint(path: Path, *, fill: float = 0.0) -> Path:
    """A file that the catalog takes for a style of our own. It paints nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"weight": np.full(3, fill, np.float32)}, str(path), metadata={"architecture": "atelier-style-1"})
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
