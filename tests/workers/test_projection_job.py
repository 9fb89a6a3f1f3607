"""Projections as jobs: real workers, one of which is killed, and the latents that come of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import pytest

from jobs.records import Result
from jobs.snapshot import Snapshot
from jobs.verify import verify_job
from pipeline import provenance
from pipeline.generators import described
from pipeline.images import decode_image
from pipeline.portraits.latents import read
from tests.portraits.making import write_generator
from tests.training.tiny import draw_pictures
from tests.workers.farm import Farm


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph, `0.png`, and a small generator."""
    folder = draw_pictures(tmp_path_factory.mktemp("material"), count=1, size=(60, 48))
    write_generator(folder / "small.safetensors")
    return folder


def job(material: Path, output: Path, **changes: object) -> str:
    """A projection of a second or two."""
    keys: dict[str, object] = {
        "kind": "projection",
        "model": material / "small.safetensors",
        "photograph": material / "0.png",
        "face": "[6, 0, 50, 44]",
        "steps": 20,
        "becoming": 6,
        "output": output,
        "deliver": "[png, webp-still, h264]",
    }
    return "\n".join(f"{key}: {value}" for key, value in (keys | changes).items())


def made(result: Result) -> dict[str, Path]:
    """Where each deliverable lies."""
    return {row.name: Path(row.url) for row in result.deliverables}


def test_a_photograph_becomes_latents_a_picture_and_a_film(shared_farm: Farm, material: Path, tmp_path: Path) -> None:
    result = shared_farm.finish(shared_farm.submit(job(material, tmp_path)))
    places = made(result)
    assert set(places) == {"png", "webp-still", "h264", "0.npz", "contact-sheet"}
    latents = read(places["0.npz"], described(material / "small.safetensors")).values
    data = (places["png"] / "0.png").read_bytes()
    facts = provenance.read(data)
    assert facts is not None
    assert (facts["photograph"], facts["face"], facts["steps"]) == ("0.png", "6,0,50,44", "20")
    assert facts["modelSha256"] == hashlib.sha256((material / "small.safetensors").read_bytes()).hexdigest()
    assert (provenance.latent_of(facts) == latents[0]).all()
    assert provenance.read((places["webp-still"] / "0.webp").read_bytes()) == facts
    with av.open(str(places["h264"])) as film:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(video=0)]
    picture = decode_image(data)
    assert len(frames) == 6
    assert abs(frames[-1] - picture).mean() < abs(frames[0] - picture).mean()
    assert verify_job(result.job, shared_farm.truth, shared_farm.config.store_options()).is_whole


def steps(seen: Snapshot) -> int:
    """How many a worker says that it has made."""
    notes = [run.note.removeprefix("step ") for run in seen.running if run.note.startswith("step ")]
    return max((int(note.partition(" ")[0]) for note in notes), default=0)


@pytest.mark.slow
def test_a_killed_worker_costs_no_bit(shared_farm: Farm, material: Path, tmp_path: Path) -> None:
    unbroken = shared_farm.finish(shared_farm.submit(job(material, tmp_path / "unbroken", steps=130)))
    plan = shared_farm.submit(job(material, tmp_path / "killed", steps=130))
    busy = shared_farm.wait(plan.job, lambda seen: steps(seen) > 55, "past its first state")
    shared_farm.kill_worker(busy.running[0].worker)
    assert shared_farm.truth.state(plan.job, 0, 1) is not None
    result = shared_farm.finish(plan)
    assert result.frames_sha256 == unbroken.frames_sha256
    assert made(result)["0.npz"].read_bytes() == made(unbroken)["0.npz"].read_bytes()
    assert not list(shared_farm.truth.store.list(f"jobs/{plan.job}/states/"))
