"""A GAN trained as a job: a real worker that is killed, and the store that the training goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.records import Result
from jobs.verify import verify_job
from pipeline.models.stylegan.files import load
from tests.training.tiny import draw_pictures
from tests.workers.farm import Farm
from tests.workers.test_train_style_job import iterations


def job(images: Path, output: Path) -> str:
    """A training of a few seconds."""
    keys = {
        "kind": "train-gan", "name": "tiny", "images": images, "output": output, "size": 32, "channels": 4,
        "channels_most": 8, "latent": 8, "batch": 4, "kimg": 0.16, "preview_every": 0.08, "save_every": 0.016,
        "distance_pictures": 0,
    }  # fmt: skip
    return "\n".join(f"{key}: {value}" for key, value in keys.items())


def digests(result: Result) -> dict[str, str]:
    """What must be equal between two trainings."""
    made = {row.name: row.sha256 for row in result.deliverables}
    names = ("tiny.safetensors", "tiny.md", "tiny-curves.png")
    return {name: made[name] for name in names} | {"frames": result.frames_sha256}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_pictures(tmp_path_factory.mktemp("material") / "discs", count=100)


@pytest.fixture(scope="module")
def unbroken(shared_farm: Farm, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The training as it should be."""
    return shared_farm.finish(shared_farm.submit(job(images, tmp_path_factory.mktemp("unbroken"))))


def test_a_training_is_certified_and_delivers_weights_a_card_curves_and_sheets(
    unbroken: Result, shared_farm: Farm
) -> None:
    verdict = verify_job(unbroken.job, shared_farm.truth, shared_farm.config.store_options())
    assert (verdict.damages, verdict.certificate) == ((), unbroken.certificate)
    made = {row.name: Path(row.url) for row in unbroken.deliverables}
    assert set(made) == {"jpeg", "tiny.safetensors", "tiny.md", "tiny-curves.png", "contact-sheet"}
    assert load(made["tiny.safetensors"]).config.synthesis.resolution == 32
    assert [path.name for path in sorted(made["jpeg"].iterdir())] == [
        "tiny-preview.0001.jpg",
        "tiny-preview.0002.jpg",
    ]


def test_a_killed_worker_costs_no_bit(shared_farm: Farm, images: Path, unbroken: Result, tmp_path: Path) -> None:
    before = len(shared_farm.talk())
    plan = shared_farm.submit(job(images, tmp_path))
    busy = shared_farm.wait(plan.job, lambda seen: iterations(seen) >= 6, "in the middle")
    shared_farm.kill_worker(busy.running[0].worker)
    assert digests(shared_farm.finish(plan)) == digests(unbroken)
    assert "going on at iteration" in shared_farm.talk()[before:]
