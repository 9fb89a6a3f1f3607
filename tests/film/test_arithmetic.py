from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.geometry import fitted_size, orientation_of_display_matrix, square_size, upright
from pipeline.film.rates import even_rate, held, snapped
from pipeline.film.timecode import shifted

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("rate", "standard"),
    [("23.976", "24000/1001"), ("29.87", "30000/1001"), ("24", "24"), ("59.9", "60000/1001"), ("27", "27")],
)
def test_rates_close_to_a_standard_become_it(rate, standard):
    assert snapped(Fraction(rate)) == Fraction(standard)


def test_film_and_ntsc_film_are_told_apart():
    millisecond, both = Fraction(1, 1000), [Fraction(24), Fraction(24000, 1001)]
    for rate in both:
        pts = [round(frame * 1000 / rate) for frame in range(240)]
        assert even_rate(pts, millisecond, both) == rate


def test_a_lost_frame_makes_the_rate_variable():
    pts = [frame * 40 for frame in range(100) if frame != 50]
    assert even_rate(pts, Fraction(1, 1000), [Fraction(25)]) is None
    shown = held(pts, 4000, Fraction(1, 1000), Fraction(25))
    assert len(shown) == 100
    assert shown[49:52] == (1960, 1960, 2040)


def test_drop_frame_timecode_skips_numbers_not_frames():
    assert shifted("00:00:59;29", 1, NTSC) == "00:01:00;02"
    assert shifted("00:09:59;29", 1, NTSC) == "00:10:00;00"
    assert shifted("00:00:00;00", 107_892, NTSC) == "01:00:00;00"
    assert shifted("01:00:00:00", 24 * 61, Fraction(24)) == "01:01:01:00"
    assert shifted("23:59:59:23", 1, Fraction(24000, 1001)) == "00:00:00:00"
    with pytest.raises(MediaError, match="HH:MM:SS:FF"):
        shifted("noon", 1, NTSC)


def test_every_drop_frame_number_comes_once():
    codes = [shifted("00:00:00;00", frame, NTSC) for frame in range(18_000)]
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes)


def test_sizes_keep_the_shape():
    assert fitted_size(1920, 1080, 1280) == (1280, 720)
    assert fitted_size(720, 1280, None) == (720, 1280)
    assert square_size(720, 576, Fraction(16, 15)) == (768, 576)
    assert square_size(720, 480, Fraction(8, 9)) == (720, 540)


def test_display_matrices_name_their_orientation():
    def matrix(a, b, c, d):
        return np.array([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30], np.int32).tobytes()

    assert orientation_of_display_matrix(matrix(1, 0, 0, 1)) == 1
    assert orientation_of_display_matrix(matrix(0, 1, -1, 0)) == 6
    assert orientation_of_display_matrix(matrix(1, 1, -1, 1)) is None
    picture = np.array([[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(upright(picture, 6), [[4, 1], [5, 2], [6, 3]])
    np.testing.assert_array_equal(upright(picture, 2), [[3, 2, 1], [6, 5, 4]])
