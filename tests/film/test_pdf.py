import numpy as np
import pypdfium2
import pytest

from pipeline import provenance
from pipeline.errors import MediaError
from pipeline.pdf import encode_pdf
from tests.media import numbered_picture

PICTURE = numbered_picture(21, 300, 200)
FACTS = {"model": "portraits"}


def test_page_has_the_pictures_size_at_its_resolution():
    with pypdfium2.PdfDocument(encode_pdf(PICTURE, dpi=100)) as document:
        assert len(document) == 1
        assert document[0].get_size() == pytest.approx((3 * 72, 2 * 72))
    with pypdfium2.PdfDocument(encode_pdf(np.zeros((4961, 3508, 3), np.uint8))) as document:
        width, height = (side / 72 * 25.4 for side in document[0].get_size())
        assert (width, height) == pytest.approx((297, 420), abs=0.1)


@pytest.mark.parametrize("pixels", [PICTURE, PICTURE.astype(np.uint16) * 257])
def test_page_shows_the_picture(pixels):
    with pypdfium2.PdfDocument(encode_pdf(pixels, dpi=72)) as document:
        shown = document[0].render(scale=1).to_numpy()[..., ::-1]
    assert shown.shape == PICTURE.shape
    assert np.abs(shown.astype(int) - PICTURE).mean() < 1


def test_same_picture_gives_the_same_bytes_which_can_tell_its_facts():
    made = encode_pdf(PICTURE)
    assert made == encode_pdf(PICTURE)
    assert provenance.read(provenance.embed(made, FACTS)) == FACTS


def test_what_is_no_picture_is_refused():
    with pytest.raises(MediaError, match="a picture is"):
        encode_pdf(np.zeros((4, 4), np.uint8))
