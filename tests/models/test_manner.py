"""Statistics of features: measured, mixed, and given to other features."""

from __future__ import annotations

import pytest
import torch

from pipeline.models import manner
from pipeline.models.manner import Manner

RANDOM = torch.Generator().manual_seed(2)
FRAME = torch.randn(1, 6, 40, 50, generator=RANDOM)
MIXING = torch.randn(6, 6, generator=RANDOM)
PAINTING = torch.einsum("ij,njhw->nihw", MIXING, torch.randn(1, 6, 60, 30, generator=RANDOM)) + 3
NO_GRAIN = torch.zeros(6, 40, 50)


def covariance(features):
    return torch.cov(features[0].flatten(1))


def test_recoloured_features_have_the_paintings_mean_and_covariance():
    found = manner.recolour(FRAME, manner.palette(PAINTING), 1.0, NO_GRAIN)
    torch.testing.assert_close(found.mean((2, 3)), PAINTING.mean((2, 3)), atol=1e-3, rtol=0)
    distance = (covariance(found) - covariance(PAINTING)).norm() / covariance(PAINTING).norm()
    assert distance < 0.1


def test_features_recoloured_with_their_own_palette_stay():
    found = manner.recolour(PAINTING, manner.palette(PAINTING), 1.0, torch.zeros(6, 60, 30))
    torch.testing.assert_close(found, PAINTING, atol=1e-3, rtol=0)


def test_empty_directions_are_not_amplified():
    nearly_even = FRAME * 1e-3
    assert manner.recolour(nearly_even, manner.palette(FRAME), 1.0, NO_GRAIN).std() < 0.05


def test_even_features_are_given_the_grain_in_the_paintings_covariance():
    found = manner.recolour(torch.ones(1, 6, 40, 50), manner.palette(PAINTING), 1.0, FRAME[0])
    distance = (covariance(found) - covariance(PAINTING)).norm() / covariance(PAINTING).norm()
    assert distance < 0.2


def test_matched_features_have_the_paintings_moments():
    found, wanted = manner.moments(manner.match(FRAME, manner.moments(PAINTING))), manner.moments(PAINTING)
    torch.testing.assert_close(found.mean, wanted.mean, atol=1e-4, rtol=0)
    torch.testing.assert_close(found.deviation, wanted.deviation, atol=1e-3, rtol=0)


@pytest.mark.parametrize("strength", [0.0, 0.4])
def test_strength_goes_part_of_the_way(strength):
    for give in (
        lambda part: manner.match(FRAME, manner.moments(PAINTING), part),
        lambda part: manner.recolour(FRAME, manner.palette(PAINTING), part, NO_GRAIN),
    ):
        torch.testing.assert_close(give(strength), FRAME.lerp(give(1.0), strength), atol=1e-4, rtol=0)


def test_each_picture_of_a_batch_has_its_own_statistics():
    both = torch.cat([FRAME, FRAME * 2 + 1])
    torch.testing.assert_close(manner.palette(both).root[1:], manner.palette(both[1:]).root)
    torch.testing.assert_close(manner.moments(both).mean[1:], manner.moments(both[1:]).mean)


def test_one_pixel_has_statistics():
    pixel = FRAME[..., :1, :1]
    assert manner.palette(pixel).root.isfinite().all()
    assert manner.recolour(pixel, manner.palette(PAINTING), 1.0, NO_GRAIN[:, :1, :1]).isfinite().all()
    assert manner.match(pixel, manner.moments(pixel)).isfinite().all()


def test_half_precision_features_are_measured_in_float32():
    found = manner.palette(PAINTING.bfloat16())
    assert found.root.dtype == torch.float32
    torch.testing.assert_close(found.root, manner.palette(PAINTING).root, atol=0.02, rtol=0.02)
    assert manner.match(FRAME.bfloat16(), manner.moments(PAINTING)).dtype == torch.bfloat16


def test_mixing_gives_each_manner_its_share():
    one, other = (Manner([manner.palette(it)], [manner.moments(it)]) for it in (FRAME, PAINTING))
    mixed = manner.mix([one, other], [0.25, 0.75])
    torch.testing.assert_close(mixed.palettes[0].root, one.palettes[0].root.lerp(other.palettes[0].root, 0.75))
    torch.testing.assert_close(mixed.moments[0].mean, one.moments[0].mean.lerp(other.moments[0].mean, 0.75))


def test_rows_are_single_paintings():
    both = Manner([manner.palette(torch.cat([FRAME, FRAME * 2]))], [])
    torch.testing.assert_close(both.rows(slice(1, 2)).palettes[0].mean, manner.palette(FRAME * 2).mean)
