"""Whole artworks, small: sizes, films, masks, colours, resuming, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from pipeline.artwork.paint import paint
from pipeline.artwork.painting import Painting
from pipeline.artwork.recipe import ArtworkRecipe
from pipeline.errors import ConfigError, MediaError, ModelError
from tests.artwork.conftest import drawn

RECIPE = ArtworkRecipe(size=64, coarsest=32, iterations=24, keep_every=5, tolerance=0)
CONTENT, WAVE, SCREAM = drawn(60, 80), drawn(50, 70, 1), drawn(90, 40, 2)
ONE = (Painting(picture=WAVE),)
LEFT = torch.zeros(1, 1, 6, 8)
LEFT[..., :4] = 1


@pytest.fixture
def painted(network):
    def run(content=CONTENT, paintings=ONE, recipe=RECIPE, **options):
        return list(paint(content, paintings, recipe, network=network, half=False, **options))

    return run


class Stop(Exception):
    """Whatever breaks an artwork off."""


def test_one_picture_of_the_size_asked_for_is_given(painted):
    (artwork,) = painted()
    assert artwork.picture.shape == (1, 3, 48, 64)
    assert (artwork.frame, artwork.evaluation) == (0, 24)
    assert 0 <= artwork.picture.min() <= artwork.picture.max() <= 1


def test_losses_fall_at_every_size(painted):
    told = []
    painted(report=told.append)
    assert [progress.evaluation for progress in told] == list(range(1, 25))
    assert {progress.scale: (progress.width, progress.height) for progress in told} == {0: (32, 24), 1: (64, 48)}
    for scale in (0, 1):
        losses = [sum(progress.losses.values()) for progress in told if progress.scale == scale]
        assert min(losses) < losses[0]


def test_the_film_begins_with_the_content_and_ends_with_the_artwork(painted):
    film = painted(frames=7)
    assert [frame.frame for frame in film] == list(range(7))
    assert {frame.picture.shape for frame in film} == {(1, 3, 48, 64)}
    assert torch.equal(film[-1].picture, painted()[0].picture)
    distances = [float((frame.picture - film[-1].picture).abs().mean()) for frame in film]
    assert distances[0] > distances[3] > distances[-1] == 0


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(painted):
    recipe = replace(RECIPE, noise=1.0, iterations=6)
    first, again, other = (painted(recipe=replace(recipe, seed=seed))[0].picture for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_every_kept_state_leads_to_the_same_film(painted):
    states = []
    film = painted(frames=6, keep=states.append)
    assert len(states) > 4
    for state in states:
        rest = painted(frames=6, state=state)
        assert [frame.frame for frame in rest] == list(range(6))[-len(rest) :]
        assert all(torch.equal(new.picture, film[new.frame].picture) for new in rest)


def test_the_report_may_stop_a_run_that_then_goes_on_where_it_was(painted):
    states, whole = [], painted()[0].picture

    def stop(progress):
        if progress.evaluation == 13:
            raise Stop

    with pytest.raises(Stop):
        painted(report=stop, keep=states.append)
    told = []
    (artwork,) = painted(state=states[-1], report=told.append)
    assert told[0].evaluation == 11
    assert torch.equal(artwork.picture, whole)


@pytest.mark.parametrize("state", [b"", b"not a state", None])
def test_a_state_that_is_damaged_or_anothers_is_refused(painted, state):
    if state is None:
        states = []
        painted(paintings=[Painting(picture=SCREAM)], keep=states.append)
        state = states[0]
    with pytest.raises(ModelError, match=r"kept state .*; delete it to begin anew"):
        painted(state=state)


def test_where_no_mask_reaches_the_content_stays(painted):
    (artwork,) = painted(content=drawn(48, 64), paintings=[Painting(picture=WAVE, mask=LEFT)])
    changed = (artwork.picture - drawn(48, 64)).abs().amax(1)
    assert changed[..., 40:].max() == 0
    assert changed[..., :24].mean() > 0


def test_each_mask_has_its_painting_and_the_rest_the_others(painted):
    dark, light = torch.zeros(1, 3, 40, 40), torch.ones(1, 3, 40, 40)
    paintings = [Painting(picture=light, mask=LEFT), Painting(picture=dark)]
    # Random features tell dark from light alone, so the content must not hold them.
    (artwork,) = painted(paintings=paintings, recipe=replace(RECIPE, content=0, iterations=60))
    assert artwork.picture[..., :24].mean() > artwork.picture[..., 40:].mean()


@pytest.mark.parametrize("colours", ["palette", "luminance"])
def test_the_contents_colours_are_kept(painted, colours):
    red = torch.tensor([0.8, 0.2, 0.2]).view(1, 3, 1, 1) * (0.5 + 0.5 * drawn(60, 80).mean(1, keepdim=True))
    blue = WAVE * torch.tensor([0.2, 0.3, 1.0]).view(1, 3, 1, 1)
    (artwork,) = painted(content=red, paintings=[Painting(picture=blue)], recipe=replace(RECIPE, colours=colours))
    mean = artwork.picture.mean((0, 2, 3))
    assert mean[0] > mean[2] + 0.2


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2, 3), (200, 5)])
def test_any_size_is_painted(painted, size):
    recipe = replace(RECIPE, iterations=4)
    (artwork,) = painted(content=drawn(*size), paintings=[Painting(picture=drawn(*size[::-1], 1))], recipe=recipe)
    assert max(artwork.picture.shape[2:]) == 64
    assert torch.isfinite(artwork.picture).all()


@pytest.mark.parametrize("colours", ["painting", "palette", "luminance"])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_pictures_of_one_colour_are_painted(painted, value, colours):
    flat, recipe = torch.full((1, 3, 40, 40), value), replace(RECIPE, colours=colours, iterations=4)
    (artwork,) = painted(content=flat, paintings=[Painting(picture=flat)], recipe=recipe)
    assert torch.isfinite(artwork.picture).all()


def test_a_size_that_gains_nothing_more_is_finished_early(painted):
    told, recipe = [], replace(RECIPE, iterations=200, tolerance=0.2, patience=5)
    film = painted(recipe=recipe, frames=9, report=told.append)
    assert len(told) < 200
    assert {progress.scale for progress in told} == {0, 1}
    assert [frame.frame for frame in film] == list(range(9))


def test_tiles_paint_nearly_the_same(painted):
    recipe = replace(RECIPE, size=160, coarsest=160, iterations=4)
    whole, tiled = (painted(recipe=recipe, tile_px=side)[0].picture for side in (1024, 64))
    assert (whole - tiled).abs().mean() < 1e-3


@pytest.mark.parametrize("picture", [torch.rand(3, 8, 8), torch.rand(1, 1, 8, 8), torch.empty(1, 3, 0, 8)])
def test_what_is_no_picture_is_refused_by_name(painted, picture):
    with pytest.raises(MediaError, match="the content: is "):
        painted(content=picture)
    with pytest.raises(MediaError, match="painting 2: is "):
        painted(paintings=[Painting(picture=WAVE), Painting(picture=picture)])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_pictures_with_values_that_are_no_numbers_are_refused(painted, value):
    with pytest.raises(MediaError, match="painting 1: holds values that are no finite floats"):
        painted(paintings=[Painting(picture=torch.full((1, 3, 8, 8), value))])


def test_a_mask_that_is_black_is_refused(painted):
    with pytest.raises(MediaError, match="the mask of painting 1: it is black all over"):
        painted(paintings=[Painting(picture=WAVE, mask=torch.zeros(1, 1, 4, 4))])


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_that_make_no_mix_are_refused(painted, weight):
    with pytest.raises(ConfigError, match="painting 1: its weight"):
        painted(paintings=[Painting(picture=WAVE, weight=weight)])


def test_losses_that_are_not_finite_are_said(painted):
    with pytest.raises(ConfigError, match="the losses are not finite at evaluation 0"):
        painted(recipe=replace(RECIPE, style=1e38))


@pytest.mark.parametrize("options", [{"frames": 0}, {"frames": 26}, {"tile_px": 8}, {"paintings": []}])
def test_what_makes_no_sense_is_refused(painted, options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        painted(**options)
