"""Nothing in a checkpoint, painting or state is ever carried out, wherever one is read."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from jobs.features import features_file
from jobs.registry import add
from pipeline import catalog, headers, weights
from pipeline.artwork.state import unpack
from pipeline.errors import AtelierError, InputError
from pipeline.film.probe import probe
from pipeline.images import read_picture
from pipeline.models.features import open_features
from pipeline.models.vgg import load_vgg
from pipeline.training.loop import resume_from
from tests.security.pickles import FORMS, tricks

TRICKS = list(tricks(Path("canary")))

PLACES: dict[str, Callable[[Path], object]] = {
    "a style": lambda path: catalog.find(str(path)),
    "tensors' names": headers.tensor_names,
    "a checkpoint": weights.read,
    "half of AdaIN": lambda path: catalog.find_half(str(path), "encoder"),
    "VGG19": load_vgg,
    "features": open_features,
    "features of a job": lambda path: features_file(str(path), deepest="features.10.weight"),
    "a style to register": lambda path: add(str(path), "mine"),
    "a painting": lambda path: read_picture(path.read_bytes(), where=str(path)),
    "a film": lambda path: probe(str(path)),
    "a training's file": lambda path: resume_from(path, None),  # type: ignore[arg-type]
    "an artwork's state": lambda path: unpack(path.read_bytes(), "ab" * 32),
}
"""Where files are read → how."""

SUFFIXES = (".pth", ".pt", ".pkl", ".npz", ".npy", ".safetensors", ".png")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_is_carried_out_anywhere(tmp_path: Path, trick: str, form: str) -> None:
    canary = tmp_path / "canary"
    data = FORMS[form](tricks(canary)[trick])
    for suffix in SUFFIXES:
        path = tmp_path / f"evil{suffix}"
        path.write_bytes(data)
        for place, read in PLACES.items():
            # Names are told without reading what they are of.
            with suppress(AtelierError) if read is headers.tensor_names else pytest.raises(AtelierError):
                read(path)
            assert not canary.exists(), place


def test_the_tricks_work_where_they_are_not_refused(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    made = tricks(canary)
    for name in ("os.system", "subprocess", "eval", "partial", "map", "pickle loads"):
        pickle.loads(pickle.dumps(made[name]))  # noqa: S301
        assert canary.exists(), name
        canary.rmdir() if canary.is_dir() else canary.unlink()


def test_state_of_a_training_in_the_store_is_not_carried_out(tmp_path: Path) -> None:
    from pipeline.training.schedule import Schedule
    from pipeline.training.sketchbook import Sketchbook

    class Work:
        def load_state(self, part: str = "main") -> bytes:
            return data

    class Training:
        schedule = Schedule()

    canary = tmp_path / "canary"
    for form in ("a pickle", "torch", "old torch"):
        for trick in tricks(canary).values():
            data = FORMS[form](trick)
            assert list(Sketchbook(Training(), Work())._resumed()) == []  # type: ignore[arg-type]
            assert not canary.exists()


def test_plan_can_name_no_loader_but_ours(tmp_path: Path) -> None:
    import torch

    from jobs.records import ModelRef
    from pipeline.storage import open_store
    from workers.residents import Residents

    residents = Residents(open_store(str(tmp_path)), torch.device("cpu"), budget_bytes=1)
    for entry in ("os:system", "builtins:eval", "subprocess:call", "pipeline.weights:torch.load"):
        with pytest.raises(InputError, match="is none of this version of Atelier"):
            residents.get(ModelRef(name="x", entry=entry, weights="models/x.pth", sha256="0"))
