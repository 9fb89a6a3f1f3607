"""The Fréchet distance, of Gaussians whose distance is known."""

from __future__ import annotations

import pytest
import torch

from pipeline.models.features import SHIPPED, load
from pipeline.training.frechet import Gaussian, distance, features_of, gaussian

ZERO = torch.zeros(3, dtype=torch.float64)


def diagonal(*variances: float) -> torch.Tensor:
    return torch.diag(torch.tensor(variances, dtype=torch.float64))


def test_equal_gaussians_are_not_apart() -> None:
    rows = torch.randn(50, 8, dtype=torch.float64)
    assert distance(gaussian([rows]), gaussian([rows])) == pytest.approx(0, abs=1e-9)


def test_means_count_by_their_square() -> None:
    shifted = torch.tensor([3.0, 4.0, 0.0], dtype=torch.float64)
    assert distance(Gaussian(ZERO, diagonal(1, 2, 3)), Gaussian(shifted, diagonal(1, 2, 3))) == pytest.approx(25)


def test_along_axes_deviations_count_by_their_square() -> None:
    # (2-1)² + (3-1)² + (0-4)²
    assert distance(Gaussian(ZERO, diagonal(4, 9, 0)), Gaussian(ZERO, diagonal(1, 1, 16))) == pytest.approx(21)


def test_turning_both_changes_nothing() -> None:
    turn, _ = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))
    first, second = diagonal(4, 9, 1), diagonal(1, 1, 16)
    turned = [Gaussian(ZERO, turn @ matrix @ turn.T) for matrix in (first, second)]
    assert distance(*turned) == pytest.approx(distance(Gaussian(ZERO, first), Gaussian(ZERO, second)))


def test_batches_make_one_gaussian() -> None:
    rows = torch.randn(20, 4)
    whole, parts = gaussian([rows]), gaussian(rows.split(7))
    torch.testing.assert_close(whole.mean, parts.mean)
    torch.testing.assert_close(whole.covariance, torch.cov(rows.double().T))
    torch.testing.assert_close(whole.covariance, parts.covariance)


def test_blurred_pictures_are_further_away_the_more_they_are_blurred() -> None:
    network = load(SHIPPED)
    pictures = torch.rand(24, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    sharp = gaussian([features_of(network, pictures)])
    apart = []
    for size in (3, 5):
        blurred = torch.nn.functional.avg_pool2d(pictures, size, 1, size // 2, count_include_pad=False)
        apart.append(distance(sharp, gaussian([features_of(network, blurred)])))
    assert 0 < apart[0] < apart[1]
