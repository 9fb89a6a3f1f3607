"""Random crops of a folder of photographs."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from pipeline.errors import MediaError
from pipeline.training.material import MOST_PHOTOS, check_photos, chosen, mark, open_picture
from pipeline.training.photos import Photos
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


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("L", 100, (100, 100, 100)),
        ("I;16", 100 * 257, (100, 100, 100)),
        ("RGBA", (10, 20, 30, 0), (255, 255, 255)),
        ("CMYK", (255, 0, 0, 0), (0, 255, 255)),
        ("P", 0, (0, 0, 0)),
    ],
)
def test_every_kind_of_picture_is_seen_as_8_bit_colour(tmp_path, mode, colour, seen):
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    Image.new(mode, (3, 2), colour).save(path)
    picture = open_picture(path)
    assert (picture.mode, picture.size, picture.getpixel((1, 1))) == ("RGB", (3, 2), seen)


def test_a_turned_picture_is_seen_upright(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
    assert open_picture(tmp_path / "a.jpg").size == (20, 30)


def test_a_decompression_bomb_is_refused_by_its_header(tmp_path):
    Image.new("1", (20_000, 100)).save(tmp_path / "a.png")
    with pytest.raises(MediaError, match="20000x100 is larger than the limit"):
        open_picture(tmp_path / "a.png")


def test_of_very_many_photographs_some_are_taken_evenly_spread():
    names = [f"{number:05d}.jpg" for number in range(2 * MOST_PHOTOS)]
    assert chosen(reversed(names)) == names[::2]
    assert chosen(["b.JPG", "a.png", ".hidden.png", "notes.txt"]) == ["a.png", "b.JPG"]


def test_a_mark_changes_with_names_and_sizes_alone():
    assert mark([("a", 1), ("b", 2)]) == mark([("b", 2), ("a", 1)])
    assert len({mark([("a", 1)]), mark([("b", 1)]), mark([("a", 2)])}) == 3


def test_a_photograph_that_is_none_or_too_small_is_named(tmp_path):
    paths = sorted(draw_pictures(tmp_path, count=10, size=(100, 100)).iterdir())
    check_photos(paths, "photos/")
    paths[3].write_bytes(b"no picture")
    with pytest.raises(MediaError, match=r"^photos/3\.png: is no picture"):
        check_photos(paths, "photos/")
    draw_pictures(tmp_path, count=4, size=(100, 95))
    with pytest.raises(MediaError, match=r"^photos/0\.png: 100x95 px is too small to learn from; give 96 px"):
        check_photos(paths, "photos/")
