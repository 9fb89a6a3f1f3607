"""Who paints a job of diffusion: the film painter its films, and the other one its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipeline.diffusion.film import FilmPainter
from pipeline.diffusion.painter import DiffusionPainter
from pipeline.painter import Easel, Painter, Work


class AnyPainter:
    """The painter of the job's task."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a DiffusionBrief."""
        self._painter: Painter = (FilmPainter if inputs.get("source") else DiffusionPainter)(inputs, easel, deep=deep)

    @property
    def batch(self) -> int:
        """Pictures a batch."""
        return self._painter.batch

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """As its painter does."""
        return self._painter.paint(work)
