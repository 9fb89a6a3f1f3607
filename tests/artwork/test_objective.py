"""What the losses call small, their gradients, and that tiles change neither."""

from __future__ import annotations

import pytest
import torch

from pipeline.artwork.objective import Objective
from pipeline.artwork.painting import Painting, areas
from pipeline.artwork.recipe import ArtworkRecipe, Layers
from tests.artwork.conftest import drawn

LEFT = torch.zeros(1, 1, 64, 192)
LEFT[..., :96] = 1


def objective(network, content, paintings, recipe=None, **options):
    found = areas(paintings, *content.shape[2:])
    return Objective(network, recipe or ArtworkRecipe(), content, found, **options)


def test_the_content_has_no_content_loss(network):
    content = drawn(70, 90)
    found = objective(network, content, [Painting(picture=drawn(60, 60, 1))])(content)
    assert found.losses["content"] == 0
    assert found.losses["style"] > 0


def test_the_painting_has_no_style_loss(network):
    painting = drawn(80, 96, 1)
    found = objective(network, drawn(80, 96), [Painting(picture=painting)])(painting)
    assert found.losses["style"] == pytest.approx(0, abs=1e-9)
    assert found.losses["content"] > 0


def test_the_gradient_points_where_the_losses_grow(network):
    content, towards = drawn(40, 56), torch.randn(1, 3, 40, 56, generator=torch.Generator().manual_seed(1))
    measure = objective(network, content, [Painting(picture=drawn(50, 50, 1))])
    start = drawn(40, 56, 2)
    step = 3e-4
    rise = (measure(start + step * towards).loss - measure(start - step * towards).loss) / (2 * step)
    assert rise == pytest.approx(float((measure(start).gradient * towards).sum()), rel=0.05)


@pytest.mark.parametrize("mask", [None, LEFT])
@pytest.mark.parametrize("depth", ["network", "deep_network"])
def test_tiles_change_neither_losses_nor_gradients(request, depth, mask):
    network, content, start = request.getfixturevalue(depth), drawn(70, 300), drawn(70, 300, 2)
    paintings = [Painting(picture=drawn(80, 100, 1), mask=mask), Painting(picture=drawn(50, 99, 3), weight=0.5)]
    whole, tiled = (objective(network, content, paintings, tile_px=side)(start) for side in (1024, 144))
    assert tiled.losses == pytest.approx(whole.losses, rel=1e-4)
    difference = (tiled.gradient - whole.gradient).abs().max() / whole.gradient.abs().max()
    assert difference < 1e-3


def test_paintings_without_masks_are_mixed_by_weight(network):
    content, start = drawn(64, 64), drawn(64, 64, 4)
    one, other = Painting(picture=drawn(64, 64, 1), weight=3), Painting(picture=drawn(64, 64, 2), weight=0)
    assert objective(network, content, [one, other])(start).losses == pytest.approx(
        objective(network, content, [one])(start).losses
    )


def test_a_masked_painting_pulls_nothing_elsewhere(network):
    content = drawn(64, 192)
    found = objective(network, content, [Painting(picture=drawn(64, 64, 1), mask=LEFT)])(drawn(64, 192, 2))
    assert found.gradient[..., :90].abs().max() > 0
    assert found.gradient[..., 110:].abs().max() == 0


def test_unmasked_paintings_take_what_masks_leave():
    masked, other = Painting(picture=drawn(8, 8), mask=LEFT), Painting(picture=drawn(8, 8, 1))
    left, right = areas([masked, other], 16, 16)
    assert torch.equal(left.mask + right.mask, torch.ones(1, 1, 16, 16))


def test_bfloat16_finds_nearly_the_same(network):
    content, start = drawn(96, 96), drawn(96, 96, 2)
    paintings = [Painting(picture=drawn(96, 96, 1))]
    full, half = (
        objective(network, content, paintings, dtype=dtype)(start) for dtype in (torch.float32, torch.bfloat16)
    )
    assert half.loss == pytest.approx(full.loss, rel=0.02)
    assert torch.cosine_similarity(full.gradient.flatten(), half.gradient.flatten(), dim=0) > 0.97


def test_levels_may_compare_nothing(network):
    recipe = ArtworkRecipe(layers=Layers(content=(("relu2_1",),), style=((), ("relu1_1",))))
    found = objective(network, drawn(70, 70), [Painting(picture=drawn(70, 70, 1))], recipe)(drawn(70, 70, 2))
    assert found.losses["style"] > 0
    assert found.losses["content"] > 0


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (33, 2)])
def test_tiny_pictures_have_losses_too(network, size):
    found = objective(network, drawn(*size), [Painting(picture=drawn(5, 1, 1))])(drawn(*size, 2))
    assert torch.isfinite(found.gradient).all()
    assert found.gradient.shape[2:] == size
