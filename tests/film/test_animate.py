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
