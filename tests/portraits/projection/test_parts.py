"""A projection's parts: its photograph, schedule, noise and distances."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from pipeline.errors import ConfigError
from pipeline.models.features import open_features
from pipeline.portraits.projection.likeness import Likeness
from pipeline.portraits.projection.noise import fresh_noise, unevenness, whiten
from pipeline.portraits.projection.recipe import ProjectionRecipe
from pipeline.portraits.projection.target import target_of
from tests.portraits.conftest import tiny


def _numbered(height: int, width: int) -> torch.Tensor:
    """Red is the column, green the row, as parts of 1000."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([columns, rows, torch.zeros_like(rows)])[None] / 1000


@pytest.mark.parametrize(
    ("face", "corner"),
    [
        (None, (40, 0)),
        ((10, 20, 30, 30), (10, 15)),
        ((0, 0, 10, 30), (0, 0)),
        ((170, 90, 200, 120), (170, 90)),
        ((0, 0, 200, 120), (40, 0)),
    ],
)
def test_a_square_is_cut_about_the_middle_or_the_face(face: Any, corner: tuple[int, int]) -> None:
    side = 120 if face in (None, (0, 0, 200, 120)) else max(face[2] - face[0], face[3] - face[1])
    cut = target_of(_numbered(120, 200), side, face=face)
    assert cut.shape == (1, 3, side, side)
    assert (round(float(cut[0, 0, 0, 0]) * 1000), round(float(cut[0, 1, 0, 0]) * 1000)) == corner


def test_rates_rise_and_fall() -> None:
    recipe = ProjectionRecipe(steps=100)
    ramp = [recipe.ramp_at(step) for step in range(100)]
    assert ramp[10:75] == [1.0] * 65
    assert 0 < ramp[0] < ramp[3] < 1
    assert 0 < ramp[99] < ramp[80] < 1
    blur = [recipe.blur_at(step) for step in range(100)]
    assert blur[0] == 0.05
    assert blur == sorted(blur, reverse=True)
    assert blur[75:] == [0.0] * 25
    assert [recipe.is_plus(step) for step in (49, 50)] == [False, True]


@pytest.mark.parametrize("values", [{"steps": 0}, {"plus": 1.5}, {"rate": 0}, {"blur": float("nan")}, {"samples": 1}])
def test_a_recipe_that_makes_no_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        ProjectionRecipe(**values)


def test_shapes_in_noise_count_and_white_noise_hardly() -> None:
    white = torch.randn(64, 64, generator=torch.Generator().manual_seed(0))
    smooth = torch.nn.functional.avg_pool2d(white[None], 3, 1, 1)[0]
    smooth = smooth / smooth.std()
    assert unevenness(white) < 0.1
    assert unevenness(smooth) > 3 * unevenness(white)


def test_noise_is_brought_back_to_mean_0_and_variance_1() -> None:
    noise = {"a": torch.rand(16, 16) * 3 + 5}
    whiten(noise)
    assert abs(float(noise["a"].mean())) < 1e-5
    assert float(noise["a"].square().mean()) == pytest.approx(1, abs=1e-4)


def test_stylegan2_has_noise_and_stylegan3_has_none() -> None:
    assert set(fresh_noise(tiny("stylegan2"), 0)) >= {"b4.conv1.noise_const", "b32.conv0.noise_const"}
    assert fresh_noise(tiny("stylegan3"), 0) == {}


def test_a_picture_is_no_distance_from_itself() -> None:
    picture = torch.rand(1, 3, 64, 64)
    likeness = Likeness(picture, open_features(), longest_px=32, colours=1)
    assert sum(map(float, likeness(picture).values())) == 0
    near, far = (sum(map(float, likeness(picture.lerp(1 - picture, by)).values())) for by in (0.1, 0.5))
    assert 0 < near < far
