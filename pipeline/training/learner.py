"""A training from pictures as a job: one chunk of sheets, and as products weights, card and numbers.

What is trained is the family's; how it pauses, and goes on elsewhere, is sketchbook.py's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from pipeline.device import threads
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from pipeline.training.fetching import check_unchanged, folder_here
from pipeline.training.material import chosen
from pipeline.training.sketchbook import Shown, Sketchbook


class Learning(Shown, Protocol):
    """A training that can be kept at any time."""

    @property
    def name(self) -> str:
        """What is trained will be called."""
        ...

    def weights(self) -> bytes:
        """As a safetensors file."""
        ...

    def card(self) -> str:
        """Its model card."""
        ...

    def report(self) -> bytes:
        """Its numbers as a PNG file."""
        ...


class LearningPainter(ABC):
    """Trains what its family says; its frames are sheets of what that makes, (H, W, 3) uint8."""

    batch = 1

    told: ClassVar[str]
    """What the picture of the training's numbers is called: `NAME-told.png`."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: the family's brief as JSON."""
        self._inputs, self._easel = inputs, easel

    @abstractmethod
    def _training(self, work: Work, scratch: Path) -> Learning:
        """The training, with its pictures on this machine; `scratch` is a folder that is not there yet.

        Raises: MediaError, ModelError, TransientError.
        """

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """A sheet for every `preview_every` iterations; at the end weights, card and numbers are delivered.

        Raises: MediaError if the pictures cannot be used; ModelError; ConfigError if the training breaks down;
        TransientError; Interrupted, once the state is saved.
        """
        with scratch_folder("train") as scratch, threads(self._easel.lanes):
            training = self._training(work, Path(scratch) / "pictures")
            yield from Sketchbook(training, work).previews()
            self._deliver(training, work)

    def _deliver(self, training: Any, work: Work) -> None:
        """Give all that a training came to, which is `Learning`."""
        work.deliver(f"{training.name}.safetensors", training.weights())
        work.deliver(f"{training.name}.md", training.card().encode())
        work.deliver(f"{training.name}-{self.told}.png", training.report())

    def _planned_pictures(self, images: str, planned: str, work: Work, scratch: Path, *, most: int) -> list[Path]:
        """The pictures that the job was planned with, on this machine. Raises: MediaError if they have changed."""
        work.pulse("fetching the pictures")
        with work.watch.time("fetch_s"):
            folder = folder_here(images, scratch, work, self._easel.options, most=most)
        paths = [folder / name for name in chosen((path.name for path in folder.iterdir()), most=most)]
        check_unchanged(paths, images, planned)
        return paths
