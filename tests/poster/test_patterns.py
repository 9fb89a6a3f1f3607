"""What repeats: patterns and words that run past."""

from typing import Any

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.poster.compose import compose
from tests.poster.making import RATE, scene, template

PAPER = {"layer": "shape", "fill": "paper", "box": {"within": "canvas"}}


def still(layer: dict[str, Any], **told: Any) -> np.ndarray:
    return compose(template(PAPER, layer), scene(**told)).still


def frames(layer: dict[str, Any], **told: Any) -> list[np.ndarray]:
    made = compose(template(PAPER, layer), scene(seconds=1.0, **told))
    return [frame.copy() for frame in made.stage.frames(30, RATE)]


@pytest.mark.parametrize("pattern", ["stripes", "rings", "rays", "dots"])
def test_a_pattern_fills_its_share(pattern: str) -> None:
    layer = {"layer": "pattern", "pattern": pattern, "step": 8, "share": 0.4, "colour": "black"}
    filled = 1 - still(layer).mean() / 255
    # A disc as wide as 0.4 of a square.
    assert filled == pytest.approx(np.pi * 0.2**2 if pattern == "dots" else 0.4, abs=0.02)


def test_stripes_are_as_far_apart_as_they_should() -> None:
    row = still({"layer": "pattern", "pattern": "stripes", "angle": 0, "step": 10, "colour": "black"})[50, :, 0]
    begins = np.flatnonzero((row[:-1] > 128) & (row[1:] <= 128))
    assert np.diff(begins).tolist() == pytest.approx([20] * (len(begins) - 1), abs=1)


def test_a_pattern_is_cut_off_by_an_ellipse() -> None:
    layer = {"layer": "pattern", "pattern": "rings", "share": 0.99, "colour": "black", "clip": "ellipse"}
    made = still({**layer, "box": {"within": "canvas"}})
    assert made[1, 1].tolist() == [255, 255, 255]
    assert made[125, 60:80].max() < 60


@pytest.mark.parametrize("pattern", ["stripes", "rings", "dots"])
def test_a_pattern_that_flows_has_no_seam(pattern: str) -> None:
    made = frames({"layer": "pattern", "pattern": pattern, "step": 30, "flow": 2, "colour": "black"})
    steps = [np.abs(one.astype(int) - two).mean() for one, two in zip(made, [*made[1:], made[0]], strict=True)]
    assert min(steps) > 1
    assert steps[-1] == pytest.approx(np.mean(steps), rel=0.25)


TICKER = {"layer": "ticker", "text": "{headline}", "size": 12, "box": {"within": "canvas", "top": 10, "height": 20}}


def test_words_that_run_past_are_seen_again_and_again() -> None:
    made = still(TICKER, width=400, height=400)
    repeats = [step for step in range(20, 300) if np.array_equal(made[:, step:], made[:, :-step])]
    assert len(repeats) == 2
    assert repeats[1] == 2 * repeats[0]
    assert (made[120:] == 255).all()


def test_words_that_run_past_have_no_seam_and_pass_so_often() -> None:
    made = frames({**TICKER, "flow": 2}, width=400, height=400)
    # After half of the time they have passed once, and all is as it was.
    assert np.abs(made[15].astype(int) - made[0]).mean() < 0.5
    assert np.abs(made[7].astype(int) - made[0]).mean() > 2


def test_words_that_run_past_may_be_hollow_and_on_a_band() -> None:
    band = {**TICKER, "fill": "accent", "colour": "white"}
    filled, hollow = (still({**band, "stroke": edge}, width=400, height=400) for edge in (0, 0.5))
    assert filled[42, 2].tolist() == [204, 34, 0]
    assert 0 < (hollow[40:120] > 200).all(axis=2).sum() < (filled[40:120] > 200).all(axis=2).sum()


def test_words_of_a_band_that_is_too_low_are_refused() -> None:
    with pytest.raises(InputError, match=r"layer ticker: .*does not fit"):
        still({**TICKER, "smallest": 12, "box": {"within": "canvas", "height": 3}})


def test_words_that_are_empty_make_no_band() -> None:
    assert (still({**TICKER, "fill": "accent"}, headline=" ") == 255).all()
