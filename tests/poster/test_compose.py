"""Posters put together: what lies where, what can be read, and how it moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.poster.compose import compose
from pipeline.poster.sprites import Sprite
from tests.poster.making import RATE, Shown, noise, scene, template

PAPER = {"layer": "shape", "fill": "paper", "box": {"within": "canvas"}}
WORDS = {"layer": "text", "text": "{headline}", "size": 16}


def frames(*layers: dict[str, Any], seconds: float = 2.0, loop: bool = True, **told: Any) -> list[np.ndarray]:
    made = compose(template(*layers), scene(seconds=seconds, loop=loop, **told))
    return [frame.copy() for frame in made.stage.frames(round(seconds * RATE), RATE)]


def still(*layers: dict[str, Any], **told: Any) -> np.ndarray:
    return compose(template(*layers), scene(**told)).still


def dark(pixels: np.ndarray) -> np.ndarray:
    """Rows and columns of what is dark: (N, 2)."""
    return np.argwhere(pixels.max(axis=2) < 100)


@pytest.mark.parametrize("keys", [{}, {"grey": 1.0}, {"tint": "#0000FF/50%"}, {"blur": 2}])
def test_what_is_transparent_in_a_background_shows_what_lies_below(keys: dict[str, Any]) -> None:
    figure = np.zeros((250, 200, 4), np.uint8)
    figure[100:150, 80:120] = (200, 40, 40, 255)
    made = still(PAPER, {"layer": "background", **keys}, background=Shown(figure))
    assert (made[:60] == 255).all()
    assert made[125, 100].mean() < 150


def test_a_background_fills_the_canvas_and_keeps_its_focus_in_view() -> None:
    picture = np.zeros((40, 400, 3), np.uint8)
    picture[:, :200], picture[:, 200:] = (255, 0, 0), (0, 0, 255)
    for focus, colour in ((0.0, [255, 0, 0]), (1.0, [0, 0, 255])):
        made = still({"layer": "background", "focus": [focus, 0.5]}, background=Shown(picture))
        assert made.shape == (250, 200, 3)
        assert (made == colour).all()


def test_a_picture_of_its_boxs_size_is_shown_as_it_is() -> None:
    picture = noise(200, 250)
    assert np.array_equal(still({"layer": "background"}, background=Shown(picture)), picture)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"grey": 1}, [76, 76, 76]),
        ({"tint": "white/50%"}, [255, 128, 128]),
        ({"opacity": 0.5}, [128, 0, 0]),
    ],
)
def test_a_picture_is_coloured(keys: dict[str, Any], expected: list[int]) -> None:
    red = np.full((10, 10, 3), (255, 0, 0), np.uint8)
    made = still({"layer": "background", **keys}, background=Shown(red))
    assert made[125, 100].tolist() == pytest.approx(expected, abs=1)


def test_round_corners_show_what_is_below() -> None:
    box = {"within": "canvas", "left": 10, "width": 50, "top": 10, "height": 50}
    made = still(
        PAPER, {"layer": "background", "radius": 25, "box": box}, background=Shown(np.zeros((9, 9, 3), np.uint8))
    )
    assert made[21, 21].tolist() == [255, 255, 255]
    assert made[70, 70].tolist() == [0, 0, 0]


def test_a_gradient_goes_from_colour_to_colour_without_bands() -> None:
    layer = {"layer": "gradient", "colours": ["black", "white"], "angle": 0}
    made = still(layer, width=256, height=64).astype(float)
    columns = made.mean(axis=(0, 2))
    assert columns == pytest.approx(np.arange(256), abs=1)
    assert made.std(axis=0).mean() > 0.1


def test_a_gradient_of_transparency_lets_through() -> None:
    made = still(PAPER, {"layer": "gradient", "colours": ["black/0%", "black"]})
    assert made[0].mean() > 252
    assert made[-1].mean() < 3


@pytest.mark.parametrize(("locale", "expected"), [("en", 0), ("ar", -1)])
def test_gradients_and_shapes_are_mirrored_with_their_boxes(locale: str, expected: int) -> None:
    gradient = {"layer": "gradient", "colours": ["black", "white"], "angle": 0}
    assert still(gradient, locale=locale)[:, expected].mean() < 3
    for shape in (
        {"shape": "polygon", "corners": [[0, 0], [0.4, 0], [0, 1]]},
        {"shape": "quarter"},
        {"shape": "rectangle", "rotate": 45, "box": {"left": 20, "width": 5, "top": 30, "height": 80}},
    ):
        layer = {"layer": "shape", "fill": "ink", "box": {"within": "canvas"}, **shape}
        plain, made = still(PAPER, layer), still(PAPER, layer, locale=locale)
        assert np.abs(plain.astype(int) - (made[:, ::-1] if expected else made)).mean() < 0.5


@pytest.mark.parametrize(("shape", "share"), [("half", np.pi / 4), ("quarter", np.pi / 4)])
def test_parts_of_discs_fill_their_box_as_discs_do(shape: str, share: float) -> None:
    box = {"within": "canvas", "left": 10.25, "top": 10.4, "width": 40, "height": 50}
    made = still(PAPER, {"layer": "shape", "shape": shape, "fill": "black", "box": box})
    assert (255 - made[..., 0]).sum() / 255 == pytest.approx(80 * 100 * share, rel=0.01)
    assert (made[122:] == 255).all()


def test_soft_shapes_hide_as_much_and_reach_further() -> None:
    layer = {"layer": "shape", "fill": "black", "box": {"left": 20, "right": 20, "top": 30, "height": 30}}
    sharp, soft = still(PAPER, layer), still(PAPER, {**layer, "blur": 3})
    assert (255 - soft.astype(int)).sum() == pytest.approx((255 - sharp.astype(int)).sum(), rel=0.01)
    assert len(dark(soft)) < len(dark(sharp))
    assert (soft < 255).sum() > (sharp < 255).sum()


@pytest.mark.parametrize("shape", ["rectangle", "ellipse", "polygon"])
def test_shapes_have_an_edge(shape: str) -> None:
    box = {"within": "canvas", "left": 20, "width": 40, "top": 20, "height": 40}
    keys = {"shape": shape, "outline": "black", "width": 4, "corners": [[0, 0], [1, 0], [1, 1], [0, 1]], "box": box}
    made = still(PAPER, {"layer": "shape", **keys})
    assert made[80, 42].max() < 60
    assert made[80, 80].tolist() == [255, 255, 255]


def test_a_qr_code_says_its_text() -> None:
    import cv2

    made = still(PAPER, {"layer": "qr", "text": "https://example.org/{headline}"}, width=400, height=400)
    assert cv2.QRCodeDetector().detectAndDecode(made)[0] == "https://example.org/Hello"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"text": "x" * 200, "box": {"width": 5}}, "make its box at least"),
        ({"text": "x" * 5000}, "more than a QR code can hold"),
        ({"text": "x", "dark": "#aaa"}, "has a contrast of"),
    ],
)
def test_a_code_that_no_phone_reads_is_refused(keys: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=f"layer qr: .*{said}"):
        still({"layer": "qr", **keys})


def test_a_logo_is_shown_whole_and_may_be_of_one_colour() -> None:
    logo = np.zeros((20, 40, 4), np.uint8)
    logo[:, :20] = (0, 200, 0, 255)
    box = {"within": "canvas", "left": 0, "top": 0, "width": 50}
    for colour, expected in ((None, [0, 200, 0]), ("accent", [204, 34, 0])):
        layer = {"layer": "logo", "logo": "logo.png", "box": box} | ({"colour": colour} if colour else {})
        made = still(PAPER, layer, pictures={"logo.png": logo})
        assert made[25, 20].tolist() == expected
        assert made[25, 80].tolist() == [255, 255, 255]


def test_words_lie_in_their_box_at_their_size() -> None:
    made = still(PAPER, {**WORDS, "box": {"within": "canvas", "top": 50, "left": 10, "right": 10}})
    rows, columns = dark(made).T
    assert rows.min() >= 100
    assert columns.min() >= 20
    assert columns.max() < 180
    # A capital of an em of 32 px is about 0.7 em high.
    assert rows.max() - rows.min() == pytest.approx(23, abs=3)


def test_a_layer_lies_below_the_words_of_another() -> None:
    line = {"layer": "shape", "fill": "accent", "box": {"below": "head", "gap": 2, "height": 3}}
    made = still(PAPER, {**WORDS, "name": "head", "box": {"top": 10}}, line)
    words = dark(made)[:, 0].max()
    red = np.argwhere((made == [204, 34, 0]).all(axis=2))[:, 0].min()
    assert red - words == pytest.approx(4, abs=2)


def test_a_layer_is_left_out_where_its_variable_is_empty() -> None:
    layer = {"layer": "shape", "fill": "ink", "box": {"within": "canvas"}, "when": "{link}"}
    assert (still(PAPER, layer) == 255).all()
    assert (still(PAPER, layer, link="x") == 17).all()


def test_words_that_are_empty_take_no_room() -> None:
    assert (still(PAPER, WORDS, headline=" ") == 255).all()


def test_right_to_left_mirrors_boxes() -> None:
    layer = {"layer": "shape", "fill": "ink", "box": {"within": "canvas", "left": 0, "width": 20}}
    made = still(PAPER, layer, locale="ar")
    assert dark(made)[:, 1].min() == 160


def test_words_on_a_ground_of_their_own_colour_become_readable() -> None:
    on_paper = scene()
    made = compose(template(PAPER, {**WORDS, "colour": "#F0F0F0"}), on_paper)
    # Large words are read at a contrast of 3: at grey 148 on white.
    assert made.still.min() <= 148
    assert on_paper.notes == [note for note in on_paper.notes if "#F0F0F0 is not read on what lies below" in note] != []
    assert (compose(template(PAPER, {**WORDS, "colour": "#F0F0F0", "contrast": "as-is"}), scene()).still >= 240).all()


def test_words_on_black_and_white_get_a_shade() -> None:
    picture = np.zeros((250, 200, 3), np.uint8)
    picture[:, ::8] = picture[:, 1::8] = picture[:, 2::8] = 255
    told = scene(background=Shown(picture))
    made = compose(template({"layer": "background"}, {**WORDS, "colour": "white", "box": {"top": 40}}), told)
    assert any("a shade of" in note for note in told.notes)
    assert (made.still[80:130] < picture[80:130]).mean() > 0.1
    assert np.array_equal(made.still[230:], picture[230:])


def test_a_plate_lies_under_its_words() -> None:
    made = still(PAPER, {**WORDS, "colour": "white", "plate": {"colour": "accent", "pad": [5, 5]}, "box": {"top": 20}})
    red = np.argwhere((made == [204, 34, 0]).all(axis=2))
    # What is white between the edges of the plate are the letters.
    inside = made[red[:, 0].min() : red[:, 0].max(), red[:, 1].min() : red[:, 1].max()]
    assert (inside.min(axis=2) > 200).sum() > 100


def test_hollow_letters_are_an_edge_and_nothing_within() -> None:
    edge = {"colour": "ink", "width": 1}
    full, hollow = (still(PAPER, {**WORDS, "outline": {**edge, "hollow": hollow}}) for hollow in (False, True))
    assert 0 < len(dark(hollow)) < 0.8 * len(dark(full))


def test_wide_letters_are_wider() -> None:
    narrow, wide = (dark(still(PAPER, {**WORDS, "font": "Archivo", "stretch": stretch})) for stretch in (62, 125))
    assert np.ptp(wide[:, 1]) > 1.3 * np.ptp(narrow[:, 1])


def test_words_that_stand_upright_are_looked_at_where_they_stand() -> None:
    """The canvas is black but for a white strip on which they come to lie."""
    strip = {"layer": "shape", "fill": "white", "box": {"within": "canvas", "left": 0, "width": 20}}
    words = {**WORDS, "size": 10, "colour": "ink", "align": "center", "valign": "middle", "rotate": -90}
    told = scene()
    made = compose(
        template(strip, {**words, "box": {"within": "canvas", "center": 10, "width": 80, "height": 20}}), told
    )
    assert told.notes == []
    assert np.ptp(dark(made.still[:, 4:36])[:, 0]) > 30


def test_small_words_need_more_contrast_than_large_ones() -> None:
    """They shrink to fit, so it is the size that they come to that tells."""
    grey = {**WORDS, "size": 30, "smallest": 4, "colour": "#8A8A8A"}
    large, small = scene(), scene(headline="A headline of many words that does not fit into so little")
    compose(template(PAPER, {**grey, "box": {"height": 40}}), large)
    compose(template(PAPER, {**grey, "box": {"height": 12}}), small)
    assert large.notes == []
    assert "is not read" in small.notes[0]


def test_a_button_and_its_words_move_as_one() -> None:
    """Words at the end of a wide box grow about the button's middle."""
    button = {**WORDS, "size": 8, "colour": "white", "plate": {"colour": "ink"}, "align": "end", "box": {"top": 40}}
    made = compose(
        template(PAPER, {**button, "motion": [{"preset": "grow", "over": 1, "begins": 0.3}]}), scene(seconds=3.0)
    )
    frame = made.stage._frame(_moment(14))
    plate = dark(frame)
    words = np.argwhere(frame[plate[:, 0].min() : plate[:, 0].max(), plate[:, 1].min() : plate[:, 1].max(), 0] > 150)
    middle = np.ptp(plate[:, 1]) / 2
    assert (words[:, 1].min() + words[:, 1].max()) / 2 == pytest.approx(middle, abs=2)


def test_a_curtain_is_seen_in_motion_only() -> None:
    curtain = {"layer": "shape", "fill": "ink", "still": False, "box": {"within": "canvas"}}
    assert (still(PAPER, curtain) == 255).all()
    made = compose(template(PAPER, curtain), scene(seconds=1.0))
    assert (made.still == 255).all()
    assert (made.stage._frame(_moment(3)) == 17).all()


def test_what_is_masked_is_seen_within_its_box_only() -> None:
    box = {"within": "canvas", "left": 30, "width": 40, "top": 30, "height": 40}
    turned = {"layer": "shape", "fill": "ink", "rotate": 45, "masked": True, "box": box}
    there = dark(still(PAPER, turned))
    assert (there.min(axis=0) >= 60).all()
    assert (there.max(axis=0) < 140).all()
    assert len(there) > 0.8 * 80 * 80


def test_outline_and_shadow_surround_the_letters() -> None:
    plain = still(PAPER, WORDS)
    outlined = still(PAPER, {**WORDS, "outline": {"colour": "blue", "width": 2}})
    shadowed = still(PAPER, {**WORDS, "shadow": {"colour": "black", "y": 6, "blur": 0}})
    assert ((outlined[..., 2] > 200) & (outlined[..., 0] < 60)).sum() > 200
    assert len(dark(shadowed)) > 1.3 * len(dark(plain))


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({**WORDS, "text": "unfittable " * 40}, "layer .*does not fit"),
        ({**WORDS, "text": "\U0001fae8\U00012000"}, "layer .*U\\+"),
        ({**WORDS, "font": "Helvetca"}, "layer .*unknown font family 'Helvetca'"),
        ({**WORDS, "name": "head", "colour": "{headline}"}, "layer head: 'Hello' is no colour"),
    ],
)
def test_what_cannot_be_set_names_its_layer(layer: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        still(PAPER, layer)


def test_frames_are_what_laying_every_actor_gives() -> None:
    """What is put together once and kept shows as if nothing were kept."""
    layers = (
        {"layer": "background", "motion": [{"preset": "ken-burns"}]},
        {"layer": "gradient", "colours": ["black/0%", "black/80%"]},
        {**WORDS, "colour": "white", "motion": [{"preset": "rise", "at": 0.2, "over": 0.4}]},
        {"layer": "shape", "fill": "accent/50%", "box": {"width": 20, "height": 20, "bottom": 0}},
    )
    made = compose(template(*layers), scene(seconds=2.0))
    again = compose(template(*layers), scene(seconds=2.0))
    for number, frame in enumerate(made.stage.frames(60, RATE)):
        # One that was never asked for a frame before keeps nothing yet.
        fresh = compose(template(*layers), scene(seconds=2.0)) if number % 20 == 7 else None
        if fresh is None:
            continue
        alone = fresh.stage._frame(_moment(number))
        assert np.abs(frame.astype(int) - alone).max() <= 2
    assert np.array_equal(made.still, again.still)


def _moment(number: int) -> Any:
    from pipeline.poster.actors import Moment

    return Moment(float(number / RATE), number)


def test_what_stands_still_is_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.poster import stage

    laid: list[Sprite] = []
    real = stage.layable

    def counting(sprite: Sprite) -> Any:
        laid.append(sprite)
        return real(sprite)

    monkeypatch.setattr(stage, "layable", counting)
    frames(PAPER, {"layer": "gradient", "colours": ["black/0%", "black"]}, WORDS, seconds=2.0)
    # Each alone in the first frame, and all of them together in the second.
    assert len(laid) == 4


def test_a_loop_leads_on_to_its_beginning() -> None:
    layers = (
        {"layer": "background", "motion": [{"preset": "ken-burns", "zoom": 1.3}, {"preset": "parallax"}]},
        {**WORDS, "colour": "white", "motion": [{"preset": "rise", "over": 0.4}]},
    )
    smooth = np.add.outer(np.arange(125), np.arange(100)).astype(np.uint8)
    made = frames(*layers, background=Shown(np.dstack([smooth] * 3)))
    steps = [np.abs(a.astype(int) - b).mean() for a, b in zip(made, [*made[1:], made[0]], strict=True)]
    assert steps[-1] <= 1.5 * max(steps[:-1])
    assert len(made) == 60


def test_a_film_behind_is_shown_frame_by_frame() -> None:
    made = frames({"layer": "background"}, seconds=1.0, background=Shown(noise(), is_film=True))
    assert [int(frame[0, 0, 0]) for frame in made] == list(range(30))


def test_letters_come_one_after_the_other() -> None:
    typed = {**WORDS, "motion": [{"preset": "type-on", "over": 1.0, "leave": False}]}
    made = frames(PAPER, typed, seconds=2.0)
    counts = [len(dark(frame)) for frame in made]
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert len({count for count in counts if count}) == 5


def test_lines_come_one_after_the_other() -> None:
    rising = {"preset": "fade", "each": "line", "over": 0.3, "stagger": 0.5, "leave": False}
    made = frames(PAPER, {**WORDS, "text": "one\ntwo", "motion": [rising]}, seconds=2.0)
    rows = [dark(frame)[:, 0] for frame in (made[12], made[40])]
    assert rows[0].max() + 15 < rows[1].max()


def test_still_and_moving_posters_are_the_same_at_rest() -> None:
    layers = ({"layer": "background"}, {**WORDS, "motion": [{"preset": "rise"}]})
    assert np.array_equal(compose(template(*layers), scene(seconds=2.0)).still, still(*layers))
