"""A film's looks as networks: loaded, bound to their paintings, and kept for the next chunk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.film.brief import FilmBrief, Look
from pipeline.film.decode import read_frames, resized
from pipeline.film.geometry import fitted_size
from pipeline.images import read_picture
from pipeline.models.adain import AdaIN
from pipeline.models.palette import match_palette
from pipeline.painter import Easel, Work
from pipeline.tensors import to_tensor

Network = Callable[[Tensor], Tensor]
"""(N, 3, H, W) float32 in [0, 1], sRGB → the same shape and range."""

PAINTING_PX = 512
"""Longest side at which a painting is looked at: larger makes larger strokes. Both networks were trained at it."""

_KEPT = 8
"""Networks with their paintings' statistics that are kept; in the colours of its shots a film may have thousands."""


class Looks:
    """The networks of one job's looks, from any thread."""

    def __init__(self, brief: FilmBrief, easel: Easel) -> None:
        self._brief, self._easel = brief, easel
        self._bound: OrderedDict[tuple[int, int | None], Network] = OrderedDict()
        self._first: tuple[int, np.ndarray] | None = None
        self._lock = threading.Lock()

    def network(self, index: int, frame: int, work: Work) -> Network:
        """What paints a frame in the brief's `looks[index]`.

        Raises: ModelError, MediaError if a network or painting cannot be used; TransientError.
        """
        look = self._brief.looks[index]
        with self._lock:
            if not look.paintings:
                return work.model(look.models[0], self._easel.precision)
            palette = self._brief.shot_of(frame) if self._brief.preserve_color == "palette" else None
            bound = self._bound.get((index, palette))
            if bound is None:
                bound = self._bind(look, palette, work)
                self._bound[index, palette] = bound
                if len(self._bound) > _KEPT:
                    self._bound.popitem(last=False)
            return bound

    @torch.inference_mode()
    def _bind(self, look: Look, palette: int | None, work: Work) -> Network:
        networks = [work.model(index, self._easel.precision) for index in look.models]
        painter: Any = AdaIN(*networks) if len(networks) == 2 else networks[0]
        paintings = [self._painting(work.file(place), look.name) for place, _ in look.paintings]
        if palette is not None:
            content = to_tensor(self.first_of(palette)[None], self._easel.device)
            paintings = [match_palette(painting, content) for painting in paintings]
        weights = [weight for _, weight in look.paintings]
        return painter.bind(paintings, weights, strength=look.alpha)

    def _painting(self, data: bytes, name: str) -> Tensor:
        pixels = read_picture(data, where=name)
        height, width = pixels.shape[:2]
        smaller = resized(pixels, *fitted_size(width, height, min(PAINTING_PX, max(height, width))))
        return to_tensor(smaller[None], self._easel.device)

    def first_of(self, shot: int) -> np.ndarray:
        """The first frame of a shot, given by its number, whose colours the paintings take on: (H, W, 3) uint8."""
        first = self._first
        if first is None or first[0] != shot:
            brief, at = self._brief, self._brief.offset + shot
            size = brief.paint_size or brief.size
            (pixels,) = read_frames(brief.source, at, at + 1, size=size, options=self._easel.options)
            self._first = first = shot, pixels
        return first[1]
