"""Sharp pictures that an upscaler learns from: crops of what Atelier draws, and of a folder of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from pipeline.device import generator as seeded
from pipeline.errors import ConfigError
from pipeline.training.photos import Photos

SUBJECTS = ("rooms", "portraits")
"""What is drawn, each by a module of pipeline/drawing."""

SIZES_PX = (256, 512)
"""Between these a drawing's side is drawn by lot, so that an edge is seen in all degrees of sharpness."""

FIRST_SEED = 1_000_000
"""Of the drawings to learn from: those before are left to judge by."""

_FINER = (1.0, 1.6)
"""Photographs are drawn smaller by so much: their own pixels are softer than a drawing's."""


class Sharp(Protocol):
    """A source of sharp pictures."""

    def batch(self, count: int, *, size_px: int, generator: torch.Generator) -> Tensor:
        """`(count, 3, size, size)` float32 in [0, 1], sRGB, on the CPU."""
        ...


class Drawings:
    """Crops of so many drawings, each drawn when it is first wanted, and then kept in memory: at most 0.8 MB each."""

    def __init__(self, subject: str, count: int, *, sizes_px: tuple[int, int] = SIZES_PX):
        """Raises: ConfigError if nothing of the kind is drawn."""
        if subject not in SUBJECTS:
            raise ConfigError(f"unknown subject {subject!r}; drawn are {', '.join(SUBJECTS)}")
        self.subject, self.count, self.sizes_px = subject, count, sizes_px
        self._drawing = import_module(f"pipeline.drawing.{subject}")
        self._kept: dict[int, np.ndarray] = {}

    def batch(self, count: int, *, size_px: int, generator: torch.Generator) -> Tensor:
        """Square crops, turned and mirrored at random: what is drawn is always upright, what is learnt is not to be."""
        return torch.stack([self._crop(size_px, generator) for _ in range(count)])

    def _crop(self, size_px: int, generator: torch.Generator) -> Tensor:
        which, top, left, turn, mirror = torch.rand(5, generator=generator).tolist()
        picture = self._picture(int(which * self.count))
        y, x = (int(at * (picture.shape[0] - size_px + 1)) for at in (top, left))
        crop = np.rot90(picture[y : y + size_px, x : x + size_px], int(4 * turn))
        crop = crop[:, ::-1] if mirror < 0.5 else crop
        return torch.from_numpy(crop.copy()).permute(2, 0, 1).float() / 255

    def _picture(self, number: int) -> np.ndarray:
        if number not in self._kept:
            seed, (least, most) = FIRST_SEED + number, self.sizes_px
            side = int(torch.randint(least, most + 1, (), generator=seeded(seed)))
            self._kept[number] = self._drawing.draw(self._drawing.sample(seed), side)
        return self._kept[number]


class Folder:
    """Crops of a folder of pictures, drawn a little smaller than they are.

    Raises: MediaError if the folder holds none.
    """

    def __init__(self, folder: Path):
        self._photos = Photos(folder)

    def batch(self, count: int, *, size_px: int, generator: torch.Generator) -> Tensor:
        """Square crops, half of them mirrored."""
        zoom = 1 / _FINER[1], 1 / _FINER[0]
        return self._photos.batch(count, size_px=size_px, generator=generator, zoom=zoom)


class Mixture:
    """Several sources by their shares of the pictures."""

    def __init__(self, sources: Sequence[Sharp], shares: Sequence[float]):
        self._sources, self._shares = sources, torch.tensor(shares, dtype=torch.float32)

    def batch(self, count: int, *, size_px: int, generator: torch.Generator) -> Tensor:
        """Each picture's source is drawn by lot."""
        lots = torch.multinomial(self._shares, count, replacement=True, generator=generator).tolist()
        return torch.cat([self._sources[lot].batch(1, size_px=size_px, generator=generator) for lot in lots])
