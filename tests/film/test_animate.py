from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import MediaError
from pipeline.film.animate import animate
from pipeline.film.deliverables import DELIVERABLES
from tests.media import number_of, numbered_picture

KINDS = ["gif", "webp", "apng"]


def _animated(tmp_path, kind, frames, rate):
    target = tmp_path / f"a.{kind}"
    return target, animate(lambda: iter(frames), target, deliverable=DELIVERABLES[kind], rate=Fraction(rate))


@pytest.mark.parametrize("kind", KINDS)
def test_animation_plays_every_frame_in_time_and_forever(tmp_path, kind):
    frames = [numbered_picture(n) for n in range(25)]
    target, made = _animated(tmp_path, kind, frames, 24)
    numbers, durations = [], []
    with Image.open(target) as image:
        assert image.info["loop"] == 0
        for number in range(image.n_frames):
            image.seek(number)
            numbers.append(number_of(np.asarray(image.convert("RGB"))))
            durations.append(image.info["duration"])
    assert numbers == list(range(25))
    assert sum(durations[:24]) == pytest.approx(1000, abs=10)
    assert (made.frames, made.duration_s) == (25, Fraction(25, 24))


@pytest.mark.parametrize("kind", KINDS)
def test_same_frames_give_the_same_bytes(tmp_path, kind):
    frames = [numbered_picture(n).astype(np.uint16) * 257 for n in range(5)]
    contents = {_animated(tmp_path, kind, frames, 24)[0].read_bytes() for _ in range(2)}
    assert len(contents) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_colours_stay_close(tmp_path, kind):
    frames = [numbered_picture(n, 160, 96) for n in range(4)]
    target, _ = _animated(tmp_path, kind, frames, 24)
    with Image.open(target) as image:
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - frames[0]).mean() < 6


def test_gif_faster_than_browsers_play_is_thinned_and_said(tmp_path):
    target, made = _animated(tmp_path, "gif", [numbered_picture(n) for n in range(12)], 60)
    with Image.open(target) as image:
        assert image.n_frames == 6
    assert made.notes == ("30 frames per second, because GIF plays no more than 50",)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_of_two_sizes_leave_nothing_behind(tmp_path, kind):
    with pytest.raises(MediaError, match="frame 1 is 48x64, the first is 96x64"):
        _animated(tmp_path, kind, [numbered_picture(0), numbered_picture(1, 48, 64)], 24)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_no_frames_are_refused(tmp_path, kind):
    with pytest.raises(MediaError, match="no frames"):
        _animated(tmp_path, kind, [], 24)


def _over_noise(count):
    """A square that moves over a picture that neither codec nor palette can do much about."""
    noise = np.random.default_rng(0).integers(0, 8, (96, 128, 3), np.uint8) * 36
    for number in range(count):
        frame = noise.copy()
        frame[40:56, 4 * number : 4 * number + 16] = (255, 0, 254)
        yield frame


def _sized(tmp_path, kind, frames, most_bytes):
    target = tmp_path / f"a.{kind}"
    row, rate = DELIVERABLES[kind], Fraction(24)
    return target, animate(lambda: iter(frames), target, deliverable=row, rate=rate, most_bytes=most_bytes)


def _timeline(path):
    """Each picture and how many milliseconds it stays."""
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            yield np.asarray(image.convert("RGB")), image.info["duration"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_stays_as_it_was_is_stored_once(tmp_path, kind):
    still, _ = _animated(tmp_path, kind, list(_over_noise(1)), 24)
    alone = still.stat().st_size
    target, _ = _animated(tmp_path, kind, list(_over_noise(12)), 24)
    assert target.stat().st_size < 2 * alone


def test_apng_is_lossless_but_for_one_colour(tmp_path):
    frames = list(_over_noise(6))
    target, _ = _animated(tmp_path, "apng", frames, 24)
    for (seen, _), frame in zip(_timeline(target), frames, strict=True):
        frame[(frame == (255, 0, 254)).all(axis=2)] = (255, 0, 255)
        np.testing.assert_array_equal(seen, frame)


@pytest.mark.parametrize("kind", KINDS)
def test_last_frame_stays_until_the_first_is_due(tmp_path, kind):
    frames = [numbered_picture(n) for n in range(30)]
    target, _ = _animated(tmp_path, kind, frames, 30)
    assert sum(duration for _, duration in _timeline(target)) == 1000


@pytest.mark.parametrize("kind", KINDS)
def test_frames_that_rest_stay_for_as_long(tmp_path, kind):
    frames = [numbered_picture(max(0, min(n - 5, 3))) for n in range(20)]
    target, made = _animated(tmp_path, kind, frames, 20)
    spans = {}
    for seen, duration in _timeline(target):
        spans[number_of(seen)] = spans.get(number_of(seen), 0) + duration
    assert spans == {0: 300, 1: 50, 2: 50, 3: 600}
    assert (made.frames, made.duration_s) == (20, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_animation_that_is_to_play_once_says_so(tmp_path, kind):
    target = tmp_path / "a"
    frames = [numbered_picture(n) for n in range(3)]
    animate(lambda: iter(frames), target, deliverable=DELIVERABLES[kind], rate=Fraction(24), loop=False)
    with Image.open(target) as image:
        assert image.info.get("loop") in (None, 1)


@pytest.mark.parametrize(
    ("kind", "part", "said"),
    [
        ("gif", 0.7, "128 colours, 12 frames per second"),
        ("webp", 0.8, "quality 70"),
        ("webp", 0.2, "quality 60, 12 frames per second"),
        ("apng", 0.3, "12 frames per second, 64x48 px"),
    ],
)
def test_animation_keeps_within_a_size_and_says_what_it_gave_up(tmp_path, kind, part, said):
    frames = [np.roll(frame, 7 * n, axis=1) for n, frame in enumerate(_over_noise(12))]
    whole = _animated(tmp_path, kind, frames, 24)[0].stat().st_size
    target, made = _sized(tmp_path, kind, frames, int(whole * part))
    assert target.stat().st_size <= whole * part
    assert made.notes[0].startswith(said)
    assert made.notes[0].endswith(f", to keep within {int(whole * part):,} bytes")
    assert sum(duration for _, duration in _timeline(target)) == 500
    with Image.open(target) as image:
        assert image.size == (made.width, made.height)


def test_animation_that_is_small_enough_is_as_without_a_limit(tmp_path):
    frames = [numbered_picture(n) for n in range(4)]
    data = _animated(tmp_path, "webp", frames, 24)[0].read_bytes()
    target, made = _sized(tmp_path, "webp", frames, len(data))
    assert (target.read_bytes(), made.notes) == (data, ())


@pytest.mark.parametrize("kind", ["webp", "apng"])
def test_size_that_cannot_be_kept_is_told_with_the_smallest_that_can(tmp_path, kind):
    with pytest.raises(
        MediaError, match=rf"a\.{kind}: cannot be made as small as 10 bytes; with .*24x16 px it has \d+"
    ):
        _sized(tmp_path, kind, [numbered_picture(n) for n in range(12)], 10)
    assert not list(tmp_path.iterdir())
