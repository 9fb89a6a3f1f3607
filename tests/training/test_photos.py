"""Random crops of a folder of photographs."""

from __future__ import annotations

import pytest
import torch

from pipeline.errors import MediaError
from pipeline.training.photos import Photos, open_picture
from tests.training.tiny import draw_pictures


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_crops_have_the_size_asked_for_and_lie_in_range(tmp_path):
    crops = Photos(draw_pictures(tmp_path)).batch(5, size_px=32, generator=generator(), zoom=(0.5, 3))
    assert crops.shape == (5, 3, 32, 32)
    assert 0 <= crops.min() < crops.max() <= 1


def test_one_seed_gives_the_same_crops(tmp_path):
    photos = Photos(draw_pictures(tmp_path))
    assert torch.equal(
        photos.batch(3, size_px=16, generator=generator()), photos.batch(3, size_px=16, generator=generator())
    )
    assert not torch.equal(
        photos.batch(3, size_px=16, generator=generator()), photos.batch(3, size_px=16, generator=generator(1))
    )


def test_photographs_smaller_than_the_crop_are_enlarged(tmp_path):
    assert Photos(draw_pictures(tmp_path, size=(9, 5))).batch(2, size_px=64, generator=generator()).shape[-1] == 64


def test_an_empty_folder_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("none yet")
    with pytest.raises(MediaError, match="holds no photographs"):
        Photos(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_a_file_that_is_no_picture_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(MediaError, match=r"a\.jpg: is no picture"):
        open_picture(tmp_path / "a.jpg")
