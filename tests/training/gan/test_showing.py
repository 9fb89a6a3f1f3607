"""What is shown of a training: sheets of one size from fixed seeds, curves, a card."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pipeline.models.stylegan.files import load
from pipeline.training import curves
from pipeline.training.gan import sheet
from pipeline.training.gan.training import PANELS, GanTraining
from pipeline.training.pictures import Pictures
from tests.training.gan.tiny import blobs, brief


def training() -> GanTraining:
    return GanTraining(brief(), pictures=Pictures(blobs, 8, 32), features=None)


def test_latents_are_each_seeds_own() -> None:
    many = sheet.latents(range(5), 8)
    assert torch.equal(many[3:4], sheet.latents(range(3, 4), 8))


def test_sheets_show_the_same_seeds_in_one_size() -> None:
    made = training()
    first, again = made.preview(), made.preview()
    assert (first.dtype, first.ndim, first.shape[0] % 2, first.shape[1] % 2) == (np.uint8, 3, 0, 0)
    assert np.array_equal(first, again)
    assert [row["kimg"] for row in made.steps.record.rows] == [0, 0]


def test_weights_are_half_precision_and_give_the_same_pictures(tmp_path: Path) -> None:
    made = training()
    for _ in islice(made.steps.steps(), 2):
        pass
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(made.weights())
    generator = load(path)
    assert {tensor.dtype for tensor in generator.state_dict().values()} == {torch.float32}
    z = torch.randn(2, 8)
    expected = made.steps.averaged.picture(made.steps.averaged.styles(z))
    torch.testing.assert_close(generator.picture(generator.styles(z)), expected, atol=0.02, rtol=0.02)
    assert path.stat().st_size < 100_000


def test_a_card_says_what_was_learnt_how_and_under_which_terms() -> None:
    made = GanTraining(
        replace(brief(), credit="Discs, CC0", licence="CC BY 4.0"), pictures=Pictures(blobs, 8, 32), features=None
    )
    card = made.card()
    for said in (
        "# tiny",
        "Discs, CC0; 8 of them, 32 px",
        "licence: CC BY 4.0",
        "images seen | 0, 4 an",
        "not measured",
    ):
        assert said in card


def test_curves_are_drawn_of_any_rows() -> None:
    rows = [
        {"kimg": 0.0, "generator": 0.7, "discriminator": 1.4},
        {"kimg": 5.0, "generator": 1.1, "discriminator": 1.2, "distance": 300.0, "augment": 0.0, "signs": -0.2},
        {"kimg": 10.0, "generator": 1.3, "discriminator": 1.1, "distance": 120.0, "augment": 0.1, "signs": 0.3},
    ]
    for some in ([], rows[:1], rows):
        page = Image.open(io.BytesIO(curves.encode(some, "tiny", PANELS)))
        assert page.size == (920, 510)
    colours = {colour for _, colour in page.getcolors(100_000)}
    assert {(31, 111, 180), (58, 143, 77)} <= colours


def test_ticks_are_a_few_round_numbers() -> None:
    assert curves.Axis(0, 1, 0, 100).ticks == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]
    assert [len(curves.Axis(0, most, 0, 1).ticks) in range(3, 8) for most in (0.3, 7, 23, 960)] == [True] * 4
