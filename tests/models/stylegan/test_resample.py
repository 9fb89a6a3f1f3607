"""Filters, and enlarging and shrinking through them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pipeline.models.stylegan.resample import doubling_padding, lowpass, outer_filter, resample
from tests.models.stylegan.plain import resampled


@pytest.mark.parametrize("up", [1, 2, 4])
@pytest.mark.parametrize("down", [1, 2, 4])
@pytest.mark.parametrize("padding", [(0, 0, 0, 0), (3, 1, 2, 4), (-2, 5, 1, -3), (9, 8, 9, 8), (-5, -6, -5, -6)])
@pytest.mark.parametrize("separable", [True, False])
def test_resampling_is_zeros_then_a_filter_then_leaving_out(
    up: int, down: int, padding: tuple[int, int, int, int], separable: bool
) -> None:
    rng = np.random.default_rng(0)
    features, row = rng.normal(size=(19, 22)), rng.normal(size=6)
    taps = row if separable else rng.normal(size=(6, 6))
    square = np.outer(row, row) if separable else taps
    expected = resampled(features, square, up=up, down=down, padding=padding)
    got = resample(torch.from_numpy(features)[None, None], torch.from_numpy(taps), up=up, down=down, padding=padding)
    np.testing.assert_allclose(got[0, 0].numpy(), expected, atol=1e-10)


def test_doubling_keeps_brightness_and_place() -> None:
    flat = torch.ones(1, 1, 8, 8)
    taps = outer_filter((1, 3, 3, 1))
    large = resample(flat, taps, up=2, padding=doubling_padding(4))
    assert large.shape[-2:] == (16, 16)
    torch.testing.assert_close(large[..., 2:-2, 2:-2], torch.ones(1, 1, 12, 12))
    torch.testing.assert_close(large, large.flip((2, 3)))


def test_no_filter_is_the_identity() -> None:
    features = torch.randn(2, 3, 5, 7)
    assert torch.equal(resample(features, None), features)


@pytest.mark.parametrize("radial", [False, True])
def test_a_lowpass_passes_what_is_slow_and_stops_what_is_fast(radial: bool) -> None:
    taps = lowpass(48, cutoff=8.0, width=8.0, rate=64.0, radial=radial)
    assert taps is not None
    row = taps.sum(0) if radial else taps
    seconds = torch.arange(48) / 64

    def passed(frequency: float) -> float:
        return abs((row * torch.exp(2j * torch.pi * frequency * seconds)).sum().item())

    assert passed(0) == pytest.approx(1, abs=1e-6)
    assert passed(2) == pytest.approx(1, abs=0.02)
    assert passed(8) == pytest.approx(0.5, abs=0.05), "the cutoff is where half the amplitude is left"
    assert passed(20) < 0.01


def test_a_radial_lowpass_is_the_same_in_all_directions() -> None:
    taps = lowpass(24, cutoff=4.0, width=12.0, rate=64.0, radial=True)
    assert taps is not None
    torch.testing.assert_close(taps, taps.T)
    torch.testing.assert_close(taps, taps.flip((0,)))


def test_one_tap_is_no_filter() -> None:
    assert lowpass(1, cutoff=8.0, width=8.0, rate=64.0) is None
