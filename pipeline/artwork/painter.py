"""Painting an artwork as a job: one chunk, whose last frame is the picture.

How it is painted is paint.py's. Here its pictures are read, and it goes on wherever another worker left it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.artwork.brief import ArtworkBrief
from pipeline.artwork.paint import Progress, Snapshot, paint
from pipeline.artwork.painting import Painting
from pipeline.device import has_fast_bfloat16, threads
from pipeline.errors import IntegrityError, ModelError
from pipeline.images import decode_image, encode_png, read_picture
from pipeline.models.features import features_of
from pipeline.painter import Easel, Work
from pipeline.tensors import luminance, to_pixels, to_tensor

log = logging.getLogger(__name__)

_PULSE_S = 0.5


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
            shown = 0
            for snapshot in self._snapshots(work):
                # What an earlier attempt had shown already lies beside its state.
                for frame in range(shown, snapshot.frame):
                    yield self._kept(frame, work)
                pixels = to_pixels(snapshot.picture, deep=self._deep)[0]
                if snapshot.frame < self._brief.frames - 1:
                    work.save_state(encode_png(pixels), _part(snapshot.frame))
                yield pixels
                shown = snapshot.frame + 1

    def _snapshots(self, work: Work) -> Iterator[Snapshot]:
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
        begin = partial(
            paint,
            self._picture(brief.content, work),
            paintings,
            brief.recipe,
            network=features_of(brief.features_name, features).to(device),
            frames=brief.frames,
            half=self._easel.precision != torch.float32 and has_fast_bfloat16(device),
            report=_Reporter(work),
            keep=work.save_state,
        )
        try:
            return begin(state=work.load_state())
        except ModelError as error:
            log.warning("beginning anew: %s", error)
            return begin()

    def _picture(self, place: int, work: Work) -> Tensor:
        return to_tensor(read_picture(work.file(place), where="the picture")[None])

    def _mask(self, place: int, work: Work) -> Tensor:
        return luminance(self._picture(place, work))

    def _kept(self, frame: int, work: Work) -> np.ndarray:
        data = work.load_state(_part(frame))
        if data is None:
            raise IntegrityError(f"frame {frame + 1}: an earlier attempt did not keep it; redo the job")
        return decode_image(data, deep=self._deep)


class _Reporter:
    """Tells how the painting stands, now and then."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() >= self._next:
            self._work.pulse(note(progress))
            self._next = time.monotonic() + _PULSE_S


def note(progress: Progress) -> str:
    """`size 2/3, 512x341 px  evaluation 310/500  content 0.41  style 1.9`."""
    losses = "  ".join(f"{name} {loss:.3g}" for name, loss in progress.losses.items() if name in ("content", "style"))
    size = f"size {progress.scale + 1}/{progress.scales}, {progress.width}x{progress.height} px"
    return f"{size}  evaluation {progress.evaluation}/{progress.evaluations}  {losses}"


def _part(frame: int) -> str:
    return f"frame-{frame:06d}.png"
