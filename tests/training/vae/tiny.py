"""An autoencoder's training small and quick enough for tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from pipeline.training.pictures import Pictures
from pipeline.training.schedule import Schedule
from pipeline.training.vae.brief import VaeBrief, VaeRecipe
from pipeline.training.vae.descent import Descent
from pipeline.training.vae.material import Material
from pipeline.training.vae.sources import Source

RECIPE: dict[str, Any] = {
    "size_px": 64, "latent": 6, "channels": 4, "channels_most": 8, "batch": 4, "perceptual": 0.0, "adversarial": 0.0,
    "distance_pictures": 8,
}  # fmt: skip


def brief(
    *, iterations: int = 6, save_every: int = 2, preview_every: int = 3, seed: int = 0, **recipe: Any
) -> VaeBrief:
    """A training of a second."""
    schedule = Schedule(
        iterations=iterations,
        save_every=save_every,
        preview_every=preview_every,
        mixed_precision=False,
        warmup=1,
        learning_rate=1e-3,
        seed=seed,
    )
    return VaeBrief(name="tiny", images="discs/", recipe=VaeRecipe(**(RECIPE | recipe)), schedule=schedule)


def disc(number: int, side: int = 64) -> np.ndarray:
    """A picture (side, side, 3) of a bright disc on a dark ground, somewhere."""
    chance = np.random.default_rng(number)
    y, x = np.mgrid[:side, :side]
    at = chance.uniform(20, 44, 2) * side / 64
    cover = ((y - at[0]) ** 2 + (x - at[1]) ** 2 < chance.uniform(100, 240) * (side / 64) ** 2)[..., None]
    return np.where(cover, chance.integers(150, 255, 3), chance.integers(0, 80, 3)).astype(np.uint8)


def source(asked: VaeBrief, count: int = 20) -> Source:
    """Discs, of which it is known how bright they are."""
    pictures = np.stack([disc(number, asked.recipe.opened_px) for number in range(count)])
    known = torch.tensor([[float(picture.mean())] for picture in pictures])
    material = Material(Pictures.kept(pictures), asked.recipe, ("brightness",))
    return Source(material, lambda numbers: known[list(numbers)])


def descent(asked: VaeBrief, count: int = 20) -> Descent:
    return Descent(asked, source(asked, count).material, None)
