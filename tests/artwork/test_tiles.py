"""Tiles cover a picture once, and their features are the whole picture's."""

from __future__ import annotations

import pytest
import torch

from pipeline.artwork.tiles import block_of, stride_of, tiles
from tests.artwork.conftest import drawn


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 300), (129, 257), (512, 512)])
def test_tiles_cover_each_pixel_once(height, width):
    seen = torch.zeros(height, width)
    for tile in tiles(height, width, side_px=64, block=3):
        seen[slice(*tile.rows), slice(*tile.columns)] += 1
    assert (seen == 1).all()


def test_a_small_picture_is_one_tile():
    (tile,) = tiles(100, 200, side_px=256, block=3)
    assert tile.rows == tile.seen_rows == (0, 100)


@pytest.mark.parametrize("layer", ["relu1_2", "relu2_2", "relu3_4", "relu4_1", "relu5_1"])
def test_a_tiles_features_are_the_whole_pictures(deep_network, layer):
    picture = drawn(75, 405)
    whole = deep_network(picture, [layer])[layer]
    for tile in tiles(75, 405, side_px=144, block=block_of(layer)):
        own = tile.own(deep_network(tile.seen(picture), [layer])[layer], stride_of(layer))
        torch.testing.assert_close(own, tile.part(whole, stride_of(layer)), rtol=1e-4, atol=1e-4)


def test_layers_say_how_coarse_they_are():
    assert [(block_of(layer), stride_of(layer)) for layer in ("relu1_2", "relu3_4", "relu5_1")] == [
        (1, 1),
        (3, 4),
        (5, 16),
    ]
