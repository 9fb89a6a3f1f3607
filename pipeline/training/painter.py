"""Training a style as a job: one chunk, whose frames are the previews and whose products are weights and card.

What is trained is style.py's; how it pauses, and goes on elsewhere, is sketchbook.py's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from pipeline.device import threads
from pipeline.images import read_picture
from pipeline.models.features import Features, features_of
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from pipeline.training.brief import NONE, TORCHVISION, StyleBrief
from pipeline.training.fetching import check_unchanged, folder_here
from pipeline.training.material import check_photos
from pipeline.training.photos import Photos
from pipeline.training.sketchbook import Sketchbook
from pipeline.training.style import StyleTraining, network_like

PAINTING, FEATURES = 0, 1
"""Places in the plan's `files`; the features' is there unless they are torchvision's."""


class StylePainter:
    """Trains one style; its frames are previews, (H, W, 3) uint8."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a StyleBrief as JSON."""
        brief = StyleBrief.from_json(inputs)
        mixed = brief.schedule.mixed_precision and easel.precision != torch.float32
        self._brief = replace(brief, schedule=replace(brief.schedule, mixed_precision=mixed))
        self._easel = easel

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """A preview for every `preview_every` iterations; at the end the weights and the card are delivered.

        Raises: MediaError if the painting or the photographs cannot be used; ModelError; ConfigError if the training
        breaks down; TransientError; Interrupted, once the state is saved.
        """
        with scratch_folder("train") as scratch, threads(self._easel.lanes):
            training = self._training(work, Path(scratch))
            yield from Sketchbook(training, work).previews()
            name = self._brief.name
            work.deliver(f"{name}.safetensors", training.weights())
            work.deliver(f"{name}.md", training.card().encode())

    def _training(self, work: Work, scratch: Path) -> StyleTraining:
        brief = self._brief
        work.pulse("fetching the photographs")
        with work.watch.time("fetch_s"):
            photos = self._photos(work, scratch / "photos")
        work.pulse("looking at the painting")
        return StyleTraining(
            brief,
            painting=Image.fromarray(read_picture(work.file(PAINTING), where=brief.painting)),
            photos=photos,
            features=self._features(work),
            network=None if brief.warm_start == NONE else network_like(work.model(0)),
            device=self._easel.device,
        )

    def _features(self, work: Work) -> Features:
        said = self._brief.features
        return features_of(said, None if said == TORCHVISION else work.file(FEATURES))

    def _photos(self, work: Work, scratch: Path) -> Photos:
        """The photographs that were planned with, on this machine."""
        url = self._brief.photos
        photos = Photos(folder_here(url, scratch, work, self._easel.options))
        check_unchanged(photos.paths, url, self._brief.photos_mark)
        check_photos(photos.paths, url)
        return photos
