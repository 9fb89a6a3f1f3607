"""Where things lie: on the page, beside each other, for any board."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.board.layout import arrange
from pipeline.board.page import LEFT, PAGE_HEIGHT, PAGE_WIDTH, RIGHT, Box, Page

ASPECTS = st.sampled_from([0.4, 0.66, 0.75, 1.0, 1.33, 1.5, 16 / 9, 2.4])


def overlapping(boxes: list[Box]) -> list[tuple[int, int]]:
    """The places of boxes that overlap by more than rounding, two by two."""
    left, right, top, bottom = np.array([(box.left, box.right, box.top, box.bottom) for box in boxes]).T
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(top, top)
    return [(one, other) for one, other in np.argwhere((across > 1e-6) & (down > 1e-6)) if one < other]


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 60), st.lists(st.integers(1, 9), max_size=6), ASPECTS)
def test_boxes_never_overlap_nor_leave_the_page(proposals: int, steps: list[int], aspect: float) -> None:
    pages = arrange(proposals, aspect, steps)
    for page in pages:
        boxes = page.boxes()
        for box in boxes:
            assert min(box.width, box.height) > 0
            assert box.left >= LEFT - 1e-6
            assert box.right <= RIGHT + 1e-6
            assert box.top >= 10
            assert box.bottom <= PAGE_HEIGHT - 10
        assert not overlapping(boxes)
    assert [cell.place for page in pages for cell in page.cells] == list(range(proposals))
    assert [len(strip.pictures) for page in pages for strip in page.strips] == steps


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.lists(st.just(5), max_size=6), ASPECTS)
def test_pictures_keep_their_shape_and_can_be_seen(proposals: int, steps: list[int], aspect: float) -> None:
    for page in arrange(proposals, aspect, steps):
        for cell in page.cells:
            assert cell.picture.width / cell.picture.height == pytest.approx(aspect)
            assert cell.picture.width * cell.picture.height > 40**2
        for strip in page.strips:
            for box in strip.pictures:
                assert box.width / box.height == pytest.approx(aspect)
                assert box.width * box.height > 12**2


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), ASPECTS)
def test_designs_of_one_board_are_of_one_size(proposals: int, aspect: float) -> None:
    cells = [cell for page in arrange(proposals, aspect) for cell in page.cells]
    assert len({(round(cell.picture.width, 6), len(cell.codes)) for cell in cells}) == 1


def only(pages: tuple[Page, ...]) -> Page:
    (page,) = pages
    return page


def test_a_page_is_a3_landscape() -> None:
    assert (PAGE_WIDTH, PAGE_HEIGHT) == (420, 297)


def test_one_design_fills_the_page_with_its_palette_beside_it() -> None:
    page = only(arrange(1, 1.0))
    (cell,) = page.cells
    assert cell.beside
    assert cell.picture.height > 200
    assert max(box.right for box in cell.codes) == pytest.approx(RIGHT)


def test_two_designs_reach_from_margin_to_margin() -> None:
    page = only(arrange(2, 1.0))
    assert page.cells[0].picture.left == LEFT
    assert page.cells[1].picture.right == pytest.approx(RIGHT)


@pytest.mark.parametrize(("proposals", "strips"), [(1, 2), (5, 3), (6, 2), (12, 4)])
def test_a_small_board_is_one_page(proposals: int, strips: int) -> None:
    page = only(arrange(proposals, 1.0, [5] * strips))
    assert len(page.strips) == strips
    lowest = max(box.bottom for cell in page.cells for box in (cell.picture, *cell.chips, *cell.codes))
    assert all(strip.label.top > lowest for strip in page.strips)
    assert page.cells[0].picture.height > page.strips[0].pictures[0].height


@pytest.mark.parametrize("proposals", [1, 2])
def test_few_designs_are_not_made_small_for_many_strips(proposals: int) -> None:
    designs, strips = arrange(proposals, 1.0, [5] * 6)
    assert designs.cells == arrange(proposals, 1.0)[0].cells
    assert len(strips.strips) == 6


def test_many_designs_take_several_pages_and_the_title_is_large_on_the_first() -> None:
    first, *others = arrange(48, 1.0)
    assert first.subtitle is not None
    assert others
    assert all(page.subtitle is None for page in others)


@pytest.mark.parametrize("aspect", [0.5, 1.0, 1.5])
def test_on_pages_of_designs_alone_every_chip_has_its_code(aspect: float) -> None:
    assert all(cell.codes for page in arrange(110, aspect) for cell in page.cells)


def test_chips_end_where_their_picture_ends() -> None:
    for cell in only(arrange(5, 1.5)).cells:
        assert cell.chips[0].left == cell.picture.left
        assert cell.chips[-1].right == pytest.approx(cell.picture.right)
