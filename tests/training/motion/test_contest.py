"""The networks learn, a resumed training equals an unbroken one, and a broken one stops."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import pytest
import torch

from pipeline.errors import ConfigError, ModelError
from pipeline.training.motion.contest import Contest
from pipeline.training.motion.prior import process_of
from tests.training.gan.test_contest import assert_equal, through_a_file
from tests.training.motion.tiny import brief, contest


def run(training: Contest, iterations: int | None = None) -> Contest:
    for _ in islice(training.steps(), iterations):
        pass
    return training


def run_and_read(training: Contest, iterations: int) -> float:
    """How far copies were off in these iterations, on average."""
    run(training, iterations)
    return training.record.take()["copy"]


def test_a_resumed_training_equals_an_unbroken_one() -> None:
    asked = brief()
    whole, first = run(contest(asked)), run(contest(asked), 3)
    torch.manual_seed(99)
    second = contest(asked)
    second.resume(through_a_file(first.state()))
    run(second)
    assert second.iteration == whole.iteration == 4
    assert_equal(second.state(), whole.state())


def test_critics_are_asked_from_the_iteration_that_the_recipe_says() -> None:
    training = contest(brief())
    heard = ["deceit" in training.record.read() for _ in training.steps()]
    assert heard == [False, False, True, True]


def test_copies_become_better() -> None:
    asked = brief(iterations=20, adversarial_from=100)
    training = contest(replace(asked, schedule=replace(asked.schedule, learning_rate=5e-3)))
    first, last = run_and_read(training, 6), run_and_read(training, 14)
    assert last < 0.9 * first


def test_a_training_that_breaks_down_says_so() -> None:
    training = contest(brief(iterations=20))
    with torch.no_grad():
        training.generator.leave.bias[0] = math.nan
    with pytest.raises(ConfigError, match="training broke down at iteration"):
        run(training)


def test_the_state_of_another_training_is_refused() -> None:
    state = contest(brief()).state()
    other = contest(brief(width=12))
    with pytest.raises(ModelError, match="it is the state of another training"):
        other.resume(state)


def test_noise_is_made_as_it_was_found() -> None:
    """Of a process whose own numbers are known."""
    chance = torch.Generator().manual_seed(1)
    follow = torch.tensor([[0.8, 0.1], [0.0, 0.5]])
    now, steps = torch.zeros(2), []
    for new in torch.randn(4_000, 2, generator=chance):
        now = follow @ now + new
        steps.append(now + torch.tensor([3.0, -1.0]))
    path = torch.stack(steps, 1)
    found = process_of([path], [torch.zeros_like(path)])
    torch.testing.assert_close(found.usual, torch.tensor([3.0, -1.0]), atol=0.2, rtol=0)
    torch.testing.assert_close(found.follow, follow, atol=0.06, rtol=0)
    torch.testing.assert_close(found.fresh @ found.fresh.T, torch.eye(2), atol=0.2, rtol=0)
