"""Boards as files: what the PDF says, that the PNG is the same page, and that both tell what made them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline import provenance
from pipeline.board.make import Board, make
from pipeline.board.palette import sample
from tests.board.boards import MODEL, SHA256, board, brief, opened, picture, shown, texts


@pytest.fixture(scope="module")
def small() -> Board:
    """Five designs and two strips."""
    return board(brief(5, 2))


def pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def test_the_pdf_says_title_ids_codes_and_amounts(small: Board) -> None:
    (text,) = texts(small.pdf)
    assert "A house by the sea" in text
    assert "rooms-32 · truncation 0.7" in text
    for frame in range(5):
        assert f"seed{frame:04d}" in text
        assert all(swatch.code in text for swatch in sample(picture(frame)))
    assert "Warmth 1" in text
    assert "+2" in text
    assert "Made by a model, rooms-32 (0123456789ab), with Atelier" in text


def test_the_page_is_a3(small: Board) -> None:
    with opened(small.pdf) as document:
        width, height = document.get_page_size(0)
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((420, 297))


def test_the_png_is_the_page_of_the_pdf(small: Board) -> None:
    drawn = pixels(small.png)
    assert drawn.shape == (1754, 2480, 3)
    seen = shown(small.pdf, 0, 150)[:1754, :2480]
    # Viewers smooth pictures and letters each in their way.
    coarse = [np.asarray(Image.fromarray(page).reduce(16), float) for page in (drawn, seen)]
    assert np.abs(coarse[0] - coarse[1]).mean() < 1
    assert np.percentile(np.abs(coarse[0] - coarse[1]), 99) < 12


def test_the_same_board_is_the_same_bytes(small: Board) -> None:
    assert board(brief(5, 2)) == small


def test_both_files_say_that_a_model_made_them(small: Board) -> None:
    facts = provenance.read(small.png)
    assert facts is not None
    assert (facts["model"], facts["modelSha256"]) == (MODEL, SHA256)
    assert facts["designs"] == "seed0000 seed0001 seed0002 seed0003 seed0004"
    assert provenance.digital_source_type(small.png) == provenance.GENERATED
    assert provenance.packet(facts) in small.pdf


def test_the_pdf_holds_no_date(small: Board) -> None:
    with opened(small.pdf) as document:
        about = document.get_metadata_dict()
    assert about["Title"] == "A house by the sea"
    assert not about["CreationDate"] or about["CreationDate"].startswith("D:20000101000000")


def test_of_many_pages_the_png_shows_four_and_says_how_many_more() -> None:
    made = board(brief(100))
    pages = texts(made.pdf)
    assert len(pages) > 5
    assert f"1 / {len(pages)}" in pages[0]
    assert all("A house by the sea" in page for page in pages)
    assert 4 * 1754 < pixels(made.png).shape[0] < 4 * 1754 + 200


def test_each_picture_is_held_once_and_no_finer_than_is_printed() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2400, 2400, 3)).astype(np.uint8)
    large = make(brief(12), lambda _: noise, str)
    assert len(large.pdf) < 12 * 1_000_000


def test_a_design_that_could_not_be_painted_leaves_its_place_empty() -> None:
    made = make(
        brief(3, 1), lambda frame: None if frame in (1, 5) else picture(frame), lambda frame: f"seed{frame:04d}"
    )
    (text,) = texts(made.pdf)
    assert text.count("could not be painted") == 2
    assert "seed0001" in text


def test_a_board_of_which_nothing_could_be_painted_is_made_all_the_same() -> None:
    made = make(brief(2), lambda _: None, str)
    assert "could not be painted" in texts(made.pdf)[0]


def test_pictures_of_another_shape_are_fitted_into_their_box() -> None:
    made = make(brief(2), lambda frame: picture(frame, *((48, 32) if frame else (32, 64))), str)
    assert pixels(made.png).shape == (1754, 2480, 3)


def test_titles_with_accents_are_text_in_the_pdf() -> None:
    (text,) = texts(board(brief(2, title="Café Müller — 2 + 3")).pdf)
    assert "Café Müller — 2 + 3" in text
