"""New designs from old ones: spread as the old ones are, and the same from the same seed."""

from __future__ import annotations

import pytest
import torch

from pipeline.device import generator
from pipeline.interiors.variations import child, sampled, varied

MANY = 512


def normals(count: int) -> list[torch.Tensor]:
    """Latents of many numbers, so that their lengths say something."""
    return [torch.randn(1, MANY, generator=generator(seed)) for seed in range(count)]


@pytest.mark.parametrize("vary", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("stretch", [0.5, 1.0, 1.4])
def test_a_variation_is_as_long_as_what_it_varies(vary: float, stretch: float) -> None:
    start = stretch * normals(1)[0]
    assert varied(start, vary, generator(7)).norm() == pytest.approx(start.norm().item(), rel=0.1)


def test_far_off_photographs_draw_no_chance_and_no_child_out_as_far() -> None:
    near, far = normals(2)[0], 4 * normals(2)[1]
    assert varied(far, 1.0, generator(7)).norm() == pytest.approx(1.5 * MANY**0.5, rel=0.1)
    assert child([near, far], 3, vary=0.0)[0].norm() == pytest.approx(1.5 * MANY**0.5, rel=0.01)


@pytest.mark.parametrize("latent", [2, 8, 16, 100, 128, MANY])
def test_a_seed_varies_its_own_design_as_any_other_one(latent: int) -> None:
    likeness = [
        torch.cosine_similarity(own, varied(own, 1.0, generator(seed))).item()
        for seed, own in ((seed, sampled(seed, latent, truncation=0.8)) for seed in range(40))
    ]
    assert abs(sum(likeness) / 40) < 0.3


@pytest.mark.parametrize("parents", [2, 5, 16])
def test_a_child_is_as_long_as_its_parents_and_like_the_two_it_has(parents: int) -> None:
    rows = normals(parents)
    made, shares = child(rows, 3, vary=0.0)
    assert made.norm() == pytest.approx(rows[0].norm().item(), rel=0.1)
    assert len(shares) == 2
    assert sum(shares.values()) == pytest.approx(1)
    likeness = torch.cosine_similarity(made, torch.cat(rows))
    assert set(likeness.topk(2).indices.tolist()) == set(shares)
    assert likeness.topk(2).values.min() > 0.25


def test_every_favourite_has_children() -> None:
    rows = normals(4)
    assert {place for seed in range(40) for place in child(rows, seed, vary=0.2)[1]} == {0, 1, 2, 3}


def test_the_same_seed_is_the_same_child_and_another_one_another() -> None:
    rows = normals(4)
    assert torch.equal(child(rows, 5, vary=0.4)[0], child(rows, 5, vary=0.4)[0])
    assert not torch.equal(child(rows, 5, vary=0.4)[0], child(rows, 6, vary=0.4)[0])


def test_parents_that_are_opposites_have_children_all_the_same() -> None:
    [row] = normals(1)
    made, _ = child([row, -row], 0, vary=0.4)
    assert torch.isfinite(made).all()


def test_truncation_draws_a_design_towards_the_mean_one() -> None:
    assert torch.equal(sampled(3, 8, truncation=0.5), sampled(3, 8, truncation=1.0) / 2)
