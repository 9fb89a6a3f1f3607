"""Recipes: sizes and evaluations, layers by network, and values out of range."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.artwork.film import spread
from pipeline.artwork.recipe import DEEP, SHALLOW, ArtworkRecipe, Layers
from pipeline.errors import ConfigError


def test_sizes_double_up_to_the_last():
    assert ArtworkRecipe(size=1024).sizes() == [256, 512, 1024]
    assert ArtworkRecipe(size=700).sizes()[-1] == 700
    assert ArtworkRecipe(size=1).sizes() == [1]


@pytest.mark.parametrize("iterations", [1, 2, 7, 500])
def test_all_evaluations_are_spent_and_most_where_they_are_cheap(iterations):
    budgets = ArtworkRecipe(size=2048, iterations=iterations).budgets()
    assert sum(budgets) == iterations
    assert min(budgets) >= 0
    assert budgets[0] == max(budgets)


def test_layers_are_chosen_by_what_the_network_has(network, deep_network):
    assert ArtworkRecipe().layers_for(network.layers) == SHALLOW
    assert ArtworkRecipe().layers_for(deep_network.layers) == DEEP


def test_a_layer_that_the_network_lacks_is_named(network):
    recipe = ArtworkRecipe(layers=Layers(content=(("relu4_2",),), style=(("relu1_1",),)))
    with pytest.raises(ConfigError, match="no 'relu4_2'; it has relu1_1, relu1_2"):
        recipe.layers_for(network.layers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", 0),
        ("size", 100_000),
        ("iterations", 0),
        ("style", -1),
        ("content", float("nan")),
        ("variation", float("inf")),
        ("colours", "sepia"),
        ("noise", 1.5),
        ("tolerance", 1),
        ("share", 0),
        ("stroke", 0),
    ],
)
def test_a_value_out_of_range_is_named(name, value):
    with pytest.raises(ConfigError, match=f"^{name}: .* is out of range; give "):
        ArtworkRecipe(**{name: value})


def test_frames_lie_closer_at_the_beginning_and_never_together():
    due = spread(50, 0, 500)
    gaps = [later - earlier for earlier, later in pairwise(due)]
    assert due[0] == 0
    assert due[-1] < 500
    assert min(gaps) >= 1
    assert sum(gaps[:10]) < sum(gaps[-10:])


@pytest.mark.parametrize(("frames", "evaluations"), [(10, 10), (3, 4), (1, 1), (0, 9)])
def test_each_frame_but_the_last_has_an_evaluation_of_its_own(frames, evaluations):
    assert len(set(spread(frames, 0, evaluations))) == frames


def test_frames_without_evaluations_are_given_together():
    assert spread(3, 7, 7) == (7, 7, 7)
