"""The designer that ships: it is small, its designs are rooms, and its attributes are what they are called."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline.catalog import MODELS
from pipeline.device import generator
from pipeline.drawing.rooms import MEASURES, draw, measure_pixels, sample, settled
from pipeline.models.vae.files import load
from pipeline.models.vae.network import Vae
from pipeline.training.vae.measures import psnr

UNSEEN = range(500_000, 500_012)
"""Numbers of rooms that no training draws."""


@pytest.fixture(scope="module")
def rooms() -> Vae:
    return load(MODELS["rooms"].path)


def pictures(seeds: range) -> torch.Tensor:
    drawn = np.stack([draw(settled(sample(seed)), 128) for seed in seeds])
    return torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 255


def pixels(made: torch.Tensor) -> np.ndarray:
    return (made.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()


def designs(vae: Vae, count: int = 12) -> torch.Tensor:
    """Latents of designs as jobs draw them."""
    return vae.place(0.8 * torch.stack([torch.randn(vae.config.latent, generator=generator(n)) for n in range(count)]))


def test_it_is_small_and_has_a_model_card() -> None:
    path = MODELS["rooms"].path
    assert path.stat().st_size < 16_000_000
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    for said in ("rooms that Atelier draws", "PSNR, held out", "CC BY 4.0"):
        assert said in card


def test_rooms_that_it_never_saw_are_reconstructed(rooms: Vae) -> None:
    unseen = pictures(UNSEEN)
    likeness = psnr(rooms.decode(rooms.encode(unseen).mean).clamp(0, 1), unseen)
    assert float(likeness.mean()) > 27


def test_its_attributes_are_those_that_rooms_are_measured_by(rooms: Vae) -> None:
    assert rooms.config.attributes == MEASURES


@pytest.mark.parametrize("name", ["brightness", "warmth", "contrast", "saturation"])
def test_an_edit_moves_what_it_is_called_after(rooms: Vae, name: str) -> None:
    z, step = designs(rooms), 2 * rooms.directions[MEASURES.index(name)]
    less, more = (
        [measure_pixels(picture)[name] for picture in pixels(rooms.decode(z + sign * step))] for sign in (-1, 1)
    )
    assert sum(high > low for low, high in zip(less, more, strict=True)) >= 11


@pytest.mark.parametrize(
    ("name", "box"),
    [("window", (slice(20, 70), slice(36, 92))), ("sofa", (slice(64, 100), slice(30, 100)))],
)
def test_an_edit_of_a_thing_changes_the_picture_where_the_thing_is(
    rooms: Vae, name: str, box: tuple[slice, slice]
) -> None:
    z, step = designs(rooms), 2 * rooms.directions[MEASURES.index(name)]
    less, more = (pixels(rooms.decode(z + sign * step)).astype(float) for sign in (-1, 1))
    changed = np.abs(more - less).mean((0, 3))
    assert changed[box].mean() > 1.5 * changed.mean()
