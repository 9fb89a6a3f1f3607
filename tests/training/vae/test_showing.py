"""What is shown and kept of a training: sheets, numbers, weights that load, card, report."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.models.features import SHIPPED, load
from pipeline.models.vae.files import load as load_vae
from pipeline.training.vae import training as showing
from pipeline.training.vae.training import VaeTraining
from tests.training.vae.tiny import brief, source


def trained() -> VaeTraining:
    asked = brief(iterations=2)
    training = VaeTraining(asked, source=source(asked), features=load(SHIPPED))
    for _ in training.steps.steps():
        pass
    return training


def test_a_preview_measures_held_out_pictures_and_keeps_a_row(tmp_path: Path) -> None:
    training = trained()
    page = training.preview()
    assert page.dtype == np.uint8
    assert page.shape[0] % 2 == page.shape[1] % 2 == 0
    assert training.preview().shape == page.shape
    row = training.steps.record.rows[0]
    assert {"kimg", "reconstruction", "kl", "psnr", "ssim", "held_out_kl", "active", "distance"} <= set(row)
    assert 5 < row["psnr"] < 60
    assert 0 <= row["active"] <= 6


def test_labelled_pictures_are_always_among_those_that_tell_where_attributes_lie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(showing, "_MOST_ENCODED", 5)
    asked = brief(iterations=1)
    found = source(asked)
    labelled = found.material.learnt[1:4]
    training = VaeTraining(asked, source=replace(found, labelled=labelled), features=None)
    telling = training._telling()
    assert len(set(telling)) == 5
    assert set(labelled) < set(telling) <= set(found.material.learnt)


def test_the_weights_carry_spread_and_directions_and_load(tmp_path: Path) -> None:
    training = trained()
    training.preview()
    (tmp_path / "tiny.safetensors").write_bytes(training.weights())
    vae = load_vae(tmp_path / "tiny.safetensors")
    assert vae.config.attributes == ("brightness",)
    assert vae.directions.abs().sum() > 0
    assert not torch.equal(vae.spread, torch.eye(6))
    pictures = training.material.of([0, 1])
    torch.testing.assert_close(vae.decode(vae.encode(pictures).mean), training.steps.averaged.decode(
        training.steps.averaged.encode(pictures).mean), atol=0.02, rtol=0)  # fmt: skip


def test_the_card_says_what_was_learnt_and_measured() -> None:
    training = trained()
    training.preview()
    card = training.card()
    for said in ("# tiny", "20 of them, 64 px, 2 pictures held out", "PSNR, held out", "brightness", "not stated"):
        assert said in card


def test_a_run_that_finds_everything_done_tells_the_same(tmp_path: Path) -> None:
    training, again = trained(), trained()
    training.preview()
    again.steps.resume(training.steps.state())
    assert (again.card(), again.report()) == (training.card(), training.report())
    assert again.weights() == training.weights()


def test_the_report_is_a_picture_of_curves_and_bars() -> None:
    training = trained()
    training.preview()
    page = Image.open(io.BytesIO(training.report()))
    assert page.size[1] > 700
    assert len(set(np.asarray(page.convert("RGB"))[-150:].reshape(-1, 3).max(0).tolist())) >= 1
    assert np.asarray(page.convert("L"))[-200:].min() < 128
