"""Filtered activations, tile by tile, are the plain steps one after the other."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.models.stylegan.filtered import Filters, bent, taps_of
from pipeline.models.stylegan.resample import lowpass, resample

RADIAL = lowpass(12, cutoff=4, width=8, rate=32, radial=True)


def _taps(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)) / shape[0]


CASES: dict[str, dict[str, Any]] = {
    "twice": {"up": 2, "down": 2, "up_taps": _taps(12), "down_taps": _taps(12), "padding": (9, 8, 9, 8)},
    "cut off": {"up": 4, "down": 2, "up_taps": _taps(24), "down_taps": _taps(12), "padding": (-7, -6, -7, -6)},
    "all ways alike": {"up": 2, "down": 2, "up_taps": _taps(12), "down_taps": RADIAL, "padding": (6, 7, 7, 6)},
    "any filter": {"up": 2, "down": 4, "up_taps": _taps(6), "down_taps": _taps(5, 5), "padding": (9, 2, 3, 4)},
    "wide edges": {"up": 1, "down": 1, "up_taps": None, "down_taps": None, "padding": (40, 3, 2, 50)},
}


def _plain(features: Tensor, case: dict[str, Any], most: float | None) -> Tensor:
    up = resample(features, case["up_taps"], up=case["up"], padding=case["padding"])
    bent = F.leaky_relu(up, 0.2) * 2**0.5
    return resample(bent if most is None else bent.clamp(-most, most), case["down_taps"], down=case["down"])


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CASES[request.param]


def _filters(case: dict[str, Any], most: float | None) -> Filters:
    given = case | {name: taps_of(case[name]) for name in ("up_taps", "down_taps")}
    return Filters(most=most, **given)


@pytest.mark.parametrize("most", [None, 0.7])
def test_tiles_are_the_plain_steps(case: dict[str, Any], most: float | None) -> None:
    features = torch.randn(2, 3, 37, 26, dtype=torch.float64)
    found = bent(features, _filters(case, most))
    # Beside float64 the filters' own taps are rounded, and a term may be left out.
    torch.testing.assert_close(found, _plain(features, case, most), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("most", [None, 0.7])
def test_gradients_are_the_plain_steps(case: dict[str, Any], most: float | None) -> None:
    features = torch.randn(2, 3, 37, 26, dtype=torch.float64, requires_grad=True)
    found = bent(features, _filters(case, most))
    weights = torch.randn_like(found)
    [ours] = torch.autograd.grad((found * weights).sum(), features)
    [plain] = torch.autograd.grad((_plain(features, case, most) * weights).sum(), features)
    torch.testing.assert_close(ours, plain, atol=1e-5, rtol=1e-5)


def test_what_was_made_without_gradients_serves_those_with_them() -> None:
    filters = _filters(CASES["twice"], None)
    with torch.inference_mode():
        bent(torch.randn(1, 2, 31, 31), filters)
    bent(torch.randn(1, 2, 31, 31, requires_grad=True), filters).sum().backward()


def test_a_map_does_not_depend_on_its_batch() -> None:
    filters, features = _filters(CASES["twice"], 256), torch.randn(3, 4, 20, 20)
    assert torch.equal(bent(features, filters)[1:2], bent(features[1:2], filters))
