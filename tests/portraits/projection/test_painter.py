"""The painter of projections: what it asks of its worker, what it gives, and that it goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline import provenance
from pipeline.errors import HandedBack, LeaseLost
from pipeline.models.features import SHIPPED
from pipeline.models.stylegan.generator import Generator, to_pixels
from pipeline.painter import Easel, Work
from pipeline.portraits.latents import read
from pipeline.portraits.projection.brief import ProjectionBrief
from pipeline.portraits.projection.painter import ProjectionPainter, note
from pipeline.portraits.projection.project import Progress
from pipeline.portraits.projection.recipe import ProjectionRecipe
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from tests.portraits.making import generator

EASEL = Easel(device=torch.device("cpu"), precision=torch.float32, batch=1, lanes=1, options=StoreOptions())


class Bench:
    """A worker in miniature: it has the files, keeps the state, and may stop the painter."""

    def __init__(self, network: Generator, stop: type[Exception] | None = None, at: int = 0) -> None:
        self.network, self.stop, self.at = network, stop, at
        self.states: dict[str, bytes] = {}
        self.given: dict[str, bytes] = {}
        self.told: dict[int, Mapping[str, str]] = {}
        self.notes: list[str] = []

    def paint(self, *, deep: bool = False, **changes: Any) -> list[np.ndarray]:
        keys: dict[str, Any] = {
            "model": "small",
            "resolution": 16,
            "photograph": "anna.png",
            "features": "atelier-features-1.safetensors",
            "recipe": ProjectionRecipe(steps=6, samples=50, keep_every=2),
            "frames": 4,
            "product": "anna.npz",
        }
        brief = ProjectionBrief(**(keys | changes))
        work = Work(
            start=0,
            stop=brief.frames,
            watch=Stopwatch(),
            model=lambda index: self.network,
            model_digests=("entry abc",),
            file=lambda index: (photograph(), SHIPPED.read_bytes())[index],
            pulse=self._pulse,
            load_state=lambda part="main": self.states.get(part),
            save_state=self._save,
            describe=self.told.__setitem__,
            deliver=self.given.__setitem__,
        )
        return list(ProjectionPainter(brief.to_json(), EASEL, deep=deep).paint(work))

    def _pulse(self, note: str) -> None:
        self.notes.append(note)
        if self.stop is not None and note.startswith(f"step {self.at} "):
            raise self.stop("enough")

    def _save(self, state: bytes, part: str = "main") -> None:
        self.states[part] = state


def photograph() -> bytes:
    """A smooth one, as a file."""
    x, y = np.meshgrid(np.linspace(0, 1, 40), np.linspace(0, 1, 30))
    file = BytesIO()
    Image.fromarray((np.stack([x, y, 1 - x], 2) * 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(autouse=True)
def every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.becoming._PULSE_S", 0)


@pytest.mark.parametrize("kind", ["stylegan2", "stylegan3", "conditional"])
def test_the_last_picture_is_that_of_the_latents_which_are_delivered(kind: str, tmp_path: Path) -> None:
    bench = Bench(generator(kind))
    pictures = bench.paint(label=2 if kind == "conditional" else None)
    assert [picture.shape for picture in pictures] == [(16, 16, 3)] * 4
    (tmp_path / "anna.npz").write_bytes(bench.given["anna.npz"])
    found = read(tmp_path / "anna.npz", bench.network.config)
    assert (found.space, found.values.shape) == ("w", (1, bench.network.config.num_ws, 8))
    with np.load(tmp_path / "anna.npz") as arrays:
        noise = {name: torch.from_numpy(arrays[name]) for name in arrays.files if name != "w"}
    assert bool(noise) == (kind != "stylegan3")
    # The noise is called as in the generator itself.
    assert not bench.network.load_state_dict(noise, strict=False).unexpected_keys
    with torch.no_grad():
        again = to_pixels(bench.network.picture(torch.tensor(found.values)))[0].numpy()
    assert np.abs(again.astype(int) - pictures[-1]).max() <= 1


def test_the_last_picture_is_described_and_no_other(tmp_path: Path) -> None:
    bench = Bench(generator("stylegan2"))
    bench.paint(face=(4, 2, 30, 28))
    [(frame, facts)] = bench.told.items()
    ours = {name: facts[name] for name in facts if name not in ("w", "wShape")}
    assert ours == {
        "model": "small",
        "modelSha256": "abc",
        "photograph": "anna.png",
        "face": "4,2,30,28",
        "steps": "6",
        "plus": "0.5",
        "seed": "0",
        "noise": "found",
    }
    (tmp_path / "anna.npz").write_bytes(bench.given["anna.npz"])
    w = provenance.latent_of(facts)
    assert frame == 3
    assert w is not None
    assert (w == read(tmp_path / "anna.npz", bench.network.config).values[0]).all()


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("at", [1, 4])
def test_an_interrupted_projection_goes_on_bit_for_bit(at: int, deep: bool) -> None:
    network = generator("stylegan2")
    unbroken, broken = Bench(network), Bench(network, stop=HandedBack, at=at)
    whole = unbroken.paint(deep=deep)
    with pytest.raises(HandedBack):
        broken.paint(deep=deep)
    broken.stop, told = None, len(broken.notes)
    again = broken.paint(deep=deep)
    assert broken.notes[told].startswith(f"step {at + 1} of 6, loss ")
    assert broken.given == unbroken.given
    assert all(np.array_equal(*pair) for pair in zip(whole, again, strict=True))
    assert whole[0].dtype == (np.uint16 if deep else np.uint8)


def test_a_killed_projection_goes_on_from_its_last_state() -> None:
    network = generator("stylegan3")
    unbroken, killed = Bench(network), Bench(network, stop=KeyboardInterrupt, at=5)
    whole = unbroken.paint()
    with pytest.raises(KeyboardInterrupt):
        killed.paint()
    killed.stop, told = None, len(killed.notes)
    again = killed.paint()
    assert killed.notes[told].startswith("step 5 of 6, ")
    assert killed.given == unbroken.given
    assert all(np.array_equal(*pair) for pair in zip(whole, again, strict=True))


def test_who_has_lost_its_lease_leaves_the_state_alone() -> None:
    bench = Bench(generator("stylegan2"), stop=LeaseLost, at=1)
    with pytest.raises(LeaseLost):
        bench.paint(frames=1)
    assert bench.states == {}


def test_a_state_of_another_projection_is_begun_anew() -> None:
    network = generator("stylegan2")
    other, bench = Bench(network), Bench(network)
    other.paint(recipe=ProjectionRecipe(steps=6, samples=50, keep_every=2, seed=1))
    bench.states = {"main": other.states["main"]}
    bench.paint()
    assert bench.notes[0].startswith("step 1 of 6, ")


def test_notes_tell_steps_and_how_unlike_the_picture_is() -> None:
    losses = {"features": 0.25, "colours": 0.06, "evenness": 1234.0}
    assert note(Progress(step=1200, steps=5000, losses=losses)) == "step 1,200 of 5,000, loss 0.31"
