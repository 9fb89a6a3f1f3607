"""A GAN's training on a CUDA device, in half precision."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from pipeline.training.gan.contest import Contest
from pipeline.training.pictures import Pictures
from tests.training.gan.test_contest import run, through_a_file
from tests.training.gan.tiny import blobs, brief

pytestmark = pytest.mark.gpu


def test_a_gpu_trains_in_half_precision_and_goes_on_from_a_cpus_state() -> None:
    asked = brief(iterations=8, r1_every=2, augment_target=-2.0, augment_kimg=0.05)
    asked = replace(asked, schedule=replace(asked.schedule, mixed_precision=True))
    begun = run(Contest(asked, Pictures(blobs, 8, 32)), 4)
    training = Contest(asked, Pictures(blobs, 8, 32), "cuda")
    training.resume(through_a_file(begun.state()))
    run(training)
    assert (training.iteration, training.adaptive.probability) == (8, pytest.approx(0.64))
    assert all(torch.isfinite(value).all() for value in training.averaged.state_dict().values())
