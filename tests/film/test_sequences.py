from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from tests.media import number_of, numbered_picture, write_film, write_picture


def _sequence(folder, numbers, name="shot.{:04d}.png"):
    for number in numbers:
        write_picture(folder / name.format(number), numbered_picture(number % 1000))


@pytest.mark.parametrize("pattern", ["shot.%04d.png", "shot.####.png"])
def test_sequence_may_start_at_1001(tmp_path, pattern):
    _sequence(tmp_path, range(1001, 1006))
    source = probe(str(tmp_path / pattern), rate=Fraction(25))
    assert (source.kind, source.first, source.frames, source.rate, source.stem) == ("sequence", 1001, 5, 25, "shot")
    assert [number_of(frame) for frame in read_frames(source, 1, 4)] == [2, 3, 4]


def test_sequence_grows_beyond_its_digits(tmp_path):
    _sequence(tmp_path, range(8, 12), "a{:d}.png")
    source = probe(str(tmp_path / "a%d.png"))
    assert source.names == ("a8.png", "a9.png", "a10.png", "a11.png")
    assert "no rate given" in source.notes[0]


def test_missing_numbers_are_named(tmp_path):
    _sequence(tmp_path, [1, 2, 4, 8, 9])
    with pytest.raises(MediaError, match="frames 3, 5-7 are missing"):
        probe(str(tmp_path / "shot.%04d.png"))


def test_pattern_that_matches_nothing_is_refused(tmp_path):
    _sequence(tmp_path, [1])
    with pytest.raises(MediaError, match="no file matches"):
        probe(str(tmp_path / "take.%04d.png"))


def test_sequence_has_one_size(tmp_path):
    _sequence(tmp_path, [1, 2])
    write_picture(tmp_path / "shot.0003.png", numbered_picture(3, 48, 32))
    with pytest.raises(MediaError, match="differ in size"):
        probe(str(tmp_path / "shot.%04d.png"))


def test_folder_keeps_names_sizes_and_natural_order(tmp_path):
    for number, width in ((10, 60), (9, 80), (1, 40)):
        write_picture(tmp_path / f"room {number}.jpg", numbered_picture(number, width, 64))
    (tmp_path / "notes.txt").write_text("x")
    source = probe(str(tmp_path))
    assert source.names == ("room 1.jpg", "room 9.jpg", "room 10.jpg")
    assert (source.kind, source.width, source.rate) == ("folder", 80, None)
    assert [frame.shape[1] for frame in read_frames(source, 0, 3)] == [40, 80, 60]
    assert [max(frame.shape) for frame in read_frames(source, 0, 3, size=32)] == [32, 32, 32]
    assert source.notes == ("1 file that is no picture is left out",)
    (tmp_path / "more.txt").write_text("x")
    assert probe(str(tmp_path)).notes == ("2 files that are no pictures are left out",)


@pytest.mark.parametrize("name", ["take#1.png", "take%d.png"])
def test_existing_picture_is_no_pattern(tmp_path, name):
    write_picture(tmp_path / name, numbered_picture(5))
    source = probe(str(tmp_path / name))
    assert (source.kind, source.stem) == ("picture", name.removesuffix(".png"))
    assert number_of(next(read_frames(source, 0, 1))) == 5


@pytest.mark.parametrize("name", ["take#1.mp4", "50%d.mkv"])
def test_film_may_have_a_placeholder_in_its_name(tmp_path, name):
    source = probe(str(write_film(tmp_path / name, 3)))
    assert (source.kind, source.stem) == ("film", name.rpartition(".")[0])
    assert [number_of(frame) for frame in read_frames(source, 0, 3)] == [0, 1, 2]


def test_sequence_of_numbers_alone_is_called_frames(tmp_path):
    _sequence(tmp_path, [1, 2], "{:04d}.png")
    assert probe(str(tmp_path / "####.png")).stem == "frames"


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(MediaError, match="holds no pictures"):
        probe(str(tmp_path))


def test_stored_sequence_is_read_like_a_local_one(tmp_path):
    _sequence(tmp_path, range(3))
    local, stored = (probe(f"{scheme}{tmp_path}/shot.%04d.png") for scheme in ("", "file://"))
    assert stored.names == local.names
    for one, other in zip(read_frames(local, 0, 3), read_frames(stored, 0, 3), strict=True):
        np.testing.assert_array_equal(one, other)


def test_picture_that_vanishes_names_its_frame(tmp_path):
    _sequence(tmp_path, range(1001, 1004))
    source = probe(str(tmp_path / "shot.%04d.png"))
    (tmp_path / "shot.1002.png").unlink()
    frames = read_frames(source, 0, 3)
    next(frames)
    with pytest.raises(MediaError, match=r"frame 1002: .*no such file"):
        next(frames)
