"""A GAN's training small and quick enough for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.training.gan.brief import GanBrief, GanRecipe
from pipeline.training.gan.contest import Contest
from pipeline.training.pictures import Pictures
from pipeline.training.schedule import Course

RECIPE: dict[str, Any] = {
    "size_px": 32, "channels": 4, "channels_most": 8, "latent": 8, "batch": 4, "distance_pictures": 8,
}  # fmt: skip


def brief(*, iterations: int = 6, save_every: int = 2, preview_every: int = 3, **recipe: Any) -> GanBrief:
    """A training of a second."""
    schedule = Course(iterations=iterations, save_every=save_every, preview_every=preview_every, mixed_precision=False)
    return GanBrief(name="tiny", images="portraits", count=8, recipe=GanRecipe(**(RECIPE | recipe)), schedule=schedule)


def blobs(number: int) -> np.ndarray:
    """A picture (32, 32, 3) of a bright disc on a dark ground, somewhere."""
    chance = np.random.default_rng(number)
    y, x = np.mgrid[:32, :32]
    at = chance.uniform(10, 22, 2)
    disc = ((y - at[0]) ** 2 + (x - at[1]) ** 2 < chance.uniform(25, 60))[..., None]
    return np.where(disc, chance.integers(150, 255, 3), chance.integers(0, 80, 3)).astype(np.uint8)


def contest(brief: GanBrief, count: int = 8) -> Contest:
    return Contest(brief, Pictures(blobs, count, brief.recipe.size_px))
