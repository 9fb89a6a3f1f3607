"""Training a GAN as a job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from pipeline.models.features import SHIPPED, load
from pipeline.painter import Work
from pipeline.training.gan.brief import FEWEST, PORTRAITS, GanBrief, most_pictures
from pipeline.training.gan.training import GanTraining
from pipeline.training.learner import LearningPainter
from pipeline.training.material import check_photos
from pipeline.training.pictures import Drawn, Opened, Pictures


class GanPainter(LearningPainter):
    """Trains one generator; its frames are sheets of what it makes."""

    told = "curves"

    def _training(self, work: Work, scratch: Path) -> GanTraining:
        brief = GanBrief.from_json(self._inputs)
        mixed = brief.schedule.mixed_precision and self._easel.precision != torch.float32
        return GanTraining(
            replace(brief, schedule=replace(brief.schedule, mixed_precision=mixed)),
            pictures=self._pictures(brief, work, scratch),
            features=load(SHIPPED) if brief.recipe.distance_pictures else None,
            device=self._easel.device,
        )

    def _pictures(self, brief: GanBrief, work: Work, scratch: Path) -> Pictures:
        size = brief.recipe.size_px
        if brief.images == PORTRAITS:
            return Pictures(Drawn(size), brief.count, size)
        paths = self._planned_pictures(brief.images, brief.images_mark, work, scratch, most=most_pictures(size))
        check_photos(paths, brief.images, fewest=FEWEST, least_px=size)
        return Pictures(Opened(paths, size), len(paths), size)
