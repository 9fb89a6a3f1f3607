"""Augmentation: identities change nothing, matrices do what they say, the probability finds its target."""

from __future__ import annotations

import math

import pytest
import torch

from pipeline.training.gan.augment import _SYM6, Adaptive, augment, recolour, warp
from pipeline.training.gan.transforms import Lots, _about_grey, colours, places


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.rand(3, 3, 32, 32, generator=chance(5)) * 2 - 1


def matrix(*rows: tuple[float, float, float]) -> torch.Tensor:
    return torch.tensor([*rows, (0, 0, 1)], dtype=torch.float32).expand(3, 3, 3)


def test_the_filter_is_orthogonal() -> None:
    taps = torch.tensor(_SYM6, dtype=torch.float64)
    for shift in range(0, len(_SYM6), 2):
        assert float((taps[shift:] * taps[: len(taps) - shift]).sum()) == pytest.approx(float(shift == 0), abs=1e-9)


def test_never_is_the_same_tensor(pictures: torch.Tensor) -> None:
    assert augment(pictures, 0.0, chance()) is pictures


def test_the_identity_changes_nothing_but_at_the_edges(pictures: torch.Tensor) -> None:
    same = warp(pictures, matrix((1, 0, 0), (0, 1, 0)))
    torch.testing.assert_close(same[..., 6:-6, 6:-6], pictures[..., 6:-6, 6:-6], atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (((-1, 0, 0), (0, 1, 0)), lambda whole: whole.flip(3)),
        (((0, -1, 0), (1, 0, 0)), lambda whole: whole.rot90(1, (2, 3))),
        (((1, 0, 4 / 16), (0, 1, 0)), lambda whole: whole.roll(-4, 3)),
    ],
)
def test_smooth_pictures_are_flipped_turned_and_shifted_exactly(rows, expected) -> None:
    axis = torch.linspace(0, math.pi, 32)
    smooth = (axis.sin()[:, None] * (0.5 + axis.cos()[None, :] / 3)).expand(3, 3, 32, 32)
    moved = warp(smooth, matrix(*rows))
    torch.testing.assert_close(moved[..., 8:-8, 8:-8], expected(smooth)[..., 8:-8, 8:-8], atol=0.02, rtol=0)


def test_always_is_decided_by_the_generator_alone(pictures: torch.Tensor) -> None:
    assert torch.equal(augment(pictures, 1.0, chance(1)), augment(pictures, 1.0, chance(1)))
    assert not torch.equal(augment(pictures, 1.0, chance(1)), augment(pictures, 1.0, chance(2)))


def test_slopes_reach_the_pictures(pictures: torch.Tensor) -> None:
    pictures.requires_grad_()
    augment(pictures, 1.0, chance()).sum().backward()
    assert pictures.grad is not None
    assert pictures.grad.isfinite().all()
    assert pictures.grad.abs().sum() > 0


@pytest.mark.parametrize("probability", [0.2, 0.7])
def test_transforms_are_made_as_often_as_asked(probability: float) -> None:
    lots = Lots(4000, probability, chance())
    made = (lots.perhaps(torch.ones(4000), 0.0)).mean()
    assert float(made) == pytest.approx(probability, abs=0.03)
    touched = (places(lots, 32) != torch.eye(3)).flatten(1).any(1).float().mean()
    # A flip or turn by nothing leaves a picture alone.
    untouched = (1 - probability / 2) * (1 - 3 / 4 * probability) * (1 - probability) ** 5
    assert float(touched) == pytest.approx(1 - untouched, abs=0.03)


def test_without_lots_matrices_are_identities() -> None:
    lots = Lots(5, 0.0, chance())
    assert torch.equal(places(lots, 32), torch.eye(3).expand(5, 3, 3))
    torch.testing.assert_close(colours(lots), torch.eye(3, 4).expand(5, 3, 4))


def test_hues_turn_about_grey() -> None:
    third = _about_grey(torch.tensor([2 * math.pi / 3]))[0]
    red, grey = torch.tensor([1.0, 0, 0]), torch.full((3,), 0.4)
    torch.testing.assert_close(third @ grey, grey)
    torch.testing.assert_close(third @ red, torch.tensor([0, 1.0, 0]), atol=1e-6, rtol=0)


def test_colours_go_through_a_matrix_with_an_offset(pictures: torch.Tensor) -> None:
    matrices = torch.cat([2 * torch.eye(3), torch.ones(3, 1)], 1).expand(3, 3, 4)
    torch.testing.assert_close(recolour(pictures, matrices), 2 * pictures + 1)


def test_the_probability_rises_while_the_discriminator_is_too_sure() -> None:
    adaptive = Adaptive(target=0.6, images=1000)
    for _ in range(3):
        adaptive.adapt(0.9, 100)
    assert adaptive.probability == pytest.approx(0.3)
    adaptive.adapt(0.1, 200)
    assert adaptive.probability == pytest.approx(0.1)
    adaptive.adapt(-1.0, 5000)
    assert adaptive.probability == 0
    adaptive.adapt(1.0, 5000)
    assert adaptive.probability == 1
