"""Training the model of words: what it is shown, that it learns, and that it goes on where it stopped."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.drawing.told import held_out
from pipeline.errors import ModelError
from pipeline.models.words import files
from pipeline.models.words.config import WordsConfig
from pipeline.models.words.unet import WordsNetwork
from pipeline.training.loop import Schedule
from pipeline.training.words import looking, pictures, training
from pipeline.training.words.learning import WordsTask
from pipeline.training.words.pictures import Told, drawn
from pipeline.training.words.training import network_for, train_words

SCHEDULE = Schedule(
    iterations=6, learning_rate=1e-3, warmup=2, save_every=3, preview_every=100, mixed_precision=False, average=0.5
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A dozen pictures, drawn in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "ProcessPoolExecutor", _Here)
        return drawn(tmp_path_factory.mktemp("pictures"), 24, 32)


class _Here:
    """Does at once what a pool of processes would do."""

    def __init__(self, **_: object) -> None: ...
    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None: ...
    def map(self, function, wanted, chunksize=1):
        return map(function, wanted)


@pytest.fixture(autouse=True)
def small_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet of every sentence takes longer than all else here."""
    monkeypatch.setattr(training, "SHOWN", training.SHOWN[:2])
    monkeypatch.setattr(training, "sheet", partial(training.sheet, each=1, steps=1))


def tiny(told: Told) -> WordsNetwork:
    words = network_for(told, 32).config.words
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return WordsNetwork(
            WordsConfig(size_px=32, channels=16, depth=1, head=8, text_width=16, text_depth=1, words=words)
        )


def test_pictures_are_of_all_kinds_and_none_is_held_out(told: Told) -> None:
    assert {facts["kind"] for facts in told.facts} == {"portrait", "room", "poster"}
    assert not any(held_out(facts) for facts in told.facts)
    assert (told.pictures.shape, told.pictures.dtype) == ((24, 32, 32, 3), np.uint8)


def test_pictures_that_are_there_are_not_drawn_again(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "ProcessPoolExecutor", _Here)
    first = drawn(tmp_path, 3, 32)
    monkeypatch.setattr(pictures, "_many", None)
    again = drawn(tmp_path, 3, 32)
    assert np.array_equal(first.pictures, again.pictures)
    assert first.facts == again.facts == told.facts[:3]


def test_a_batch_is_of_mirrored_pictures_and_of_parts_of_sentences(told: Told) -> None:
    task = WordsTask(tiny(told), told, 8)
    shown, numbers = task._drawn(np.random.default_rng(3))
    assert (shown.shape, float(shown.min()) >= -1, float(shown.max()) <= 1) == ((8, 3, 32, 32), True, True)
    assert (numbers.shape[0], numbers.dtype) == (8, torch.int64)
    lengths = [set((numbers != 0).sum(1).tolist())]
    lengths += [set((task._drawn(np.random.default_rng(seed))[1] != 0).sum(1).tolist()) for seed in range(6)]
    assert len(set().union(*lengths)) > 3
    assert 1 in set().union(*lengths)


def test_a_training_goes_on_where_it_stopped_bit_for_bit(told: Told, tmp_path: Path) -> None:
    whole = train_words(tiny(told), told, tmp_path / "whole.safetensors", batch=4, schedule=SCHEDULE)
    assert files.load(tmp_path / "whole.safetensors").config == whole.config

    class Stop(Exception):
        pass

    def stop(progress):
        if progress.iteration == 3:
            raise Stop

    with pytest.raises(Stop):
        train_words(tiny(told), told, tmp_path / "part.safetensors", batch=4, schedule=SCHEDULE, report=stop)
    seen = []
    resumed = train_words(
        tiny(told), told, tmp_path / "part.safetensors", batch=4, schedule=SCHEDULE,
        report=lambda progress: seen.append(progress.iteration),
    )  # fmt: skip
    assert seen == [4, 5, 6]
    for ours, theirs in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_another_trainings_state_is_refused(told: Told, tmp_path: Path) -> None:
    train_words(tiny(told), told, tmp_path / "a.safetensors", batch=4, schedule=SCHEDULE)
    other = WordsNetwork(WordsConfig(size_px=32, channels=32, depth=1, words=tiny(told).config.words))
    with pytest.raises(ModelError, match=r"a.state: is not the state of this training; remove it to start anew"):
        train_words(other, told, tmp_path / "a.safetensors", batch=4, schedule=SCHEDULE)


def test_a_looker_tells_what_it_was_taught(told: Told) -> None:
    few = Told(told.pictures[:8], told.facts[:8])
    losses = []
    looker = looking.taught(few, iterations=25, batch=8, report=lambda done, loss: losses.append(loss))
    assert losses[-1] < losses[0] / 3
    seen = looker.told(few.pictures)
    assert looking.agreement(few.facts, seen)["kind"] == 1
    assert all(each["sofa"] == looking.ABSENT for each in seen if each["kind"] != "room")


def test_agreement_is_counted_by_kind_and_fact() -> None:
    asked = [{"kind": "room", "sofa": "red"}, {"kind": "room", "sofa": "blue"}]
    seen = [{"kind": "room", "sofa": "red"}, {"kind": "portrait", "sofa": ""}]
    assert looking.agreement(asked, seen) == {"kind": 0.5, "room: sofa": 0.5}
