"""The painter that trains a GAN in a job: what it asks of its worker, what it gives, and how it goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import HandedBack, LeaseLost, MediaError
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from pipeline.training.gan.brief import GanBrief
from pipeline.training.gan.painter import GanPainter
from pipeline.training.material import mark
from tests.training.gan.tiny import brief
from tests.training.tiny import draw_pictures

EASEL = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())


class Bench:
    """A worker in miniature: it keeps the state, and may stop the painter."""

    def __init__(self, stop: type[Exception] | None = None, at: int = 0) -> None:
        self.stop, self.at = stop, at
        self.states: dict[str, bytes] = {}
        self.given: dict[str, bytes] = {}
        self.notes: list[str] = []

    def paint(self, brief: GanBrief) -> list[np.ndarray]:
        work = Work(
            start=0,
            stop=brief.schedule.previews,
            watch=Stopwatch(),
            pulse=self._pulse,
            load_state=lambda part="main": self.states.get(part),
            save_state=lambda state, part="main": self.states.__setitem__(part, state),
            deliver=self.given.__setitem__,
        )
        return list(GanPainter(json.loads(json.dumps(brief.to_json())), EASEL, deep=False).paint(work))

    def _pulse(self, note: str) -> None:
        self.notes.append(note)
        if self.stop is not None and note.startswith(f"iteration {self.at}/"):
            raise self.stop("enough")


@pytest.fixture(autouse=True)
def every_iteration_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.training.sketchbook._PULSE_S", 0)


def test_a_brief_survives_json() -> None:
    made = brief(gamma=0.5, mirror=True)
    assert GanBrief.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_a_training_gives_sheets_of_one_size_then_weights_a_card_and_curves() -> None:
    bench, asked = Bench(), brief(iterations=5)
    sheets = bench.paint(asked)
    assert len(sheets) == asked.schedule.previews == 2
    assert {(page.shape, page.dtype) for page in sheets} == {(sheets[0].shape, np.dtype(np.uint8))}
    assert set(bench.given) == {"tiny.safetensors", "tiny.md", "tiny-curves.png"}
    assert bench.notes[-1].startswith("iteration 5/5  generator ")
    assert "by Atelier's own features" in bench.given["tiny.md"].decode()


def test_an_interrupted_training_goes_on_bit_for_bit() -> None:
    asked = brief(iterations=6, distance_pictures=0)
    unbroken, broken = Bench(), Bench(stop=HandedBack, at=4)
    whole = unbroken.paint(asked)
    with pytest.raises(HandedBack):
        broken.paint(asked)
    broken.stop = None
    again = broken.paint(asked)
    assert broken.given == unbroken.given
    assert all(np.array_equal(*pair) for pair in zip(whole, again, strict=True))


def test_who_has_lost_its_lease_leaves_the_state_alone() -> None:
    bench = Bench(stop=LeaseLost, at=1)
    with pytest.raises(LeaseLost):
        bench.paint(brief(distance_pictures=0))
    assert bench.states == {}


def test_changed_pictures_are_refused(tmp_path: Path) -> None:
    draw_pictures(tmp_path, count=100)
    asked = replace(brief(distance_pictures=0, iterations=1), images=str(tmp_path), images_mark="other")
    with pytest.raises(MediaError, match="photographs have changed since the job was planned"):
        Bench().paint(asked)
    planned = mark((path.name, path.stat().st_size) for path in tmp_path.iterdir())
    assert len(Bench().paint(replace(asked, images_mark=planned))) == 1


def test_a_folder_that_this_worker_lacks_is_named() -> None:
    with pytest.raises(MediaError, match="/gone: no such folder on this worker"):
        Bench().paint(replace(brief(distance_pictures=0), images="/gone"))
