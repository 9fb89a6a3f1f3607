"""The two networks in turns: both learn, nothing else moves them, and a resumed training equals an unbroken one."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from pipeline.errors import ConfigError, ModelError
from pipeline.generators import described
from pipeline.models.stylegan.config import Synthesis2Config
from pipeline.models.stylegan.files import to_safetensors
from pipeline.training.gan.brief import GanRecipe
from pipeline.training.gan.contest import Contest
from tests.training.gan.tiny import brief, contest


def run(training: Contest, iterations: int | None = None) -> Contest:
    for _ in islice(training.steps(), iterations):
        pass
    return training


def through_a_file(state: dict[str, Any]) -> Any:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def assert_equal(first: Any, second: Any) -> None:
    """Bit for bit."""
    if isinstance(first, torch.Tensor):
        assert torch.equal(first, second)
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_equal(first[key], second[key])
    elif isinstance(first, list | tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_equal(one, other)
    else:
        assert first == second


@pytest.mark.parametrize(
    "recipe",
    [
        {"path_weight": 2.0, "path_every": 2, "mirror": True},
        {"r1_every": 2, "augment_target": -1.0, "augment_kimg": 0.01},
    ],
    ids=["paths", "augmented"],
)
def test_a_resumed_training_equals_an_unbroken_one(recipe: dict[str, Any]) -> None:
    asked = brief(iterations=5, **recipe)
    whole = run(contest(asked))
    first = run(contest(asked), 3)
    torch.manual_seed(99)
    second = contest(replace(asked, schedule=replace(asked.schedule, seed=asked.schedule.seed)))
    second.resume(through_a_file(first.state()))
    run(second)
    assert second.iteration == whole.iteration == 5
    assert_equal(second.state(), whole.state())


def test_both_networks_learn_and_the_average_follows() -> None:
    training = contest(brief(iterations=2, r1_every=1))
    before = through_a_file(training.state())
    run(training)
    for name in ("generator", "discriminator", "averaged"):
        after = getattr(training, name).state_dict()
        assert any(not torch.equal(before[name][key], after[key]) for key in after), name
    assert training.averaged.mapping.w_avg.abs().sum() > 0
    torch.testing.assert_close(training.averaged.mapping.w_avg, training.generator.mapping.w_avg)


def test_a_rate_of_nothing_moves_nothing_but_the_mean_latent() -> None:
    training = contest(brief(iterations=3, learning_rate=0.0, r1_every=2, path_weight=1.0, path_every=2))
    before = through_a_file(training.state())
    run(training)
    for name in ("generator", "discriminator", "averaged"):
        for key, value in getattr(training, name).state_dict().items():
            assert torch.equal(before[name][key], value) == (not key.endswith("w_avg")), key


def test_rates_fall_to_a_tenth_in_the_end() -> None:
    recipe = GanRecipe(learning_rate=1.0, fall=0.2)
    assert [recipe.rate(at, 100) for at in (0, 80, 90, 100)] == pytest.approx([1, 1, 0.55, 0.1])
    assert GanRecipe(learning_rate=1.0, fall=0).rate(100, 100) == 1


def test_a_discriminator_may_be_wider_than_its_generator() -> None:
    training = run(contest(brief(discriminator_channels=8, discriminator_most=16)), 1)
    assert training.discriminator.b32.conv1.weight.shape == (16, 8, 3, 3)
    assert training.generator.synthesis.b32.conv1.weight.shape == (4, 4, 3, 3)


def test_a_training_without_noise_learns_none_and_its_file_says_so(tmp_path: Path) -> None:
    trained = contest(brief(noise=False))
    run(trained, 2)
    assert not [name for name in trained.averaged.state_dict() if "noise" in name]
    (tmp_path / "drawn.safetensors").write_bytes(to_safetensors(trained.averaged))
    config = described(tmp_path / "drawn.safetensors").synthesis
    assert isinstance(config, Synthesis2Config)
    assert not config.noisy


def test_numbers_are_told() -> None:
    training = contest(brief(iterations=8, r1_every=2))
    *_, last = training.steps()
    assert (last.iteration, last.iterations) == (8, 8)
    assert last.losses.keys() == {"generator", "discriminator", "signs", "r1", "augment"}
    assert all(value == value for value in last.losses.values())


def test_a_sure_discriminator_makes_augmentation_rise() -> None:
    training = run(contest(brief(iterations=4, augment_target=-2.0, augment_kimg=0.1)))
    assert training.adaptive.probability == pytest.approx(0.16)
    assert run(contest(brief(iterations=4, augment=False, augment_target=-2.0))).adaptive.probability == 0


def test_a_training_that_breaks_down_says_so() -> None:
    training = contest(brief(iterations=8))
    with torch.no_grad():
        training.discriminator.b4.out.bias.fill_(torch.nan)
    with pytest.raises(ConfigError, match=r"broke down at iteration 8.*lower learning rate"):
        run(training)


@pytest.fixture(scope="module")
def begun() -> Contest:
    """A training after its first iteration."""
    torch.manual_seed(0)
    return run(contest(brief()), 1)


@pytest.mark.parametrize("change", [{"channels": 8}, {"latent": 4}, {"discriminator_channels": 8}, {"noise": False}])
def test_another_trainings_state_is_refused_and_changes_nothing(begun: Contest, change: dict[str, Any]) -> None:
    other, training = run(contest(brief(**change)), 1).state(), begun
    before = through_a_file(training.state())
    with pytest.raises(ModelError, match="it is the state of another training"):
        training.resume(other)
    assert_equal(training.state(), before)


def test_half_precision_keeps_float32_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.training.gan.contest.has_fast_bfloat16", lambda device: True)
    asked = brief(iterations=2)
    training = contest(replace(asked, schedule=replace(asked.schedule, mixed_precision=True)))
    assert training.precision == torch.bfloat16
    run(training)
    assert {parameter.dtype for parameter in training.generator.parameters()} == {torch.float32}


@pytest.mark.slow
def test_a_generator_learns_discs() -> None:
    training = contest(brief(iterations=500, batch=8, channels=8, channels_most=16, learning_rate=0.005), count=200)
    real = training.pictures.of(range(64))
    run(training)
    made = training.averaged.picture(training.averaged.styles(torch.randn(64, 8)))
    apart = [float((seen.mean((0, 2, 3)) - real.mean((0, 2, 3))).abs().max()) for seen in (made,)]
    assert apart[0] < 0.25
    assert float(made.std(0).mean()) > 0.3 * float(real.std(0).mean())
