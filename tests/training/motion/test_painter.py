"""The painter that trains a generator of motions in a job: what it gives, how it goes on, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import HandedBack, MediaError
from pipeline.motion import labels
from pipeline.motion.described import described
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from pipeline.training.material import mark
from pipeline.training.motion import recordings
from pipeline.training.motion.brief import MotionBrief
from pipeline.training.motion.painter import MotionPainter
from tests.training.motion.tiny import LABELS, brief, write_clips

EASEL = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())


class Bench:
    """A worker in miniature: it keeps the state, and may stop the painter."""

    def __init__(self, stop_at: int = 0) -> None:
        self.stop_at = stop_at
        self.states: dict[str, bytes] = {}
        self.given: dict[str, bytes] = {}
        self.notes: list[str] = []

    def paint(self, asked: MotionBrief) -> list[np.ndarray]:
        work = Work(
            start=0,
            stop=asked.schedule.previews,
            watch=Stopwatch(),
            file=lambda index: LABELS.encode(),
            pulse=self._pulse,
            load_state=lambda part="main": self.states.get(part),
            save_state=lambda state, part="main": self.states.__setitem__(part, state),
            deliver=self.given.__setitem__,
            note=self.notes.append,
        )
        return list(MotionPainter(json.loads(json.dumps(asked.to_json())), EASEL, deep=False).paint(work))

    def _pulse(self, note: str) -> None:
        if self.stop_at and note.startswith(f"iteration {self.stop_at}/"):
            raise HandedBack("enough")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> MotionBrief:
    folder = write_clips(tmp_path_factory.mktemp("clips") / "mocap")
    files = recordings.listed(str(folder), labels.read(LABELS.encode(), "labels.csv"), None)
    made = replace(brief(), data=str(folder), data_mark=mark(files.items()), labels="labels.csv")
    assert MotionBrief.from_json(json.loads(json.dumps(made.to_json()))) == made
    return made


def test_a_training_that_is_handed_back_goes_on_to_the_same_end(
    asked: MotionBrief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.training.sketchbook._PULSE_S", 0)
    whole, broken = Bench(), Bench(stop_at=3)
    pages = whole.paint(asked)
    with pytest.raises(HandedBack):
        broken.paint(asked)
    broken.stop_at = 0
    assert [page.tobytes() for page in broken.paint(asked)] == [page.tobytes() for page in pages]
    assert broken.given == whole.given
    assert set(whole.given) == {"tiny.safetensors", "tiny.md", "tiny-report.png", "tiny.json"}
    (tmp_path / "tiny.safetensors").write_bytes(whole.given["tiny.safetensors"])
    assert described(tmp_path / "tiny.safetensors").classes == ("stoop", "walk")


def test_recordings_that_changed_are_refused(asked: MotionBrief) -> None:
    with pytest.raises(MediaError, match="the recordings have changed since the job was planned"):
        Bench().paint(replace(asked, data_mark="other"))
