import numpy as np
import pytest

from pipeline.film.palette import Census, Palette
from tests.media import numbered_picture


def _palette(*frames: np.ndarray, size: int = 255) -> Palette:
    census = Census()
    for frame in frames:
        census.see(frame)
    return census.palette(size)


def _shown(palette: Palette, pixels: np.ndarray, amplitude: int = 8) -> np.ndarray:
    return palette.colours[palette.indices(pixels, amplitude)]


def test_plain_areas_keep_their_colour_and_stay_plain():
    frame = np.full((40, 60, 3), (24, 30, 60), np.uint8)
    frame[20:30] = (250, 236, 200)
    # Letters that fade in have shades of the ground at their edges.
    frame[30, :20] = np.linspace((24, 30, 60), (250, 236, 200), 20)
    shown = _shown(_palette(frame), frame)
    np.testing.assert_array_equal(shown[:30], frame[:30])


@pytest.mark.parametrize("size", [1, 2, 16, 255])
def test_palette_has_no_more_colours_than_wanted(size):
    frames = [numbered_picture(number, 160, 96) for number in range(3)]
    assert 1 <= len(_palette(*frames, size=size).colours) <= size


def test_colour_of_few_pixels_is_among_them():
    frame = numbered_picture(0, 200, 200)
    frame[:4, :4] = (0, 200, 30)
    shown = _shown(_palette(frame), frame)
    assert np.abs(shown[1, 1].astype(int) - (0, 200, 30)).max() < 6


def test_dither_mends_the_mean():
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (64, 256, 3)).copy()
    palette = _palette(ramp, size=16)
    dithered, plain = (_means(_shown(palette, ramp, amplitude)) for amplitude in (16, 0))
    assert np.abs(dithered - _means(ramp)).mean() < np.abs(plain - _means(ramp)).mean() / 1.5


def _means(pixels: np.ndarray) -> np.ndarray:
    """Of each 8x8 pixels."""
    return pixels.reshape(8, 8, 32, 8, 3).mean(axis=(1, 3))


def test_part_of_a_frame_is_dithered_as_the_whole():
    frame = numbered_picture(3, 160, 96)
    palette = _palette(frame, size=16)
    part = palette.indices(frame[3:40, 21:90], 8, left=21, top=3)
    np.testing.assert_array_equal(part, palette.indices(frame, 8)[3:40, 21:90])
