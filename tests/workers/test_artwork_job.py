"""Artworks as jobs: real workers, one of which is killed, and the store that the painting goes on from."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from safetensors.torch import load_file, save_file

from jobs.records import Result
from jobs.snapshot import Snapshot
from jobs.verify import verify_job
from pipeline.images import decode_image
from pipeline.weights import read
from tests.training.tiny import draw_pictures, write_features
from tests.workers.farm import Farm


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, a mask and features that mean nothing."""
    folder = draw_pictures(tmp_path_factory.mktemp("material"), count=3, size=(96, 72))
    write_features(folder / "features.safetensors")
    return folder


def job(material: Path, output: Path, **changes: object) -> str:
    """An artwork of a second."""
    masked = f"{{weight: 0.4, mask: {material / '0.png'}}}"
    keys: dict[str, object] = {
        "kind": "artwork",
        "content": material / "0.png",
        "paintings": f"{{{material / '1.png'}: 0.6, {material / '2.png'}: {masked}}}",
        "features": material / "features.safetensors",
        "output": output,
        "size": 96,
        "iterations": 12,
        "tolerance": 0,
        "becoming": 8,
        "deliver": "[png, h264]",
    }
    return "\n".join(f"{key}: {value}" for key, value in (keys | changes).items())


@pytest.fixture(scope="module")
def unbroken(shared_farm: Farm, material: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The artwork as it should be."""
    return shared_farm.finish(shared_farm.submit(job(material, tmp_path_factory.mktemp("unbroken"))))


def evaluations(seen: Snapshot) -> int:
    """How many evaluations a worker says that it has made."""
    notes = [run.note.split("evaluation ")[1] for run in seen.running if "evaluation " in run.note]
    return max((int(note.split("/")[0]) for note in notes), default=0)


def test_an_artwork_is_certified(unbroken: Result, shared_farm: Farm) -> None:
    verdict = verify_job(unbroken.job, shared_farm.truth, shared_farm.config.store_options())
    assert (verdict.damages, verdict.certificate) == ((), unbroken.certificate)


def test_an_artwork_delivers_its_picture_and_the_film_of_its_becoming(unbroken: Result, material: Path) -> None:
    made = {row.name: Path(row.url) for row in unbroken.deliverables}
    assert set(made) == {"png", "h264", "contact-sheet"}
    (picture,) = made["png"].iterdir()
    assert picture.name == "0.png"
    painted = decode_image(picture.read_bytes())
    assert painted.shape == (72, 96, 3)
    assert (painted != decode_image((material / "0.png").read_bytes())).mean() > 0.5
    with av.open(str(made["h264"])) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) == 8
    assert abs(frames[-1].astype(int) - painted).mean() < abs(frames[0].astype(int) - painted).mean()


@pytest.mark.slow
def test_a_killed_worker_costs_no_bit(shared_farm: Farm, material: Path, tmp_path: Path) -> None:
    unbroken = shared_farm.finish(shared_farm.submit(job(material, tmp_path / "unbroken", iterations=150)))
    plan = shared_farm.submit(job(material, tmp_path / "killed", iterations=150))
    busy = shared_farm.wait(plan.job, lambda seen: evaluations(seen) > 105, "past its first state")
    shared_farm.kill_worker(busy.running[0].worker)
    assert shared_farm.truth.state(plan.job, 0, 1) is not None
    assert shared_farm.finish(plan).frames_sha256 == unbroken.frames_sha256
    assert not list(shared_farm.truth.store.list(f"jobs/{plan.job}/states/"))


def test_a_content_that_is_tiny_and_grey_is_painted(shared_farm: Farm, material: Path, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("L", (1, 1), 128).save(tmp_path / "dot.png")
    text = job(
        material,
        tmp_path / "out",
        content=tmp_path / "dot.png",
        paintings=material / "1.png",
        size=16,
        iterations=4,
        becoming="null",
        deliver="[png]",
    )
    result = shared_farm.finish(shared_farm.submit(text))
    assert result.frames == 1


def test_losses_that_break_down_fail_the_job_with_a_sentence(shared_farm: Farm, material: Path, tmp_path: Path) -> None:
    tensors = {name: tensor.float() * 1e9 for name, tensor in load_file(material / "features.safetensors").items()}
    metadata = read(material / "features.safetensors").metadata
    save_file(tensors, tmp_path / "wild.safetensors", metadata)
    text = job(material, tmp_path / "out", features=tmp_path / "wild.safetensors")
    plan = shared_farm.submit(text)
    ended = shared_farm.wait(plan.job, lambda seen: seen.state == "failed", "failed")
    assert "the losses are not finite" in ended.error
