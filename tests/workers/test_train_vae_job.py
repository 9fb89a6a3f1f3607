"""An autoencoder trained as a job: a real worker that is killed, and the store that the training goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.records import Result
from pipeline.models.vae.files import load
from tests.training.tiny import draw_pictures
from tests.workers.farm import Farm
from tests.workers.test_train_style_job import iterations


def job(images: Path, output: Path) -> str:
    """A training of a few seconds."""
    keys = {
        "kind": "train-vae", "name": "tiny", "images": images, "output": output, "size": 64, "channels": 4,
        "channels_most": 8, "latent": 8, "batch": 4, "kimg": 0.16, "preview_every": 0.08, "save_every": 0.016,
        "adversarial_from": 0.04, "perceptual": 0, "distance_pictures": 0,
    }  # fmt: skip
    return "\n".join(f"{key}: {value}" for key, value in keys.items())


def digests(result: Result) -> dict[str, str]:
    """What must be equal between two trainings."""
    made = {row.name: row.sha256 for row in result.deliverables}
    names = ("tiny.safetensors", "tiny.md", "tiny-report.png")
    return {name: made[name] for name in names} | {"frames": result.frames_sha256}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = draw_pictures(tmp_path_factory.mktemp("material") / "discs", count=40, size=(70, 66))
    (folder / "broken.png").write_bytes((folder / "0.png").read_bytes()[:150])
    return folder


@pytest.fixture(scope="module")
def unbroken(shared_farm: Farm, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The training as it should be."""
    return shared_farm.finish(shared_farm.submit(job(images, tmp_path_factory.mktemp("unbroken"))))


def test_a_training_delivers_weights_a_card_a_report_and_sheets(unbroken: Result) -> None:
    made = {row.name: Path(row.url) for row in unbroken.deliverables}
    assert set(made) == {"jpeg", "tiny.safetensors", "tiny.md", "tiny-report.png", "contact-sheet"}
    vae = load(made["tiny.safetensors"])
    assert vae.config.attributes == ("brightness", "warmth", "contrast", "saturation", "clutter")
    assert "40 of them, 64 px, 4 pictures held out; 1 more could not be used" in made["tiny.md"].read_text()
    assert any("1 picture was skipped: broken.png: " in note for note in unbroken.notes)


def test_a_killed_worker_costs_no_bit(shared_farm: Farm, images: Path, unbroken: Result, tmp_path: Path) -> None:
    before = len(shared_farm.talk())
    plan = shared_farm.submit(job(images, tmp_path))
    busy = shared_farm.wait(plan.job, lambda seen: iterations(seen) >= 6, "in the middle")
    shared_farm.kill_worker(busy.running[0].worker)
    assert digests(shared_farm.finish(plan)) == digests(unbroken)
    assert "going on at iteration" in shared_farm.talk()[before:]
