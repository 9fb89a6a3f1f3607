"""Who paints a job of diffusion: the film painter its films, and the other one its pictures."""

from __future__ import annotations

from typing import Any

from pipeline.diffusion.film import FilmPainter
from pipeline.diffusion.painter import DiffusionPainter
from pipeline.painter import Easel, Painter


def painter(inputs: dict[str, Any], easel: Easel, *, deep: bool) -> Painter:
    """`inputs`: a DiffusionBrief."""
    return (FilmPainter if inputs.get("source") else DiffusionPainter)(inputs, easel, deep=deep)
