"""The painter that trains a style in a job: what it asks of its worker, and what it gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.errors import HandedBack, LeaseLost, MediaError, ModelError
from pipeline.models.style import StyleNetwork
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from pipeline.training.brief import NONE, StyleBrief
from pipeline.training.loop import Progress
from pipeline.training.material import mark
from pipeline.training.painter import StylePainter
from pipeline.training.recipe import Recipe
from pipeline.training.schedule import Schedule
from pipeline.training.sketchbook import note
from tests.training.tiny import draw_pictures, write_features

EASEL = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())


class Bench:
    """A worker in miniature: it has the files, keeps the state, and may stop the painter."""

    def __init__(self, folder: Path, stop: type[Exception] | None = None, at: int = 0) -> None:
        self.folder, self.stop, self.at = folder, stop, at
        self.states: dict[str, bytes] = {}
        self.given: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.model = StyleNetwork(half=8, quarter=8, blocks=1)

    def work(self) -> Work:
        return Work(
            start=0,
            stop=3,
            watch=Stopwatch(),
            model=lambda index, precision=None: self.model,
            file=lambda index: (self.folder / ("paintings/0.png", "features.safetensors")[index]).read_bytes(),
            pulse=self._pulse,
            load_state=lambda part="main": self.states.get(part),
            save_state=self._save,
            deliver=self.given.__setitem__,
        )

    def _pulse(self, note: str) -> None:
        self.notes.append(note)
        if self.stop is not None and note.startswith(f"iteration {self.at}/"):
            raise self.stop("enough")

    def _save(self, state: bytes, part: str = "main") -> None:
        self.states[part] = state


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("material")
    draw_pictures(folder / "photos", count=10, size=(120, 100))
    draw_pictures(folder / "paintings", count=1, size=(130, 100))
    write_features(folder / "features.safetensors")
    return folder


@pytest.fixture(autouse=True)
def every_iteration_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.training.sketchbook._PULSE_S", 0)


@pytest.fixture
def brief(material: Path) -> StyleBrief:
    return StyleBrief(
        name="tiny",
        painting="0.png",
        photos=str(material / "photos"),
        photos_mark=mark((path.name, path.stat().st_size) for path in (material / "photos").iterdir()),
        features="features.safetensors",
        warm_start="another",
        recipe=Recipe(batch=1, crop_px=64, painting_px=64),
        schedule=Schedule(iterations=5, warmup=1, save_every=2, preview_every=2),
    )


def painted(brief: StyleBrief, bench: Bench) -> list[np.ndarray]:
    return list(StylePainter(brief.to_json(), EASEL, deep=False).paint(bench.work()))


def test_a_brief_survives_json(brief: StyleBrief) -> None:
    import json

    assert StyleBrief.from_json(json.loads(json.dumps(brief.to_json()))) == brief


def test_a_training_gives_previews_of_one_size_then_weights_and_a_card(brief: StyleBrief, material: Path) -> None:
    bench = Bench(material)
    previews = painted(brief, bench)
    assert len(previews) == brief.schedule.previews == 3
    assert {(page.shape, page.dtype) for page in previews} == {(previews[0].shape, np.dtype(np.uint8))}
    assert [side % 2 for side in previews[0].shape[:2]] == [0, 0]
    assert set(bench.given) == {"tiny.safetensors", "tiny.md"}
    assert bench.notes[-1].startswith("iteration 5/5  content ")


def test_the_network_that_is_begun_from_stays_as_it_is(brief: StyleBrief, material: Path) -> None:
    bench = Bench(material)
    with torch.inference_mode():
        # As films load it.
        bench.model = StyleNetwork(half=8, quarter=8, blocks=1)
    before = [parameter.clone() for parameter in bench.model.parameters()]
    painted(brief, bench)
    assert all(torch.equal(*pair) for pair in zip(before, bench.model.parameters(), strict=True))


@pytest.mark.parametrize("begun", ["another", NONE])
def test_an_interrupted_training_goes_on_bit_for_bit(brief: StyleBrief, material: Path, begun: str) -> None:
    brief = replace(brief, warm_start=begun)
    unbroken, broken = Bench(material), Bench(material, stop=HandedBack, at=3)
    broken.model = unbroken.model
    whole = painted(brief, unbroken)
    with pytest.raises(HandedBack):
        painted(brief, broken)
    broken.stop = None
    again = painted(brief, broken)
    assert not any(note.startswith(("iteration 1/", "iteration 2/")) for note in broken.notes[6:])
    assert broken.given == unbroken.given
    assert all(np.array_equal(*pair) for pair in zip(whole, again, strict=True))


def test_who_has_lost_its_lease_leaves_the_state_alone(brief: StyleBrief, material: Path) -> None:
    bench = Bench(material, stop=LeaseLost, at=1)
    with pytest.raises(LeaseLost):
        painted(brief, bench)
    assert bench.states == {}


@pytest.mark.parametrize("state", [b"", b"no state"])
def test_a_state_that_cannot_be_read_is_begun_anew(brief: StyleBrief, material: Path, state: bytes) -> None:
    unbroken, damaged = Bench(material), Bench(material)
    damaged.model, damaged.states = unbroken.model, {"main": state}
    painted(brief, unbroken)
    assert len(painted(brief, damaged)) == 3
    assert damaged.given == unbroken.given


def test_threads_are_given_back(brief: StyleBrief, material: Path) -> None:
    before = torch.get_num_threads()
    StylePainter(brief.to_json(), replace(EASEL, lanes=before + 1), deep=False)
    list(StylePainter(brief.to_json(), replace(EASEL, lanes=before + 1), deep=False).paint(Bench(material).work()))
    assert torch.get_num_threads() == before


def test_changed_photographs_are_refused(brief: StyleBrief, material: Path) -> None:
    with pytest.raises(MediaError, match="photographs have changed since the job was planned"):
        painted(replace(brief, photos_mark="other"), Bench(material))


def test_a_folder_that_this_worker_lacks_is_named(brief: StyleBrief, material: Path) -> None:
    with pytest.raises(MediaError, match="/gone: no such folder on this worker"):
        painted(replace(brief, photos="/gone"), Bench(material))


def test_features_are_called_by_their_users_name(brief: StyleBrief, material: Path, tmp_path: Path) -> None:
    (tmp_path / "paintings").symlink_to(material / "paintings")
    (tmp_path / "features.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"^features\.safetensors: is no whole safetensors"):
        painted(brief, Bench(tmp_path))


def test_notes_tell_losses_speed_and_what_is_left() -> None:
    progress = Progress(400, 1600, {"content": 0.4123, "style": 0.25}, 150.0)
    assert note(progress, 100) == "iteration 400/1,600  content 0.412  style 0.25  2 a second, 10:00 left"
