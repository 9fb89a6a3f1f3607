"""Frames that were painted before, kept in memory, and a painter that asks for them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.film.brief import FilmBrief
from pipeline.film.steady import LEAD_IN
from pipeline.film.stylize import FilmPainter
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch


class Counted(nn.Module):
    """A network, and how many frames it has painted."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.frames = 0
        self.largest = 0

    def forward(self, frames: Tensor) -> Tensor:
        self.frames += len(frames)
        self.largest = max(self.largest, len(frames))
        return self.network(frames)


@dataclass
class Gallery:
    """What is remembered of several jobs."""

    pictures: dict[str, np.ndarray] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    """Of the last job's frames, in order; empty where none was made."""
    found: int = 0
    """Frames of the last job that were not painted."""

    def paint(
        self,
        brief: FilmBrief,
        *networks: nn.Module,
        files: Sequence[bytes] = (),
        chunks: Sequence[tuple[int, int]] = (),
        frames: int | None = None,
        deep: bool = False,
        batch: int = 1,
        lanes: int = 2,
        lead_in: int | None = None,
        precision: torch.dtype = torch.float32,
        device: str = "cpu",
        names: Sequence[str] = "abcdef",
    ) -> list[np.ndarray]:
        """A job's frames; `names` stand for the networks' digests."""
        easel = Easel(
            device=torch.device(device), precision=precision, batch=batch, lanes=lanes, options=StoreOptions()
        )
        painter = FilmPainter(brief.model_dump(mode="json"), easel, deep=deep)
        keys: dict[int, str] = {}
        self.found = 0

        def remember(frame: int, key: str, is_found: bool) -> None:
            keys[frame] = key
            self.found += is_found

        made: dict[int, np.ndarray] = {}
        for start, stop in chunks or [(0, frames or brief.source.frames)]:
            work = Work(
                start=start,
                stop=stop,
                watch=Stopwatch(),
                lead_in=(LEAD_IN if brief.steady else 0) if lead_in is None else lead_in,
                model=lambda index, precision=None: networks[index],
                file=lambda index: files[index],
                model_digests=tuple(names),
                file_digests=tuple(hashlib.sha256(file).hexdigest() for file in files),
                recall=self.pictures.get,
                remember=remember,
            )
            made |= dict(enumerate(painter.paint(work), start))
        self.keys = [keys.get(number, "") for number in made]
        self.pictures |= {key: pixels for key, pixels in zip(self.keys, made.values(), strict=True) if key}
        return list(made.values())

    def forget(self, numbers: Sequence[int]) -> None:
        """Lose the pictures of these frames of the last job."""
        for number in numbers:
            self.pictures.pop(self.keys[number], None)


def in_chunks(size: int, *shots: int) -> list[tuple[int, int]]:
    """Chunks of a size that span no cut; `shots`: where each begins, and the film's end."""
    return [(at, min(at + size, stop)) for start, stop in pairwise(shots) for at in range(start, stop, size)]
