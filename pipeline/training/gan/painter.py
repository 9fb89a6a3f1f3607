"""Training a GAN as a job: one chunk, whose frames are sheets and whose products are weights, card and curves.

What is trained is training.py's; how it pauses, and goes on elsewhere, is training/sketchbook.py's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pipeline.device import threads
from pipeline.models.features import SHIPPED, load
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from pipeline.training.fetching import check_unchanged, folder_here
from pipeline.training.gan.brief import FEWEST, PORTRAITS, GanBrief, most_pictures
from pipeline.training.gan.training import GanTraining
from pipeline.training.material import check_photos, chosen
from pipeline.training.pictures import Drawn, Opened, Pictures
from pipeline.training.sketchbook import Sketchbook


class GanPainter:
    """Trains one generator; its frames are sheets of what it makes, (H, W, 3) uint8."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a GanBrief as JSON."""
        brief = GanBrief.from_json(inputs)
        mixed = brief.schedule.mixed_precision and easel.precision != torch.float32
        self._brief = replace(brief, schedule=replace(brief.schedule, mixed_precision=mixed))
        self._easel = easel

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """A sheet for every `preview_every` iterations; at the end weights, card and curves are delivered.

        Raises: MediaError if the pictures cannot be used; ModelError; ConfigError if the training breaks down;
        TransientError; Interrupted, once the state is saved.
        """
        with scratch_folder("train") as scratch, threads(self._easel.lanes):
            features = load(SHIPPED) if self._brief.recipe.distance_pictures else None
            training = GanTraining(
                self._brief,
                pictures=self._pictures(work, Path(scratch) / "pictures"),
                features=features,
                device=self._easel.device,
            )
            yield from Sketchbook(training, work).previews()
            name = self._brief.name
            work.deliver(f"{name}.safetensors", training.weights())
            work.deliver(f"{name}.md", training.card().encode())
            work.deliver(f"{name}-curves.png", training.curves())

    def _pictures(self, work: Work, scratch: Path) -> Pictures:
        """The pictures that were planned with, on this machine."""
        brief, size = self._brief, self._brief.recipe.size_px
        if brief.images == PORTRAITS:
            return Pictures(Drawn(size), brief.count, size)
        work.pulse("fetching the pictures")
        most = most_pictures(size)
        with work.watch.time("fetch_s"):
            folder = folder_here(brief.images, scratch, work, self._easel.options, most=most)
        paths = [folder / name for name in chosen((path.name for path in folder.iterdir()), most=most)]
        check_unchanged(paths, brief.images, brief.images_mark)
        check_photos(paths, brief.images, fewest=FEWEST, least_px=size)
        return Pictures(Opened(paths, size), len(paths), size)
