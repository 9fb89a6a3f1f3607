"""Directions from few labelled pictures, and how honestly it is measured what pictures tell."""

from __future__ import annotations

from statistics import mean

import pytest
import torch
from torch import Tensor

from pipeline.training.attributes.fitting import RIDGES, fit
from pipeline.training.vae.latents import directions_of


def drawn(count: int, latent: int, seed: int = 0) -> Tensor:
    """Normal numbers."""
    return torch.randn(count, latent, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def alike(one: Tensor, other: Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(one.double(), other.double(), 0))


def test_a_direction_is_found_and_is_as_long_as_a_standard_deviation() -> None:
    normal = drawn(200, 8)
    fitted = fit(normal, 5 + 3 * normal[:, :1])
    torch.testing.assert_close(fitted.directions[0].double(), torch.eye(8, dtype=torch.float64)[0], atol=0.1, rtol=0)
    assert fitted.told[0] > 0.95


def test_an_attribute_is_found_apart_from_what_goes_with_it() -> None:
    normal = drawn(400, 12)
    # Warm rooms are often cosy ones.
    warm, cosy = normal[:, 0], 0.7 * normal[:, 0] + 0.7 * normal[:, 1]
    fitted = fit(normal, torch.stack([warm, cosy], 1))
    assert alike(fitted.directions[1], torch.eye(12)[1]) > 0.95


def test_sixty_pictures_and_as_many_numbers_as_ours_have_are_enough_to_tell() -> None:
    wanted, shares, ours, plain, long = torch.eye(128)[0], [], [], [], []
    for seed in range(8):
        normal = drawn(60, 128, seed)
        known = normal[:, :1] + 0.3 * drawn(60, 1, seed + 50)
        fitted = fit(normal, known)
        shares.append(fitted.told[0])
        ours.append(alike(fitted.directions[0], wanted))
        plain.append(alike(directions_of(normal, known)[0][0], wanted))
        long.append(float(fitted.directions[0, 0]))
    assert mean(shares) > 0.15
    assert mean(ours) > mean(plain) + 0.03 > 0.5
    assert 0.8 < mean(long) < 1.2


@pytest.mark.parametrize("seed", range(4))
def test_what_is_chance_is_not_told_although_it_can_be_read_off_the_pictures_that_were_learnt(seed: int) -> None:
    normal, chance = drawn(60, 128, seed), drawn(60, 1, seed + 100)
    assert directions_of(normal, chance, [RIDGES[0]])[1][0] > 0.9
    assert fit(normal, chance).told[0] < 0.05


def test_each_attribute_has_a_ridge_of_its_own() -> None:
    normal = drawn(300, 16)
    fitted = fit(normal, torch.cat([normal[:, :1], drawn(300, 1, seed=9)], 1))
    assert fitted.ridges[0] < fitted.ridges[1]
    assert fitted.told[0] > 0.9 > 0.05 > fitted.told[1]


def test_a_picture_far_out_does_not_outweigh_the_others() -> None:
    normal = drawn(60, 8)
    known = normal[:, :1].clone()
    normal[0] *= 40
    fitted = fit(normal, known)
    assert fitted.told[0] > 0.8
    assert 0.8 < fitted.directions[0, 0] < 1.2


def test_the_same_pictures_give_the_same_bits() -> None:
    normal = drawn(40, 16)
    one, other = (fit(normal, normal[:, :2].clone()) for _ in range(2))
    assert torch.equal(one.directions, other.directions)
    assert one.told == other.told


@pytest.mark.parametrize("size", [1e-200, 1e300])
def test_labels_of_any_size_are_the_same_labels(size: float) -> None:
    normal = drawn(50, 8)
    one, other = fit(normal, normal[:, :1]), fit(normal, normal[:, :1] * size)
    torch.testing.assert_close(one.directions, other.directions, atol=1e-5, rtol=0)


@pytest.mark.parametrize("count", [10, 11])
def test_few_pictures_and_columns_that_hardly_vary_break_nothing(count: int) -> None:
    known = torch.zeros(count, 2, dtype=torch.float64)
    known[3, 0] = 1
    known[:, 1] = torch.arange(count)
    fitted = fit(drawn(count, 128), known)
    assert torch.isfinite(fitted.directions).all()
    assert all(share <= 1 for share in fitted.told)
    same = fit(torch.ones(count, 128), known)
    assert torch.equal(same.directions, torch.zeros(2, 128))
