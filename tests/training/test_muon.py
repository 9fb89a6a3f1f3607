"""Muon: directions of equal length, and the way down."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from pipeline.training.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(24, 24), (8, 40), (40, 8)])
def test_a_step_has_singular_values_near_one(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    step = orthogonal(matrix)
    values = torch.linalg.svdvals(step)
    assert step.shape == matrix.shape
    assert 0.5 < values.min() <= values.max() < 1.4
    # The same rotations: the step leads where the slope does.
    assert (step * matrix).sum() > 0.8 * torch.linalg.svdvals(matrix).sum()


def test_it_finds_a_matrix_and_its_bias_and_goes_on_from_its_state() -> None:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(64, 6, generator=generator)
    wanted = inputs @ torch.randn(6, 4, generator=generator) + 0.5

    def begun() -> tuple[nn.Linear, Muon]:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(2)
            layer = nn.Linear(6, 4)
        return layer, Muon([layer.weight], [layer.bias], rate=4e-3)

    def descend(layer: nn.Linear, optimiser: Muon, steps: int) -> float:
        for _ in range(steps):
            loss = (layer(inputs) - wanted).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return float(loss.detach())

    layer, optimiser = begun()
    first = descend(layer, optimiser, 1)
    descend(layer, optimiser, 39)
    other, resumed = begun()
    other.load_state_dict(layer.state_dict())
    resumed.load_state_dict(copy.deepcopy(optimiser.state_dict()))
    last = descend(layer, optimiser, 60)
    assert last < first / 50
    descend(other, resumed, 60)
    assert torch.equal(layer.weight, other.weight)


def test_what_has_no_slope_stays() -> None:
    weight = nn.Parameter(torch.ones(2, 2))
    Muon([weight], [], rate=1.0).step()
    assert torch.equal(weight.detach(), torch.ones(2, 2))
    with pytest.raises(ValueError, match="takes no closure"):
        Muon([weight], [], rate=1.0).step(lambda: 0.0)
