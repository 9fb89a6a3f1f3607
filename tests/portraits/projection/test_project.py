"""Projections: pictures of a generator's own are found again."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.errors import ConfigError, JobHalted, MediaError, ModelError
from pipeline.models.features import open_features
from pipeline.models.stylegan.generator import Generator
from pipeline.portraits.latents import z_of
from pipeline.portraits.projection.project import Snapshot, project, spread_of_w
from pipeline.portraits.projection.recipe import ProjectionRecipe

FEATURES = open_features()

SHORT = ProjectionRecipe(steps=6, samples=50, keep_every=2)

one_family = pytest.mark.parametrize("generator", ["stylegan2"], indirect=True)
"""For what is the same whatever generator there is; what is not runs over both."""


def _own(generator: Generator, seed: int = 3) -> Tensor:
    with torch.no_grad():
        styles = generator.styles(torch.from_numpy(z_of(seed, 16)))
        return (generator.picture(styles) / 2 + 0.5).clamp(0, 1)


def _projected(generator: Generator, recipe: ProjectionRecipe, **options: Any) -> list[Snapshot]:
    given = {"generator": generator, "features": FEATURES} | options
    return list(project(given.pop("photograph", _own(generator)), recipe, **given))


@pytest.mark.parametrize("generator", ["stylegan2", pytest.param("stylegan3", marks=pytest.mark.slow)], indirect=True)
def test_a_generators_own_picture_is_found_again(generator: Generator) -> None:
    picture = _own(generator)
    [result] = _projected(generator, ProjectionRecipe(steps=80, samples=200, noise=False), photograph=picture)
    assert result.curve[-1] < result.curve[0] / 10
    assert (result.picture - picture).abs().mean() < 0.05
    assert result.ws.shape == (1, generator.config.num_ws, 16)
    with torch.no_grad():
        again = (generator.picture(result.ws) / 2 + 0.5).clamp(0, 1)
    torch.testing.assert_close(again, result.picture, atol=1e-4, rtol=0)


def test_a_resumed_projection_has_the_bits_of_an_unbroken_one(generator: Generator) -> None:
    states: list[bytes] = []
    whole = _projected(generator, SHORT, frames=4, keep=states.append)
    assert [snapshot.frame for snapshot in whole] == [0, 1, 2, 3]
    rest = _projected(generator, SHORT, frames=4, state=states[0])
    assert rest[-1].curve == whole[-1].curve
    for ours, theirs in zip(rest, whole[-len(rest) :], strict=True):
        assert ours.frame == theirs.frame
        assert torch.equal(ours.ws, theirs.ws)
        assert torch.equal(ours.picture, theirs.picture)
        assert all(torch.equal(ours.noise[name], theirs.noise[name]) for name in theirs.noise)


@one_family
def test_a_halted_projection_keeps_where_it_was(generator: Generator) -> None:
    states: list[bytes] = []

    def halt(progress: Any) -> None:
        if progress.step == 3:
            raise JobHalted("paused")

    with pytest.raises(JobHalted):
        _projected(generator, SHORT, report=halt, keep=states.append)
    [result] = _projected(generator, SHORT, state=states[-1])
    [whole] = _projected(generator, SHORT)
    assert torch.equal(result.ws, whole.ws)


def test_layers_share_a_style_until_they_have_their_own(generator: Generator) -> None:
    whole, plus = (_projected(generator, ProjectionRecipe(steps=4, samples=50, plus=at))[0].ws for at in (1, 0.5))
    assert torch.equal(whole, whole[:, :1].expand_as(whole))
    assert not torch.allclose(plus, plus[:, :1].expand_as(plus))


@one_family
def test_every_step_is_reported(generator: Generator) -> None:
    told: list[Any] = []
    _projected(generator, SHORT, report=told.append)
    assert [progress.step for progress in told] == [1, 2, 3, 4, 5, 6]
    assert {"features", "colours"} <= set(told[0].losses)


@one_family
def test_another_projections_state_is_refused(generator: Generator) -> None:
    states: list[bytes] = []
    _projected(generator, SHORT, keep=states.append)
    with pytest.raises(ModelError, match="another photograph"):
        _projected(generator, SHORT, photograph=_own(generator, 4), state=states[0])
    with pytest.raises(ModelError, match="damaged"):
        _projected(generator, SHORT, state=states[0][:100])


@pytest.mark.parametrize(
    ("photograph", "face", "said"),
    [
        (torch.rand(1, 1, 40, 40), None, r"\(1, 3, H, W\)"),
        (torch.full((1, 3, 40, 40), torch.nan), None, "finite"),
        (torch.rand(1, 3, 8, 400), None, "nothing can be seen"),
        (torch.rand(1, 3, 40, 40), (10, 10, 50, 30), "outside"),
    ],
)
def test_what_cannot_be_projected_is_said_in_a_sentence(
    photograph: Tensor, face: Any, said: str, generator: Generator
) -> None:
    with pytest.raises(MediaError, match=said):
        _projected(generator, SHORT, photograph=photograph, face=face)


def test_more_frames_than_steps_are_refused(generator: Generator) -> None:
    with pytest.raises(ConfigError, match="frames"):
        _projected(generator, SHORT, frames=8)


def test_the_spread_of_w_is_its_samples(generator: Generator) -> None:
    mean, deviation = spread_of_w(generator, 1500, 0)
    assert mean.shape == (1, 16)
    same, more = spread_of_w(generator, 1500, 0), spread_of_w(generator, 3000, 1)
    assert torch.equal(mean, same[0])
    assert deviation == pytest.approx(more[1], rel=0.1)
