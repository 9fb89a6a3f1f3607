"""The pictures that are learnt: a folder's, or those that we draw. Each is made once, when it is wanted, and kept.

They are kept as bytes, in memory or in a file, so that a training that goes on need not make them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from pipeline import drawing
from pipeline.drawing.portraits import draw, sample
from pipeline.errors import ConfigError
from pipeline.training.material import open_picture

_AT_ONCE = 32
"""Pictures that a process makes before it tells."""

Maker = Callable[[int], np.ndarray]
"""Gives the picture of a number, (size, size, 3) uint8 sRGB, always the same."""


@dataclass(frozen=True)
class Drawn:
    """Portraits of our own."""

    size_px: int

    def __call__(self, number: int) -> np.ndarray:
        return draw(sample(number), self.size_px)


@dataclass(frozen=True)
class Opened:
    """Pictures from files, their middle square in the size wanted."""

    paths: Sequence[Path]
    size_px: int
    least_px: int = 1
    """The shorter side of a picture, at least."""

    def __call__(self, number: int) -> np.ndarray:
        picture = open_picture(self.paths[number], least_px=self.least_px)
        return np.asarray(ImageOps.fit(picture, (self.size_px, self.size_px), Image.Resampling.LANCZOS))


class Pictures:
    """So many pictures, of which batches are drawn at random."""

    def __init__(self, make: Maker, count: int, size_px: int, *, file: Path | None = None):
        """`file`: where they are kept; else in memory.

        Raises: ConfigError if the file holds others.
        """
        self.make, self.count = make, count
        shape = (count, size_px, size_px, 3)
        self._kept = np.zeros(shape, np.uint8) if file is None else _mapped(file, shape)
        marks = (count,)
        self._made = np.zeros(marks, np.uint8) if file is None else _mapped(file.with_suffix(".made.npy"), marks)

    @classmethod
    def kept(cls, pictures: np.ndarray) -> Pictures:
        """Of pictures that are made already: (count, size, size, 3) uint8 sRGB."""
        made = cls.__new__(cls)
        made.make, made.count = pictures.__getitem__, len(pictures)
        made._kept, made._made = pictures, np.ones(len(pictures), np.uint8)
        return made

    def batch(
        self, count: int, *, generator: torch.Generator, mirror: bool, device: torch.device | str = "cpu"
    ) -> Tensor:
        """`(count, 3, size, size)` float32 in [-1, 1], sRGB, on the device; channels-last."""
        numbers = torch.randint(self.count, (count,), generator=generator).tolist()
        pictures = self.of(numbers, device)
        if mirror:
            turned = (torch.rand(count, generator=generator) < 0.5).to(device)
            pictures = torch.where(turned.view(-1, 1, 1, 1), pictures.flip(3), pictures)
        return pictures

    def of(self, numbers: Sequence[int], device: torch.device | str = "cpu") -> Tensor:
        """The pictures of these numbers, as `batch` gives them."""
        for number in numbers:
            if not self._made[number]:
                self._keep(number, self.make(number))
        # As bytes, a quarter of what they are as numbers, they are sooner there.
        pixels = torch.from_numpy(self._kept[list(numbers)]).to(device)
        return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1

    def pixels(self, number: int) -> np.ndarray:
        """The picture of a number, (size, size, 3) uint8 sRGB."""
        if not self._made[number]:
            self._keep(number, self.make(number))
        return self._kept[number]

    def make_all(self, processes: int) -> Iterator[int]:
        """Make what is not there yet, in processes beside this one; gives how many there are, every now and then."""
        todo = np.flatnonzero(self._made == 0).tolist()
        parts = [todo[at : at + _AT_ONCE] for at in range(0, len(todo), _AT_ONCE)]
        # A copy of this process would have its threads' locks, but not the threads.
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for numbers, made in zip(parts, pool.map(_make, [self.make] * len(parts), parts), strict=True):
                for number, picture in zip(numbers, made, strict=True):
                    self._keep(number, picture)
                yield int(self._made.sum())

    def _keep(self, number: int, picture: np.ndarray) -> None:
        self._kept[number] = picture
        self._made[number] = 1


def _make(make: Maker, numbers: Sequence[int]) -> list[np.ndarray]:
    return [make(number) for number in numbers]


def _mapped(file: Path, shape: tuple[int, ...]) -> np.ndarray:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        return np.lib.format.open_memmap(file, mode="w+", dtype=np.uint8, shape=shape)
    try:
        kept = np.lib.format.open_memmap(file, mode="r+")
    except (ValueError, OSError) as error:
        raise ConfigError(f"{file}: is no file of pictures that were kept ({error}); remove it") from error
    if kept.shape != shape or kept.dtype != np.uint8:
        raise ConfigError(f"{file}: keeps other pictures, {kept.shape} where {shape} belongs; remove it")
    return kept


def drawing_mark() -> str:
    """Changes when the way in which we draw portraits does."""
    return mark_of(drawing)


def mark_of(*packages: ModuleType) -> str:
    """Changes when the code of packages does."""
    said = hashlib.sha256()
    for package in packages:
        for folder in package.__path__:
            for path in sorted(Path(folder).glob("*.py")):
                said.update(path.read_bytes())
    return said.hexdigest()[:16]
