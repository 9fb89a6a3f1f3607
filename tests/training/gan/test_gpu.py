"""A GAN's training on a CUDA device: half precision, and kernels that CPUs have no use for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from pipeline.device import make_deterministic
from pipeline.models.stylegan.discriminator import Discriminator
from pipeline.training.gan.contest import Contest
from pipeline.training.gan.losses import gradient_penalty
from pipeline.training.pictures import Pictures
from tests.training.gan.test_contest import run, through_a_file
from tests.training.gan.tiny import blobs, brief

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def as_workers_have_it() -> Iterator[None]:
    make_deterministic(torch.device("cuda"))
    yield
    torch.use_deterministic_algorithms(False)


def test_a_gpu_trains_in_half_precision_and_goes_on_from_a_cpus_state() -> None:
    asked = brief(iterations=8, r1_every=2, augment_target=-2.0, augment_kimg=0.05)
    asked = replace(asked, schedule=replace(asked.schedule, mixed_precision=True))
    begun = run(Contest(asked, Pictures(blobs, 8, 32)), 4)
    training = Contest(asked, Pictures(blobs, 8, 32), "cuda")
    training.resume(through_a_file(begun.state()))
    run(training)
    assert (training.iteration, training.adaptive.probability) == (8, pytest.approx(0.64))
    assert all(torch.isfinite(value).all() for value in training.averaged.state_dict().values())
    assert torch.are_deterministic_algorithms_enabled()


def test_a_gpu_judges_as_the_cpu_does() -> None:
    judge, pictures = Discriminator(32, (8, 8, 8, 4)), torch.randn(8, 3, 32, 32)
    expected = _judged(judge, pictures)
    found = _judged(judge.cuda(), pictures.cuda())
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def _judged(judge: Discriminator, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Logits, the penalty on slopes, and what would lessen it at the layer that sees most."""
    pictures = pictures.requires_grad_()
    logits = judge(pictures)
    penalty = gradient_penalty(logits, pictures)
    (slopes,) = torch.autograd.grad(penalty, judge.b32.conv1.weight)
    return logits.detach().cpu(), penalty.detach().cpu(), slopes.cpu()
