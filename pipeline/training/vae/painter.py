"""Training an autoencoder as a job: one chunk, whose frames are sheets and whose products are weights, card and report.

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
from pipeline.training.material import chosen
from pipeline.training.sketchbook import Sketchbook
from pipeline.training.vae import labels, sources
from pipeline.training.vae.brief import ROOMS, VaeBrief, most_pictures
from pipeline.training.vae.training import VaeTraining

_TELL_EVERY = 50
"""Pictures opened between pulses."""


class VaePainter:
    """Trains one autoencoder; its frames are sheets of what it makes, (H, W, 3) uint8."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a VaeBrief as JSON."""
        brief = VaeBrief.from_json(inputs)
        mixed = brief.schedule.mixed_precision and easel.precision != torch.float32
        self._brief = replace(brief, schedule=replace(brief.schedule, mixed_precision=mixed))
        self._easel = easel

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """A sheet for every `preview_every` iterations; at the end weights, card and report are delivered.

        Raises: MediaError if the pictures cannot be used; ModelError; ConfigError if the training breaks down;
        TransientError; Interrupted, once the state is saved.
        """
        with scratch_folder("train") as scratch, threads(self._easel.lanes):
            recipe = self._brief.recipe
            training = VaeTraining(
                self._brief,
                source=self._source(work, Path(scratch) / "pictures"),
                features=load(SHIPPED) if recipe.distance_pictures or recipe.loss.perceptual else None,
                device=self._easel.device,
            )
            yield from Sketchbook(training, work).previews()
            name = self._brief.name
            work.deliver(f"{name}.safetensors", training.weights())
            work.deliver(f"{name}.md", training.card().encode())
            work.deliver(f"{name}-report.png", training.report())

    def _source(self, work: Work, scratch: Path) -> sources.Source:
        """The pictures that were planned with, on this machine."""
        brief = self._brief
        if brief.images == ROOMS:
            return sources.rooms(brief.count, brief.recipe)
        work.pulse("fetching the pictures")
        most = most_pictures(brief.recipe.opened_px)
        with work.watch.time("fetch_s"):
            folder = folder_here(brief.images, scratch, work, self._easel.options, most=most)
        paths = [folder / name for name in chosen((path.name for path in folder.iterdir()), most=most)]
        check_unchanged(paths, brief.images, brief.images_mark)
        told = labels.read(work.file(0), brief.labels) if brief.labels else None

        def report(opened: int) -> None:
            if opened % _TELL_EVERY == 0:
                work.pulse(f"opening the pictures: {opened:,} of {len(paths):,}")

        with work.watch.time("fetch_s"):
            return sources.folder(paths, brief.images, brief.recipe, labels=told, report=report)
