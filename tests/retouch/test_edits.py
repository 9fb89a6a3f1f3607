"""What each edit does to pixels, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MediaError
from pipeline.images import encode_png
from pipeline.retouch.chain import Chain, settled, to_floats
from pipeline.retouch.curves import through
from pipeline.retouch.edit import Moment
from pipeline.retouch.edits import EDITS, edit_of
from pipeline.retouch.light import encoded, linear
from pipeline.retouch.saliency import best_window
from tests.media import numbered_picture

IDENTITY_CUBE = b"LUT_3D_SIZE 2\n" + b"".join(
    b"%d %d %d\n" % (red, green, blue) for blue in (0, 1) for green in (0, 1) for red in (0, 1)
)

NEUTRAL: dict[str, dict[str, Any]] = {
    "exposure": {"stops": 0},
    "contrast": {"amount": 1},
    "white_balance": {},
    "saturation": {"amount": 1},
    "curves": {"all": [[0, 0], [0.3, 0.3], [1, 1]]},
    "lut": {"file": "same.cube"},
    "crop": {"size": "64x1024"},
    "resize": {"size": 1024},
    "sharpen": {"amount": 0},
    "denoise": {"amount": 0},
    "grain": {"amount": 0},
    "caption": {"text": "seen later", "from": 9},
    "title": {"text": "seen later", "from": 9},
    "watermark": {"picture": "logo.png", "opacity": 0},
    "fade": {},
}
"""Each edit as it changes nothing."""

LATER = Moment(30, Fraction(2), Fraction(8))


def chain(*edits: tuple[str, dict[str, Any]], files: Mapping[str, bytes] | None = None) -> Chain:
    """A chain of edits, by name and keys."""
    read = {"file": IDENTITY_CUBE, "picture": encode_png(np.full((4, 4, 3), 200, np.uint8)), **(files or {})}
    return Chain([edit_of(name).model_validate(keys).brush(read) for name, keys in edits])


def ramp(deep: bool = True) -> np.ndarray:
    """Every code that a channel may have: (1024, 64, 3) uint16, or in uint8 all of its."""
    codes = np.arange(65_536, dtype=np.uint16) if deep else np.arange(65_536).astype(np.uint8)
    return np.dstack([codes.reshape(1024, 64), codes[::-1].reshape(1024, 64), np.roll(codes, 999).reshape(1024, 64)])


def test_every_edit_is_tried() -> None:
    assert set(NEUTRAL) == set(EDITS)


@pytest.mark.parametrize("deep", [True, False], ids=["16 bits", "8 bits"])
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_changes_nothing_changes_no_bit(name: str, deep: bool) -> None:
    pixels = ramp(deep)
    assert np.array_equal(chain((name, NEUTRAL[name])).edit(pixels, LATER, deep=deep), pixels)


def test_all_of_them_together_change_no_bit_either() -> None:
    assert np.array_equal(chain(*NEUTRAL.items()).edit(ramp(), LATER, deep=True), ramp())


def test_sixteen_bits_are_kept_from_edit_to_edit() -> None:
    made = chain(("exposure", {"stops": -4}), ("exposure", {"stops": 4})).edit(ramp(), Moment(), deep=True)
    assert np.abs(made.astype(int) - ramp()).max() <= 1


def test_what_is_too_bright_for_one_edit_comes_back_with_the_next() -> None:
    made = chain(("exposure", {"stops": 3}), ("exposure", {"stops": -3})).edit(ramp(False), Moment(), deep=False)
    assert np.array_equal(made, ramp(False))


def test_a_stop_is_twice_the_light() -> None:
    made = chain(("exposure", {"stops": 1})).run(to_floats(ramp()), Moment())
    assert np.allclose(linear(made), 2 * linear(to_floats(ramp())), rtol=1e-4, atol=1e-7)


def test_linear_light_and_back_is_the_same_beyond_black_and_white_too() -> None:
    values = np.linspace(-1, 4, 1001, dtype=np.float32)
    assert np.allclose(encoded(linear(values)), values, atol=2e-6)


def test_a_warmer_white_balance_is_redder_and_keeps_the_light() -> None:
    grey = np.full((4, 4, 3), 0.5, np.float32)
    warm, cold, green = (
        chain(("white_balance", keys)).run(grey, Moment())[0, 0]
        for keys in ({"temperature": 9000}, {"temperature": 4000}, {"tint": -60})
    )
    assert warm[0] > 0.5 > warm[2]
    assert cold[0] < 0.5 < cold[2]
    assert green[1] > max(green[0], green[2])
    for made in (warm, cold, green):
        assert float(linear(made) @ [0.2126, 0.7152, 0.0722]) == pytest.approx(float(linear(grey[0, 0])[0]), rel=0.05)


def test_saturation_keeps_luma_and_none_is_grey() -> None:
    picture = to_floats(numbered_picture(3))
    made = chain(("saturation", {"amount": 0})).run(picture, Moment())
    assert np.ptp(made, axis=2).max() < 1e-6
    assert np.allclose(made[..., 0], picture @ np.array([0.2126, 0.7152, 0.0722], np.float32), atol=1e-6)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8, unique=True), st.data())
@settings(max_examples=50, deadline=None)
def test_a_curve_goes_through_its_points_and_never_turns_between_rising_ones(x: list[float], data: Any) -> None:
    x = sorted(x)
    if min(np.diff(x)) < 1e-3:
        return
    y = sorted(data.draw(st.lists(st.floats(0, 1), min_size=len(x), max_size=len(x))))
    points = list(zip(x, y, strict=True))
    assert np.allclose(through(points, np.array(x)), y, atol=1e-9)
    assert np.diff(through(points, np.linspace(0, 1, 500))).min() >= -1e-9


def test_a_channels_curve_leaves_the_others() -> None:
    made = chain(("curves", {"red": [[0, 1], [1, 0]]})).edit(ramp(), Moment(), deep=True)
    assert np.array_equal(made[..., 1:], ramp()[..., 1:])
    assert np.array_equal(made[..., 0], 65_535 - ramp()[..., 0])


@pytest.mark.parametrize(
    ("keys", "rows", "columns"),
    [
        ({"aspect": "1:1"}, slice(0, 64), slice(16, 80)),
        ({"aspect": 2, "anchor": "top"}, slice(0, 48), slice(0, 96)),
        ({"size": "20x10", "anchor": "bottom-right"}, slice(54, 64), slice(76, 96)),
        ({"size": "20x10", "anchor": [0.25, 1]}, slice(54, 64), slice(19, 39)),
        ({"box": [5, 6, 7, 8]}, slice(6, 14), slice(5, 12)),
    ],
)
def test_a_crop_takes_its_part_as_it_is(keys: dict[str, Any], rows: slice, columns: slice) -> None:
    picture = numbered_picture(5)
    assert np.array_equal(chain(("crop", keys)).edit(picture, Moment(), deep=False), picture[rows, columns])


def test_a_crop_beyond_the_picture_says_how_large_that_is() -> None:
    with pytest.raises(MediaError, match=r"crop: 97x64 is larger than a picture of 96x64 px"):
        chain(("crop", {"size": "97x64"})).edit(numbered_picture(1), Moment(), deep=False)


def test_saliency_finds_what_stands_out() -> None:
    picture = np.full((90, 160, 3), 0.4, np.float32)
    picture[20:40, 120:140] = (0.9, 0.2, 0.1)
    across, down = best_window([picture], 40, 40)
    left, top = across * 120, down * 50
    assert left <= 120
    assert left + 40 >= 140
    assert top <= 20
    assert top + 40 >= 40
    assert best_window([np.full_like(picture, 0.4)], 40, 40) == (pytest.approx(0.5, abs=0.02),) * 2


def test_a_films_crop_is_decided_once_after_the_edits_before_it() -> None:
    frames = [np.full((90, 160, 3), 0.4, np.float32) for _ in range(3)]
    for number, frame in enumerate(frames):
        frame[30:50, 5 + number : 25 + number] = (0.9, 0.2, 0.1)
    edits = [edit_of(name).model_validate(keys) for name, keys in (("resize", {"size": 80}), ("crop", {"aspect": 1}))]
    edits[1] = edits[1].model_copy(update={"anchor": "saliency"})
    crop = settled(edits, [{}, {}], frames)[1]
    assert isinstance(crop.anchor, tuple)  # type: ignore[attr-defined]
    assert crop.anchor[0] < 0.2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("keys", "size"),
    [
        ({"size": 48}, (48, 32)),
        ({"size": "50x50"}, (50, 33)),
        ({"size": "50x50", "fit": "cover"}, (50, 50)),
        ({"size": "50x50", "fit": "stretch"}, (50, 50)),
        ({"size": 192}, (192, 128)),
    ],
)
def test_resize_gives_the_size_that_it_says(keys: dict[str, Any], size: tuple[int, int]) -> None:
    made = chain(("resize", keys)).edit(numbered_picture(1), Moment(), deep=False)
    assert made.shape == (size[1], size[0], 3)
    assert edit_of("resize").model_validate(keys).sized(96, 64) == size


def test_a_smaller_picture_has_the_light_of_the_larger_one() -> None:
    stripes = np.zeros((64, 64, 3), np.float32)
    stripes[:, ::2] = 1
    made = chain(("resize", {"size": 32})).run(stripes, Moment())
    assert float(linear(made).mean()) == pytest.approx(0.5, abs=1e-3)


def test_sharpening_leaves_differences_below_its_threshold() -> None:
    picture = np.full((32, 32, 3), 0.5, np.float32)
    picture[:, 16:] += 0.02
    keys = {"amount": 2, "radius": 2}
    assert np.ptp(chain(("sharpen", keys)).run(picture, Moment())) > 0.03
    assert np.array_equal(chain(("sharpen", {**keys, "threshold": 0.03})).run(picture, Moment()), picture)


def test_grain_is_of_the_frames_number_and_the_seed_alone() -> None:
    grey = np.full((64, 64, 3), 0.5, np.float32)
    one, again, other = (chain(("grain", {})).run(grey, Moment(number)) for number in (7, 7, 8))
    reseeded = chain(("grain", {"seed": 1})).run(grey, Moment(7))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, reseeded)


@pytest.mark.parametrize("size", [1.0, 1.5, 4.0])
def test_grain_is_as_strong_whatever_its_size(size: float) -> None:
    grey = np.full((256, 256, 3), 0.5, np.float32)
    made = chain(("grain", {"amount": 0.5, "size": size})).run(grey, Moment(1))
    assert float((made - grey).std()) == pytest.approx(0.06, rel=0.15)


def test_denoising_takes_noise_and_keeps_edges() -> None:
    clean = np.full((48, 48, 3), 0.3, np.float32)
    clean[:, 24:] = 0.7
    noisy = clean + np.random.default_rng(0).normal(0, 0.03, clean.shape).astype(np.float32)
    made = chain(("denoise", {"amount": 0.3})).run(noisy, Moment())
    assert float((made - clean).std()) < 0.4 * float((noisy - clean).std())
    assert float(made[:, 26].mean() - made[:, 21].mean()) > 0.37


@pytest.mark.parametrize(("seconds", "share"), [(0, 0.0), (1, 0.5), (2, 1.0), (7, 0.25), (8, 0.0)])
def test_a_fade_begins_and_ends_with_its_colour(seconds: int, share: float) -> None:
    white = np.ones((2, 2, 3), np.float32)
    made = chain(("fade", {"in": 2, "out": 4})).run(white, Moment(0, Fraction(seconds), Fraction(8)))
    assert float(made.mean()) == pytest.approx(share)
