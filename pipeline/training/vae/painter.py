"""Training an autoencoder as a job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from pipeline.models.features import SHIPPED, load
from pipeline.painter import Work
from pipeline.training.learner import LearningPainter
from pipeline.training.material import skipped_in_words
from pipeline.training.vae import labels, sources
from pipeline.training.vae.brief import ROOMS, VaeBrief, most_pictures
from pipeline.training.vae.training import VaeTraining

_TELL_EVERY = 50
"""Pictures opened between pulses."""


class VaePainter(LearningPainter):
    """Trains one autoencoder; its frames are sheets of what it makes."""

    told = "report"

    def _training(self, work: Work, scratch: Path) -> VaeTraining:
        brief = VaeBrief.from_json(self._inputs)
        mixed = brief.schedule.mixed_precision and self._easel.precision != torch.float32
        recipe = brief.recipe
        return VaeTraining(
            replace(brief, schedule=replace(brief.schedule, mixed_precision=mixed)),
            source=self._source(brief, work, scratch),
            features=load(SHIPPED) if recipe.distance_pictures or recipe.sees else None,
            device=self._easel.device,
        )

    def _source(self, brief: VaeBrief, work: Work, scratch: Path) -> sources.Source:
        if brief.images == ROOMS:
            return sources.rooms(brief.count, brief.recipe)
        most = most_pictures(brief.recipe.opened_px)
        paths = self._planned_pictures(brief.images, brief.images_mark, work, scratch, most=most)
        told = labels.read(work.file(0), brief.labels) if brief.labels else None

        def report(opened: int) -> None:
            if opened % _TELL_EVERY == 0:
                work.pulse(f"opening the pictures: {opened:,} of {len(paths):,}")

        with work.watch.time("fetch_s"):
            found = sources.folder(paths, brief.images, brief.recipe, labels=told, report=report)
        if found.skipped:
            work.note(skipped_in_words(found.skipped))
        return found
