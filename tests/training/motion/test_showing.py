"""What is shown and kept of a training: sheets, numbers beside real motions and baselines, card and report."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.motion.clip import posed
from pipeline.motion.features import features_of
from pipeline.training.motion import extractor, measures
from pipeline.training.motion.measures import BLENDED, DRAWN, HELD, LEARNT, MADE, REAL, world_of
from pipeline.training.motion.training import MotionTraining
from tests.motion.making import far, walk
from tests.training.motion.tiny import brief, motions


@pytest.fixture(scope="module")
def ended() -> MotionTraining:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extractor, "_ITERATIONS", 40)
        patch.setattr(measures, "CLIP_S", 4.0)
        patch.setattr(measures, "_WINDOWS", 12)
        training = MotionTraining(brief(iterations=2, measured_clips=1), motions=motions())
        for _ in training.steps.steps():
            pass
        training.preview()
        training.table()
        return training


def test_a_preview_keeps_a_row_of_what_was_measured(ended: MotionTraining) -> None:
    (row,) = ended.steps.record.rows
    assert {"kimg", "copy", "kl", "distance", "skate_cm_s", "jerk_m_s3"} <= set(row)


def test_the_table_tells_real_from_random(ended: MotionTraining) -> None:
    table = ended.table()
    assert list(table) == [LEARNT, REAL, MADE, HELD, BLENDED, DRAWN]
    assert table[LEARNT].distance < 0.02 < table[DRAWN].distance
    assert table[LEARNT].nearest_m < 1e-6 < table[DRAWN].nearest_m
    assert table[DRAWN].jerk_m_s3 > 10 * table[LEARNT].jerk_m_s3
    assert table[MADE].bones_percent < 0.01 < table[BLENDED].bones_percent
    assert json.loads(ended.told())[REAL]["skate_cm_s"] == pytest.approx(table[REAL].skate_cm_s)


def test_the_card_says_what_was_learnt_and_measured(ended: MotionTraining) -> None:
    card = ended.card()
    assert card.startswith("# tiny\n")
    assert "stoop 4 s, walk 4 s" in card
    assert "| foot-skate, cm/s |" in card
    assert max(map(len, card.splitlines())) < 400


def test_without_measuring_the_card_says_so() -> None:
    training = MotionTraining(brief(iterations=1), motions=motions())
    assert training.preview().shape[2] == 3
    assert "It was not measured" in training.card()
    assert training.told() == b"{}"


def test_a_sheet_shows_every_class_and_the_report_is_a_picture(ended: MotionTraining) -> None:
    page = ended.preview()
    assert page.dtype == np.uint8
    assert page.shape[0] % 2 == page.shape[1] % 2 == 0
    with Image.open(io.BytesIO(ended.report())) as report:
        assert report.size[0] > 400


def test_positions_in_the_world_are_those_of_the_clip() -> None:
    clip = walk(2.0)
    pose = posed(clip).positions
    made = world_of(features_of(clip), 30.0)
    assert far(np.linalg.norm(np.diff(made, axis=0), axis=-1), np.linalg.norm(np.diff(pose, axis=0), axis=-1)) < 1e-4
    assert far(made[..., 1], pose[..., 1]) < 1e-5


def test_gaussian_frames_have_the_mean_of_real_ones() -> None:
    real = torch.from_numpy(features_of(walk(4.0)))[None, :64]
    from pipeline.training.motion.baselines import gaussian_frames, interpolated

    drawn = gaussian_frames(real, 50, torch.Generator().manual_seed(0))
    assert drawn.shape == (50, 64, 203)
    assert far(drawn.mean((0, 1)), real.mean((0, 1))) < 0.2
    blended = interpolated(real.repeat(2, 1, 1), 3, torch.Generator().manual_seed(0))
    assert far(blended, real.repeat(3, 1, 1)) < 1e-5
