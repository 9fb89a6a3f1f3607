"""What a mask keeps, laid over designs."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.interiors.masked import Kept

SIZE = 128


def laid(mask: np.ndarray) -> np.ndarray:
    """How much of a white picture lies over a black design, `(S, S)` in [0, 1]."""
    picture = np.full((SIZE, SIZE, 3), 255, np.uint8)
    kept = Kept(picture, np.repeat(mask[..., None], 3, 2))
    return kept.laid_over(np.zeros_like(picture))[..., 0] / 255


@pytest.mark.parametrize("part", [np.s_[40:90, 30:70], np.s_[60:61, :], np.s_[:, 127:], np.s_[5:6, 5:6]])
def test_what_is_white_stays_to_the_pixel_however_thin_it_is(part: tuple[slice, slice]) -> None:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[part] = 255
    made = laid(mask)
    assert (made[part] == 1).all()
    assert (made < 1).any()


def test_the_edge_fades_outwards() -> None:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[:, :64] = 255
    row = laid(mask)[64]
    assert (np.diff(row[60:80]) <= 0).all()
    assert 0 < row[65] < 1
    assert row[72] == 0


def test_grey_keeps_as_much_as_it_is_light() -> None:
    made = laid(np.full((SIZE, SIZE), 102, np.uint8))
    assert made == pytest.approx(np.full((SIZE, SIZE), 0.4))
