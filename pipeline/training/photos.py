"""Content pictures for training: random crops of a folder of photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pipeline.errors import MediaError
from pipeline.training.material import chosen, open_picture


class Photos:
    """A folder of photographs, any sizes, not searched recursively; of very many, some, evenly spread.

    Raises: MediaError if the folder holds none.
    """

    def __init__(self, folder: Path):
        self.paths = [folder / name for name in chosen(path.name for path in folder.glob("*"))]
        if not self.paths:
            raise MediaError(f"{folder}: holds no photographs; give a folder of JPEG, PNG, WebP or TIFF pictures")

    def batch(
        self, count: int, *, size_px: int, generator: torch.Generator, zoom: tuple[float, float] = (1.0, 1.0)
    ) -> Tensor:
        """Random square crops, half of them mirrored: `(count, 3, size, size)` float32 in [0, 1], sRGB, on the CPU.

        `zoom`: how much smaller, and how much larger, than in the file things are drawn.
        """
        return torch.stack([self._crop(size_px, generator, zoom) for _ in range(count)])

    def _crop(self, size_px: int, generator: torch.Generator, zoom: tuple[float, float]) -> Tensor:
        which, scale, left, top, mirror = torch.rand(5, generator=generator, device=generator.device).tolist()
        with open_picture(self.paths[int(which * len(self.paths))]) as photo:
            side = min(size_px / (zoom[0] + (zoom[1] - zoom[0]) * scale), *photo.size)
            x, y = left * (photo.width - side), top * (photo.height - side)
            crop = photo.resize((size_px, size_px), Image.Resampling.BICUBIC, box=(x, y, x + side, y + side))
        pixels = to_tensor(crop)
        return pixels.flip(2) if mirror < 0.5 else pixels


def to_tensor(picture: Image.Image) -> Tensor:
    """`(3, H, W)` float32 in [0, 1] of an 8-bit RGB picture."""
    return torch.from_numpy(np.array(picture, dtype=np.uint8)).permute(2, 0, 1).float() / 255
