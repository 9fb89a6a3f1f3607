"""The networks learn, nothing else moves them, a resumed training equals an unbroken one, and a broken one stops."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import pytest
import torch

from pipeline.errors import ConfigError, ModelError
from pipeline.models.features import SHIPPED, load
from pipeline.training.vae import descent as descending
from pipeline.training.vae.descent import Descent
from tests.training.gan.test_contest import assert_equal, through_a_file
from tests.training.vae.tiny import brief, descent, source


def run(training: Descent, iterations: int | None = None) -> Descent:
    for _ in islice(training.steps(), iterations):
        pass
    return training


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"sketch": False, "textbook": True},
        {"adversarial": 0.1, "adversarial_from": 0.008, "mirror": True, "crop": 1.25, "jitter": 0.2},
    ],
    ids=["plain", "textbook", "critic"],
)
def test_a_resumed_training_equals_an_unbroken_one(recipe: dict[str, Any]) -> None:
    asked = brief(iterations=6, **recipe)
    whole = run(descent(asked))
    first = run(descent(asked), 3)
    torch.manual_seed(99)
    second = descent(asked)
    second.resume(through_a_file(first.state()))
    run(second)
    assert second.iteration == whole.iteration == 6
    assert_equal(second.state(), whole.state())


def test_features_are_asked_where_they_have_a_weight() -> None:
    asked = brief(iterations=2, perceptual=0.1)
    training = run(Descent(asked, source(asked).material, load(SHIPPED)))
    assert training.record.read()["features"] > 0
    assert "features" not in run(descent(asked)).record.read()


def test_the_critic_is_asked_from_the_hour_that_the_recipe_says() -> None:
    training = descent(brief(iterations=4, adversarial=0.1, adversarial_from=0.008))
    heard = ["deceit" in training.record.read() for _ in training.steps()]
    assert heard == [False, False, True, True]


def test_principal_components_begin_better_than_chance() -> None:
    errors = []
    for sketch in (True, False):
        training = run(descent(brief(iterations=1, sketch=sketch)))
        errors.append(training.record.read()["reconstruction"])
    assert errors[0] < errors[1] / 2


def test_a_training_that_breaks_down_says_where_before_anything_of_it_is_saved() -> None:
    training = run(descent(brief(iterations=20, save_every=5)), 5)
    with torch.no_grad():
        training.vae.decoder.leave.bias.fill_(float("nan"))
    steps = training.steps()
    with pytest.raises(ConfigError, match=r"broke down at iteration 6: .*lower learning_rate"):
        # Whoever keeps states does so when a step was given, and none is.
        next(steps)


def test_a_training_that_broke_down_unseen_gives_whoever_pauses_no_state() -> None:
    training = run(descent(brief(iterations=20, save_every=20, preview_every=20)), 5)
    with torch.no_grad():
        training.vae.decoder.leave.bias.fill_(float("nan"))
    run(training, 1)
    with pytest.raises(ConfigError, match="broke down at iteration 6"):
        training.state()


def test_a_critic_that_breaks_down_at_the_last_iteration_is_not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    training = descent(brief(iterations=1, adversarial=0.1, adversarial_from=0))
    penalty = descending.gradient_penalty
    monkeypatch.setattr(descending, "gradient_penalty", lambda *given: penalty(*given) * float("nan"))
    with pytest.raises(ConfigError, match=r"broke down at iteration 1: .*'critic_slope': nan"):
        next(training.steps())
    assert math.isfinite(training.record.read()["critic"])


def test_a_state_from_before_a_number_was_added_is_gone_on_from() -> None:
    whole = run(descent(brief()))
    state = through_a_file(run(descent(brief()), 3).state())
    state["record"]["sums"] = state["record"]["sums"][:-1]
    second = descent(brief())
    second.resume(state)
    assert_equal(run(second).state(), whole.state())


def test_a_state_of_another_training_is_refused_and_changes_nothing() -> None:
    training = descent(brief())
    before = through_a_file(training.state())
    other = run(descent(brief(latent=5)), 1).state()
    with pytest.raises(ModelError, match="another training"):
        training.resume(other)
    assert_equal(through_a_file(training.state()), before)
