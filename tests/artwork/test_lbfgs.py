"""The optimiser: it finds what is smallest, counts evaluations, and survives losses that are no numbers."""

from __future__ import annotations

import math

import pytest
import torch

from pipeline.artwork.coarseness import favour_large_shapes
from pipeline.artwork.lbfgs import Lbfgs


def minimise(optimiser, loss, evaluations):
    for _ in range(evaluations):
        point = optimiser.ask().clone().requires_grad_()
        value = loss(point)
        (gradient,) = torch.autograd.grad(value, point)
        optimiser.tell(float(value.detach()), gradient)
    return optimiser


def valley(point):
    """Rosenbrock's, along pairs."""
    x, y = point[0::2], point[1::2]
    return (100 * (y - x * x).square() + (1 - x).square()).sum()


def test_it_follows_a_bent_valley_to_its_end():
    found = minimise(Lbfgs(torch.tensor([-1.2, 1.0] * 5), history=10), valley, 80)
    torch.testing.assert_close(found.best, torch.ones(10), rtol=0, atol=1e-2)


def test_the_loss_it_keeps_never_rises():
    optimiser, losses = Lbfgs(torch.tensor([-1.2, 1.0]), history=5), []
    for _ in range(30):
        losses.append(minimise(optimiser, valley, 1).loss)
    assert losses == sorted(losses, reverse=True)


def test_a_step_into_nothing_is_shortened():
    def cliff(point):
        return torch.where(point > 0, (point - 0.01) ** 2, math.nan).sum()

    found = minimise(Lbfgs(torch.tensor([5.0]), history=5, first_step=9.0), cliff, 30)
    assert float(found.best) == pytest.approx(0.01, abs=1e-3)


def test_nothing_to_gain_is_said():
    assert minimise(Lbfgs(torch.zeros(3), history=5), lambda point: point.square().sum(), 1).is_stuck


def test_after_forgetting_it_goes_on_as_a_fresh_one_would():
    first = minimise(Lbfgs(torch.tensor([-1.2, 1.0]), history=5), valley, 20)
    second = Lbfgs(first.best, history=5, curvature=first.curvature)
    first.forget()
    assert torch.equal(minimise(first, valley, 9).best, minimise(second, valley, 9).best)


@pytest.mark.parametrize("size", [(64, 96), (37, 51), (1, 5), (1, 1)])
def test_the_first_guess_is_symmetric_and_positive(size):
    one, other = torch.randn(2, 1, 3, *size, dtype=torch.float64)
    across, back = (favour_large_shapes(one) * other).sum(), (one * favour_large_shapes(other)).sum()
    torch.testing.assert_close(across, back)
    assert (favour_large_shapes(one) * one).sum() > 0


def test_the_first_guess_moves_large_shapes_further():
    flat, grain = torch.ones(1, 1, 64, 64), torch.ones(1, 1, 64, 64)
    grain[..., ::2] = -1
    assert favour_large_shapes(flat).abs().mean() > 3 * favour_large_shapes(grain).abs().mean()
