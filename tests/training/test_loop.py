"""The loop that families share: it learns, averages, keeps its state, and resumes as if nothing had happened."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from pipeline.errors import ConfigError, ModelError
from pipeline.training.loop import Schedule, train


class Line:
    """Learns y = 2x + 1 from random points."""

    def __init__(self):
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.network = nn.Linear(1, 1)
        self.seen = []

    def losses(self, generator):
        x = torch.rand(8, 1, generator=generator)
        # Also draws from PyTorch's own generator, as dropout would.
        target = 2 * x + 1 + 0.01 * torch.randn(8, 1)
        self.seen.append(float(x[0]))
        return {"distance": (self.network(x) - target).square().mean(), "size": 0 * self.network.weight.sum()}


class Stop(Exception):
    """Whatever breaks a training off."""


def stop_at(iteration):
    def report(progress):
        if progress.iteration == iteration:
            raise Stop

    return report


SCHEDULE = Schedule(iterations=60, learning_rate=0.05, warmup=5, save_every=10, mixed_precision=False)


@pytest.fixture(autouse=True)
def own_random_numbers():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield


def test_training_learns(tmp_path):
    averaged = train(
        Line(),
        replace(SCHEDULE, iterations=200, learning_rate=0.1, average=0.9, save_every=100),
        state=tmp_path / "s.pt",
    )
    assert float(averaged(torch.tensor([[3.0]]))) == pytest.approx(7, abs=0.3)
    assert not averaged.training


def test_a_broken_and_resumed_training_equals_an_unbroken_one(tmp_path):
    unbroken = Line()
    whole = train(unbroken, SCHEDULE, state=tmp_path / "whole.pt")

    torch.manual_seed(1)
    with pytest.raises(Stop):
        train(Line(), SCHEDULE, state=tmp_path / "s.pt", report=stop_at(37))
    torch.manual_seed(99)
    resumed = Line()
    again = train(resumed, SCHEDULE, state=tmp_path / "s.pt")

    assert resumed.seen == unbroken.seen[30:]
    assert torch.equal(resumed.network.weight, unbroken.network.weight)
    assert torch.equal(again.weight, whole.weight)


def test_a_finished_training_is_not_trained_again(tmp_path):
    first = train(Line(), SCHEDULE, state=tmp_path / "s.pt")
    again = Line()
    assert torch.equal(train(again, SCHEDULE, state=tmp_path / "s.pt").weight, first.weight)
    assert again.seen == []


def test_the_average_lags_behind_the_weights(tmp_path):
    task = Line()
    averaged = train(task, SCHEDULE, state=tmp_path / "s.pt")
    assert not torch.equal(averaged.weight, task.network.weight)
    assert not averaged.weight.requires_grad


def test_progress_and_saves_are_told_through_callbacks(tmp_path, capfd):
    told, saved = [], []
    train(Line(), SCHEDULE, state=tmp_path / "s.pt", report=told.append, save=lambda network, done: saved.append(done))
    assert [progress.iteration for progress in told] == list(range(1, 61))
    assert set(told[0].losses) == {"distance", "size"}
    assert saved == [10, 20, 30, 40, 50, 60]
    assert capfd.readouterr() == ("", "")


def test_a_training_that_breaks_down_says_so(tmp_path):
    class Broken(Line):
        def losses(self, generator):
            return {"distance": super().losses(generator)["distance"] * torch.inf}

    with pytest.raises(ConfigError, match=r"broke down at iteration 0.*give less weight to style"):
        train(Broken(), SCHEDULE, state=tmp_path / "s.pt")


@pytest.mark.parametrize("content", [b"", b"no state", None])
def test_a_foreign_state_is_refused_by_name(tmp_path, content):
    if content is None:
        torch.save({"iteration": 3, "network": nn.Linear(2, 2).state_dict()}, tmp_path / "s.pt")
    else:
        (tmp_path / "s.pt").write_bytes(content)
    with pytest.raises(ModelError, match=r"s\.pt: is not the state of this training"):
        train(Line(), SCHEDULE, state=tmp_path / "s.pt")


def test_the_state_is_replaced_whole(tmp_path):
    train(Line(), SCHEDULE, state=tmp_path / "s.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["s.pt"]


def test_mixed_precision_computes_in_bfloat16_and_keeps_float32_weights(tmp_path):
    kinds = []

    class Watched(Line):
        def losses(self, generator):
            kinds.append(self.network(torch.rand(1, 1)).dtype)
            return super().losses(generator)

    task = Watched()
    train(task, Schedule(iterations=1, mixed_precision=True), state=tmp_path / "s.pt")
    assert kinds == [torch.bfloat16]
    assert task.network.weight.dtype == torch.float32


def test_the_learning_rate_rises_then_falls():
    schedule = Schedule(iterations=100, learning_rate=1.0, warmup=10, final_rate=0.1)
    rates = [schedule.rate(iteration) for iteration in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert max(rates) == 1.0
    assert rates[-1] == pytest.approx(0.1, abs=0.01)
