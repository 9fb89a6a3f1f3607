"""The losses of the two networks, against numbers worked out by hand and against finite differences."""

from __future__ import annotations

import math

import pytest
import torch

from pipeline.models.stylegan.discriminator import Discriminator
from pipeline.training.gan.losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    path_lengths,
    path_penalty,
)


def log_sigmoid(logit: float) -> float:
    return math.log(1 / (1 + math.exp(-logit)))


def test_losses_are_the_logarithms_of_the_papers() -> None:
    real, generated = [0.3, -1.2], [2.0, -0.5]
    by_hand = (
        -sum(map(log_sigmoid, real)) / 2 - sum(math.log(1 - 1 / (1 + math.exp(-logit))) for logit in generated) / 2
    )
    assert float(discriminator_loss(torch.tensor(real), torch.tensor(generated))) == pytest.approx(by_hand)
    assert float(generator_loss(torch.tensor(generated))) == pytest.approx(-sum(map(log_sigmoid, generated)) / 2)


def test_an_undecided_discriminator_loses_two_logarithms_of_two() -> None:
    nothing = torch.zeros(4)
    assert float(discriminator_loss(nothing, nothing)) == pytest.approx(2 * math.log(2))
    assert float(generator_loss(nothing)) == pytest.approx(math.log(2))


@pytest.mark.parametrize("logit", [-3.0, 0.0, 2.5])
def test_slopes_are_those_of_finite_differences(logit: float) -> None:
    step = 1e-4
    for loss in (generator_loss, lambda value: discriminator_loss(value, 2 * value)):
        at = torch.tensor([logit], dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(loss(at), at)
        with torch.no_grad():
            measured = float(loss(at + step) - loss(at - step)) / (2 * step)
        assert float(slope) == pytest.approx(measured, abs=1e-6)


def test_a_planes_penalty_is_its_slope_squared() -> None:
    slope = torch.randn(3, 4, 4)
    pictures = torch.randn(5, 3, 4, 4, requires_grad=True)
    penalty = gradient_penalty((pictures * slope).sum((1, 2, 3)), pictures)
    assert float(penalty) == pytest.approx(float(slope.square().sum()), rel=1e-5)


def test_a_discriminators_penalty_has_the_slope_of_finite_differences() -> None:
    torch.manual_seed(3)
    network = Discriminator(8, (4, 4)).double()
    pictures = torch.randn(2, 3, 8, 8, dtype=torch.float64)

    def penalty() -> torch.Tensor:
        seen = pictures.clone().requires_grad_()
        return gradient_penalty(network(seen, precision=torch.float64), seen)

    bias = network.b8.conv0.weight
    (slope,) = torch.autograd.grad(penalty(), bias)
    with torch.no_grad():
        before = bias[0, 0, 1, 1].clone()
        bias[0, 0, 1, 1] = before + 1e-5
    above = float(penalty().detach())
    with torch.no_grad():
        bias[0, 0, 1, 1] = before - 1e-5
    below = float(penalty().detach())
    assert float(slope[0, 0, 1, 1]) == pytest.approx((above - below) / 2e-5, rel=1e-3)


def test_a_linear_generators_path_lengths_are_known() -> None:
    matrix = torch.randn(3 * 2 * 2, 5, dtype=torch.float64)
    ws = torch.randn(4, 1, 5, dtype=torch.float64, requires_grad=True)
    pictures = (ws[:, 0] @ matrix.T).view(4, 3, 2, 2)
    noise = torch.randn(4, 3, 2, 2, dtype=torch.float64)
    expected = (noise.flatten(1) @ matrix / 2).norm(dim=1)
    torch.testing.assert_close(path_lengths(pictures, ws, noise), expected)


def test_unusual_paths_are_penalised_by_their_square() -> None:
    assert float(path_penalty(torch.tensor([1.0, 3.0]), torch.tensor(2.0))) == 1.0
