import io

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import MediaError
from pipeline.film.contact_sheet import contact_sheet, evenly_spaced
from tests.media import numbered_picture


def _sheet(pictures, **options):
    return np.asarray(Image.open(io.BytesIO(contact_sheet(pictures, title="film", **options))))


@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_sheet_shows_every_picture_on_dark_paper(count):
    white = np.full((90, 160, 3), 255, np.uint8)
    page = _sheet([(f"frame {n}", white) for n in range(count)], page_width=1200)
    assert page.shape[1] <= 1200
    assert page[2, 2].max() < 30
    columns_of_white = (page > 250).all(axis=2)
    assert columns_of_white.mean() > 0.3


def test_sheet_takes_tall_deep_and_mixed_pictures():
    pictures = [("a", numbered_picture(1, 40, 90)), ("b", numbered_picture(2, 90, 40).astype(np.uint16) * 257)]
    assert _sheet(pictures, subtitle="a very long subtitle " * 20, page_width=600).shape[1] <= 600


def test_sheet_without_pictures_is_refused():
    with pytest.raises(MediaError, match="at least one"):
        contact_sheet([], title="film")


def test_chosen_frames_include_both_ends():
    assert evenly_spaced(720, 20)[0] == 0
    assert evenly_spaced(720, 20)[-1] == 719
    assert evenly_spaced(3) == [0, 1, 2]
    assert len(set(evenly_spaced(21, 20))) == 20


@pytest.mark.parametrize(("one", "other"), [("नमस्ते", "दुनिया"), ("夜の桜", "冬の月"), ("北京秋天", "上海春雨")])
def test_labels_are_written_in_their_own_script(one, other):
    grey = np.full((90, 160, 3), 128, np.uint8)
    # As boxes they would look alike.
    assert (_sheet([(one, grey)], page_width=600) != _sheet([(other, grey)], page_width=600)).any()


def test_labels_without_letters_spoil_no_sheet():
    grey = np.full((90, 160, 3), 128, np.uint8)
    assert _sheet([("\ue123", grey), ("", grey), ("\u0301", grey)], page_width=600).shape[1] <= 600


def test_long_labels_end_in_their_cell():
    grey = np.full((90, 160, 3), 17, np.uint8)
    page = _sheet([("超长的文件名" * 50, grey)], page_width=600)
    assert page[-90:, 100:500].max() > 100
    assert page[-90:, 560:].max() < 40
