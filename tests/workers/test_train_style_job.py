"""A style trained as a job: real workers, one of which is killed, and the store that the training goes on from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch

from jobs.control import pause, resume
from jobs.records import Result
from jobs.snapshot import Snapshot
from jobs.verify import verify_job
from pipeline.images import decode_image
from pipeline.models import style
from pipeline.weights import read
from tests.servers import S3Server
from tests.training.tiny import draw_pictures, write_features
from tests.workers.farm import Farm, farm


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A painting, photographs and features that mean nothing."""
    folder = tmp_path_factory.mktemp("material")
    draw_pictures(folder / "photos", count=10, size=(120, 100))
    draw_pictures(folder / "paintings", count=1, size=(130, 100))
    write_features(folder / "features.safetensors")
    return folder


def job(material: Path, output: Path | str, **changes: object) -> str:
    """A training of a few seconds."""
    keys: dict[str, object] = {
        "kind": "train-style",
        "name": "tiny",
        "painting": material / "paintings/0.png",
        "photos": material / "photos",
        "features": material / "features.safetensors",
        "output": output,
        "iterations": 24,
        "crop": 64,
        "painting_size": 64,
        "preview_every": 12,
        "save_every": 4,
    }
    return "\n".join(f"{key}: {value}" for key, value in (keys | changes).items())


def digests(result: Result) -> dict[str, str]:
    """What must be equal between two trainings."""
    made = {row.name: row.sha256 for row in result.deliverables}
    return {name: made[name] for name in ("tiny.safetensors", "tiny.md")} | {"frames": result.frames_sha256}


@pytest.fixture(scope="module")
def unbroken(shared_farm: Farm, material: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The training as it should be."""
    return shared_farm.finish(shared_farm.submit(job(material, tmp_path_factory.mktemp("unbroken"))))


def iterations(seen: Snapshot) -> int:
    """How many iterations a worker says that it has done."""
    words = [run.note.split() for run in seen.running if run.note.startswith("iteration")]
    return max((int(line[1].split("/")[0]) for line in words), default=0)


def test_a_training_is_certified(unbroken: Result, shared_farm: Farm) -> None:
    verdict = verify_job(unbroken.job, shared_farm.truth, shared_farm.config.store_options())
    assert (verdict.damages, verdict.certificate) == ((), unbroken.certificate)


def test_a_training_delivers_weights_a_card_and_previews(unbroken: Result) -> None:
    made = {row.name: Path(row.url) for row in unbroken.deliverables}
    assert set(made) == {"jpeg", "tiny.safetensors", "tiny.md", "contact-sheet"}
    assert made["tiny.safetensors"].stat().st_size <= 2_000_000
    checkpoint = read(made["tiny.safetensors"])
    assert (checkpoint.metadata["name"], checkpoint.metadata["iterations"]) == ("tiny", "24")
    assert style.load(made["tiny.safetensors"])(torch.rand(1, 3, 9, 9)).shape == (1, 3, 9, 9)
    card = made["tiny.md"].read_text()
    for said in ("| painting | 0.png, 64 px |", "10 pictures", "began from | starry-night", "distilled from VGG19"):
        assert said in card
    previews = sorted(made["jpeg"].iterdir())
    assert [path.name for path in previews] == [f"tiny-preview.{number:04d}.jpg" for number in range(1, 3)]
    first, last = (decode_image(path.read_bytes()) for path in previews)
    assert first.shape == last.shape
    assert (first != last).any()


@pytest.mark.slow
def test_a_killed_worker_costs_no_bit(shared_farm: Farm, material: Path, unbroken: Result, tmp_path: Path) -> None:
    before = len(shared_farm.talk())
    plan = shared_farm.submit(job(material, tmp_path))
    busy = shared_farm.wait(plan.job, lambda seen: iterations(seen) >= 6, "in the middle")
    shared_farm.kill_worker(busy.running[0].worker)
    assert shared_farm.truth.state(plan.job, 0, 1) is not None
    assert digests(shared_farm.finish(plan)) == digests(unbroken)
    assert shared_farm.truth.state(plan.job, 0, 1) is None
    assert "going on at iteration" in shared_farm.talk()[before:]


def test_a_paused_training_loses_no_iteration(
    shared_farm: Farm, material: Path, unbroken: Result, tmp_path: Path
) -> None:
    plan = shared_farm.submit(job(material, tmp_path, save_every=1000))
    shared_farm.wait(plan.job, lambda seen: iterations(seen) >= 4, "in the middle")
    pause(plan.job, shared_farm.truth, shared_farm.ledger)
    shared_farm.wait(plan.job, lambda seen: seen.state == "paused" and not seen.running, "paused")
    assert shared_farm.truth.state(plan.job, 0, 1) is not None
    resume(plan.job, shared_farm.truth, shared_farm.ledger, shared_farm.queue, ahead=2)
    finished = shared_farm.finish(plan)
    assert digests(finished)["tiny.safetensors"] == digests(unbroken)["tiny.safetensors"]
    assert digests(finished)["frames"] == digests(unbroken)["frames"]


@pytest.mark.slow
def test_everything_in_object_storage(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, material: Path, unbroken: Result
) -> None:
    s3: S3Server = request.getfixturevalue("moto_s3").with_bucket()
    s3.use(monkeypatch)
    settings = {"store": f"{s3.url}/farm", "s3_endpoint": s3.endpoint, "s3_addressing": "path"}
    with farm(tmp_path, **settings) as made, made.workers(1):
        for photo in (material / "photos").iterdir():
            made.truth.store.upload(photo, f"photos/{photo.name}")
        made.truth.store.upload(material / "paintings/0.png", "paintings/0.png")
        there = {"photos": f"{s3.url}/farm/photos", "painting": f"{s3.url}/farm/paintings/0.png"}
        result = made.finish(made.submit(job(material, f"{s3.url}/out", deliver="[h264]", **there)))
    assert digests(result)["frames"] == digests(unbroken)["frames"]
    weights = next(row for row in result.deliverables if row.name == "tiny.safetensors")
    assert weights.url == f"{s3.url}/out/tiny.safetensors"
    assert len(weights.sha256) == len(hashlib.sha256().hexdigest())
