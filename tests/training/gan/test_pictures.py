"""What a GAN learns from: each picture made once, the same in any process, kept in memory or in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.drawing.portraits import draw, sample
from pipeline.errors import ConfigError, MediaError
from pipeline.training.pictures import Drawn, Opened, Pictures, drawing_mark
from tests.training.gan.tiny import blobs


def test_each_picture_is_made_once_when_it_is_wanted() -> None:
    asked: list[int] = []

    def make(number: int) -> np.ndarray:
        asked.append(number)
        return blobs(number)

    pictures = Pictures(make, 5, 32)
    first, again = pictures.of([3, 1, 3]), pictures.of([1])
    assert asked == [3, 1]
    assert torch.equal(first[1:2], again)
    assert first.is_contiguous(memory_format=torch.channels_last)
    assert np.array_equal(((first[0].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy(), blobs(3))


def test_a_batch_is_the_generators() -> None:
    pictures = Pictures(blobs, 20, 32)
    one, same, other = (
        pictures.batch(6, generator=torch.Generator().manual_seed(seed), mirror=False) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert (one.min() >= -1, one.max() <= 1) == (True, True)


def test_half_of_the_pictures_are_mirrored() -> None:
    pictures = Pictures(blobs, 1, 32)
    batch = pictures.batch(100, generator=torch.Generator().manual_seed(0), mirror=True)
    plain = pictures.of([0])[0]
    mirrored = [torch.equal(picture, plain.flip(2)) for picture in batch]
    assert 30 < sum(mirrored) < 70
    assert all(flipped or torch.equal(picture, plain) for picture, flipped in zip(batch, mirrored, strict=True))


def test_portraits_are_drawn_by_their_numbers() -> None:
    assert np.array_equal(Drawn(32)(7), draw(sample(7), 32))
    assert len(drawing_mark()) == 16


def test_files_give_their_middle_square(tmp_path: Path) -> None:
    picture = Image.new("RGB", (96, 48), "red")
    picture.paste("blue", (24, 0, 72, 48))
    picture.save(tmp_path / "a.png")
    made = Opened([tmp_path / "a.png"], 32)(0)
    assert made.shape == (32, 32, 3)
    assert (made[:, 4:-4] == (0, 0, 255)).all()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    with pytest.raises(MediaError, match=r"a\.jpg: is no picture"):
        Opened([tmp_path / "a.jpg"], 32)(0)


def test_kept_pictures_are_found_again(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "blobs.npy"
    made = Pictures(blobs, 4, 32, file=file).of([2])

    def never(number: int) -> np.ndarray:
        raise AssertionError

    assert torch.equal(Pictures(never, 4, 32, file=file).of([2]), made)


def test_a_file_of_other_pictures_is_refused(tmp_path: Path) -> None:
    Pictures(blobs, 4, 32, file=tmp_path / "blobs.npy")
    with pytest.raises(ConfigError, match=r"blobs\.npy: keeps other pictures"):
        Pictures(blobs, 5, 32, file=tmp_path / "blobs.npy")
    (tmp_path / "blobs.npy").write_bytes(b"none")
    with pytest.raises(ConfigError, match=r"blobs\.npy: is no file of pictures"):
        Pictures(blobs, 5, 32, file=tmp_path / "blobs.npy")


def test_processes_make_the_same_pictures() -> None:
    pictures = Pictures(blobs, 40, 32)
    assert list(pictures.make_all(1))[-1] == 40
    assert torch.equal(pictures.of(range(40)), Pictures(blobs, 40, 32).of(range(40)))
