"""What boards can show, and how wide it is."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from pipeline.board.check import MOST_PROPOSALS, check_board
from pipeline.board.letters import MM_PER_PT, Face, check_text, data, face_of, shortened, shown, width, wrapped
from pipeline.errors import InputError
from tests.board.boards import brief


@pytest.mark.parametrize(
    "text", ["A house by the sea", "Café Müller, 2 + 3 — “Ærø”", "Œuvre", "Cafe\N{COMBINING ACUTE ACCENT}", ""]
)
def test_titles_of_western_europe_are_shown(text: str) -> None:
    check_text(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("厨房", "CJK UNIFIED IDEOGRAPH-53A8"),
        ("Кухня", "CYRILLIC CAPITAL LETTER KA"),
        ("home \N{HOUSE BUILDING}", "HOUSE BUILDING"),
        ("two\nlines", "U+000A"),
        ("\ud800", "U+D800"),
    ],
)
def test_a_title_that_cannot_be_shown_is_refused_by_its_first_such_letter(text: str, named: str) -> None:
    with pytest.raises(InputError, match=rf"^title: a board has no letter '.*' \({named.replace('+', '.')}\)"):
        check_text(text)


def test_names_that_cannot_be_shown_have_question_marks() -> None:
    assert shown("模型-256 Cafe\N{COMBINING ACUTE ACCENT}") == "??-256 Café"


def test_texts_are_set_in_one_face_each() -> None:
    assert face_of("seed0003") == "plain"
    assert face_of("+1", "\N{MINUS SIGN}1") == "wide"
    assert face_of("Café") == "wide"


@pytest.mark.parametrize("face", ["plain", "wide"])
def test_widths_are_those_of_the_pdf(face: Face) -> None:
    font = TTFont(f"Test-{face}", io.BytesIO(data(face)))
    text = "Kitchens, #C8B39A (0123)"
    assert width(text, 28, face) == pytest.approx(font.stringWidth(text, 28) * MM_PER_PT, rel=0.01)


def test_long_texts_end_in_an_ellipsis() -> None:
    cut = shortened("A very long title indeed", 28, 60, "plain")
    assert cut.endswith("…")
    assert width(cut, 28, "plain") <= 60
    assert shortened("short", 8, 60, "plain") == "short"


def test_labels_are_wrapped() -> None:
    lines = wrapped("distance of the windows from the floor", 9, 30, "plain", most=2)
    assert len(lines) == 2
    assert all(width(line, 9, "plain") <= 30 for line in lines)
    assert wrapped("warmth", 9, 30, "plain", most=2) == ["warmth"]


def test_a_board_that_can_be_shown_passes() -> None:
    check_board(brief(12, 4), frames=32)


def test_boards_that_cannot_be_shown_are_refused() -> None:
    with pytest.raises(InputError, match="there is no frame 31 in a job of 31"):
        check_board(brief(12, 4), frames=31)
    with pytest.raises(InputError, match=f"shows 1 to {MOST_PROPOSALS} designs, not 241"):
        check_board(brief(241), frames=241)
    with pytest.raises(InputError, match="not 0"):
        check_board(brief(0), frames=1)
    with pytest.raises(InputError, match="at most 24 strips, not 25"):
        check_board(brief(1, 25), frames=500)
    with pytest.raises(InputError, match="1 to 9 pictures, each with an amount"):
        check_board(brief(1, 1, steps=11), frames=500)
    with pytest.raises(InputError, match=r"^title: "):
        check_board(brief(1, title="厨房"), frames=1)
