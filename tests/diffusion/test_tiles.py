"""Large pictures in tiles: they cover it, and become one picture without seams."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.diffusion import tiles
from tests.media import numbered_picture


@pytest.mark.parametrize(("width", "height"), [(512, 512), (513, 100), (1024, 1500), (4000, 512)])
def test_tiles_of_one_size_cover_a_picture_and_overlap(width: int, height: int) -> None:
    boxes = tiles.tiles(width, height)
    seen = np.zeros((height, width), int)
    for left, top, right, bottom in boxes:
        seen[top:bottom, left:right] += 1
    assert seen.min() == 1
    assert {(right - left, bottom - top) for left, top, right, bottom in boxes} == {(min(width, 512), min(height, 512))}
    for side, at in ((width, 0), (height, 1)):
        starts = sorted({box[at] for box in boxes})
        assert all(after - before <= 512 - 64 for before, after in pairwise(starts))
        assert starts[-1] + min(side, 512) == side


def test_what_tiles_agree_upon_is_what_is_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "SIDE", 32)
    monkeypatch.setattr(tiles, "OVERLAP", 8)
    photo = Image.fromarray(numbered_picture(3, 70, 50))
    asked = []

    def nearest(image: list[Image.Image], **given: Any) -> Any:
        """Enlarges each pixel alone, so that all tiles agree."""
        asked.append(image[0].size)
        images = [np.asarray(each, np.float32).repeat(2, 0).repeat(2, 1) / 255 for each in image]
        return SimpleNamespace(images=images, nsfw_content_detected=[False, len(asked) == 2])

    made = tiles.in_tiles(nearest, 2, image=[photo, photo])
    expected = np.asarray(photo, np.float32).repeat(2, 0).repeat(2, 1) / 255
    assert set(asked) == {(32, 32)}
    assert np.abs(made.images[1] - expected).max() < 1e-6
    assert made.nsfw_content_detected == [False, True]


def test_a_seam_is_a_gradual_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "SIDE", 32)
    monkeypatch.setattr(tiles, "OVERLAP", 8)
    boxes = tiles.tiles(56, 8)
    assert [(box[0], box[2]) for box in boxes] == [(0, 32), (24, 56)]
    pieces = [np.full((8, 32, 3), value, np.float32) for value in (0.0, 1.0)]
    row = tiles.joined(pieces, boxes, 1, (56, 8))[4, :, 0]
    assert (row[:24] == 0).all()
    assert (row[32:] == 1).all()
    assert (np.diff(row[23:33]) > 0).all()
    assert np.diff(row).max() < 0.2
