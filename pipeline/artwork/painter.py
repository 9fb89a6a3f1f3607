"""Painting an artwork as a job: one chunk, whose last frame is the picture.

How it is painted is paint.py's, how it goes on wherever another worker left it becoming.py's. Here its pictures are
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.artwork.brief import ArtworkBrief
from pipeline.artwork.paint import Progress, Snapshot, paint
from pipeline.artwork.painting import Painting
from pipeline.becoming import film, now_and_then, resumed
from pipeline.device import has_fast_bfloat16, threads
from pipeline.images import read_picture
from pipeline.models.features import features_of
from pipeline.painter import Easel, Work
from pipeline.tensors import luminance, to_tensor


class ArtworkPainter:
    """Paints one artwork; its frames are the picture coming into being, the last is the picture itself."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: an ArtworkBrief as JSON."""
        self._brief = ArtworkBrief.from_json(inputs)
        self._easel, self._deep = easel, deep

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The frames: (H, W, 3) uint8, or uint16 in deep jobs, sRGB.

        Raises: MediaError if a picture cannot be used; ModelError if the features cannot; ConfigError if the losses
        break down; TransientError; Interrupted.
        """
        with threads(self._easel.lanes):
            snapshots = resumed(self._begin(work), work)
            yield from film(snapshots, work, frames=self._brief.frames, deep=self._deep)

    def _begin(self, work: Work) -> Callable[..., Iterator[Snapshot]]:
        brief, device = self._brief, self._easel.device
        features = None if brief.features is None else work.file(brief.features)
        paintings = [
            Painting(
                picture=self._picture(wanted.file, work),
                weight=wanted.weight,
                mask=None if wanted.mask is None else self._mask(wanted.mask, work),
            )
            for wanted in brief.paintings
        ]
        return partial(
            paint,
            self._picture(brief.content, work),
            paintings,
            brief.recipe,
            network=features_of(brief.features_name, features).to(device),
            frames=brief.frames,
            half=self._easel.precision != torch.float32 and has_fast_bfloat16(device),
            report=now_and_then(note, work),
            keep=work.save_state,
        )

    def _picture(self, place: int, work: Work) -> Tensor:
        return to_tensor(read_picture(work.file(place), where="the picture")[None])

    def _mask(self, place: int, work: Work) -> Tensor:
        return luminance(self._picture(place, work))


def note(progress: Progress) -> str:
    """`size 2/3, 512x341 px  evaluation 310/500  content 0.41  style 1.9`."""
    losses = "  ".join(f"{name} {loss:.3g}" for name, loss in progress.losses.items() if name in ("content", "style"))
    size = f"size {progress.scale + 1}/{progress.scales}, {progress.width}x{progress.height} px"
    return f"{size}  evaluation {progress.evaluation}/{progress.evaluations}  {losses}"
