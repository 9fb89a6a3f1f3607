"""Portraits from their job file to their deliverables, through real Redis, real Celery workers and the stitcher."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from jobs.certificate import read
from jobs.control import redo
from jobs.explain import explain_frame
from jobs.verify import verify_folder, verify_job
from pipeline import provenance
from pipeline.images import decode_image
from pipeline.storage import StoreOptions
from tests.portraits.making import write_generator, write_pickle
from tests.workers.farm import Farm

FIXTURES = Path(__file__).parents[2].parent / "shared/data/checkpoints"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small generator, in our file and in NVIDIA's."""
    folder = tmp_path_factory.mktemp("models")
    write_generator(folder / "small.safetensors")
    write_pickle(folder / "official.pkl")
    return folder


def job(models: Path, output: Path, *, model: str = "small.safetensors", **keys: object) -> str:
    """A portraits job file."""
    lines = {"kind": "portraits", "model": models / model, "output": output, "truncation": 0.7, **keys}
    return "\n".join(f"{key}: {value}" for key, value in lines.items())


def files(output: Path, folder: str = "png") -> dict[str, bytes]:
    """What was delivered there."""
    return {path.name: path.read_bytes() for path in sorted((output / folder).iterdir())}


def test_every_seed_becomes_a_picture_that_tells_what_made_it(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    text = job(models, tmp_path / "out", seeds="0-5,100", chunk=3, deliver="[png, jpeg, webp-still]")
    plan = shared_farm.submit(text)
    result = shared_farm.finish(plan)
    made = files(tmp_path / "out")
    assert list(made) == [*(f"seed{seed:04d}.png" for seed in range(6)), "seed0100.png"]
    facts = provenance.read(made["seed0100.png"])
    assert facts is not None
    assert (facts["seed"], facts["truncation"], facts["model"]) == ("100", "0.7", "small")
    assert facts["modelSha256"] == hashlib.sha256((models / "small.safetensors").read_bytes()).hexdigest()
    assert provenance.digital_source_type(made["seed0100.png"]) == provenance.GENERATED
    for name, suffix in (("jpeg", "jpg"), ("webp-still", "webp")):
        assert provenance.read(files(tmp_path / "out", name)[f"seed0100.{suffix}"]) == facts
    sheet = (tmp_path / "out/contact-sheet.jpg").read_bytes()
    assert provenance.digital_source_type(sheet) == provenance.GENERATED
    assert result.frames == 7
    assert verify_folder(str(tmp_path / "out"), StoreOptions()).is_whole
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole


def test_a_seeds_file_is_the_same_whatever_is_made_beside_it(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "a", seeds="0-8", chunk=2, noise="random")))
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "b", seeds="5-8", chunk=100, noise="random")))
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "c", seeds=7, noise="random")))
    a, b, c = (files(tmp_path / name) for name in "abc")
    assert b.items() <= a.items()
    assert c.items() <= b.items()
    assert list(c) == ["seed0007.png"]


def test_an_official_pickle_makes_the_pixels_of_ours(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "a", seeds="0-3")))
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "b", seeds="0-3", model="official.pkl")))
    for one, other in zip(files(tmp_path / "a").values(), files(tmp_path / "b").values(), strict=True):
        assert (decode_image(one) == decode_image(other)).all()


def test_pictures_and_a_looped_walk_come_of_one_job(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    walk = "{through: [0, 2, 1], frames: 24, fps: 12}"
    text = job(models, tmp_path / "out", seeds="0-3", walk=walk, chunk=10, deliver="[png, h264, gif]")
    plan = shared_farm.submit(text)
    result = shared_farm.finish(plan)
    assert list(files(tmp_path / "out")) == [f"seed{seed:04d}.png" for seed in range(4)]
    with av.open(str(tmp_path / "out/small-h264.mp4")) as container:
        film = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 12
    assert len(film) == 24
    steps = [np.abs(film[frame] - film[frame - 1]).mean() for frame in range(24)]
    # The first is the step from the last frame back to the first.
    assert steps[0] < 2 * np.mean(steps[1:])
    with Image.open(tmp_path / "out/small.gif") as animation:
        assert animation.n_frames == 24
    assert result.frames == 28
    assert verify_folder(str(tmp_path / "out"), StoreOptions()).is_whole
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole
    certified = read((tmp_path / "out/certificate.json").read_bytes(), "certificate.json")
    # Pictures have no seams; the film has one between each two of its three chunks.
    assert [row.seam is None for row in certified.chunks] == [True, True, False, False]


def test_a_grid_and_a_walk_come_of_one_job(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    mix, walk = "{rows: 85, columns: [55, 56], layers: 0-2}", "{through: [85, 7], frames: 4}"
    text = job(models, tmp_path / "out", mix=mix, walk=walk, deliver="[png, jpeg, gif]")
    plan = shared_farm.submit(text)
    shared_farm.finish(plan)
    names = {"55-55", "56-56", "85-85", "85-55", "85-56"}
    assert {Path(name).stem for name in files(tmp_path / "out")} == names
    assert {Path(name).stem for name in files(tmp_path / "out", "jpeg")} == names
    # A film's frames are not stored in formats that nobody asked for.
    film = shared_farm.truth.receipt_that_counts(plan, 1)
    assert film is not None
    assert film.extra == {}
    told = explain_frame(plan.job, plan.number(5), shared_farm.truth, None)
    assert [name for name, _ in told.files] == ["picture"]


def test_a_chunk_whose_seeds_have_a_gap_is_verified_and_redone(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    plan = shared_farm.submit(job(models, tmp_path / "out", seeds="0-2,4294967290-4294967291", chunk=4))
    shared_farm.finish(plan)
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole
    redo(plan.job, [4294967290], shared_farm.truth)
    shared_farm.redo(plan)
    result = shared_farm.finish(plan)
    assert any("0-2,4294967290 were rendered again and came out the same" in note for note in result.notes)
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole


def test_a_redone_seed_comes_out_the_same(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    plan = shared_farm.submit(job(models, tmp_path / "out", seeds="0-3,100-103", chunk=2))
    before, made = shared_farm.finish(plan), files(tmp_path / "out")
    assert redo(plan.job, [101], shared_farm.truth).chunks == (2,)
    shared_farm.redo(plan)
    after = shared_farm.finish(plan)
    assert (after.generation, after.frames_sha256) == (2, before.frames_sha256)
    assert files(tmp_path / "out") == made
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole


def test_a_grid_of_mixed_styles_is_named_and_shown_as_one(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    text = job(models, tmp_path / "out", mix="{rows: [85, 100], columns: 55-56, layers: 0-2}", deliver="[png16]")
    shared_farm.finish(shared_farm.submit(text))
    made = files(tmp_path / "out", "png16")
    own = ("55-55", "56-56", "85-85", "100-100")
    mixed = ("85-55", "85-56", "100-55", "100-56")
    assert set(made) == {f"{name}.png" for name in (*own, *mixed)}
    assert decode_image(made["85-55.png"], deep=True).dtype == np.uint16
    facts = provenance.read(made["85-55.png"])
    assert facts is not None
    assert (facts["seed"], facts["mixedSeed"], facts["mixedLayers"]) == ("85", "55", "0-2")


def test_a_contact_sheet_alone_is_delivered_alone(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    result = shared_farm.finish(
        shared_farm.submit(job(models, tmp_path / "out", seeds="0-3", deliver="[contact-sheet]"))
    )
    assert [row.name for row in result.deliverables] == ["contact-sheet"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "contact-sheet.jpg",
        "certificate.json",
        "result.json",
    }


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="needs the folder shared/data/checkpoints beside the checkout")
@pytest.mark.parametrize("kind", ["sg2ada", "sg3t"])
def test_pictures_are_the_official_tools(shared_farm: Farm, tmp_path: Path, kind: str) -> None:
    # The fixtures' latents are those of the seeds 0, 1 and 2.
    text = job(FIXTURES, tmp_path / "out", seeds="0-2", model=f"{kind}_nosrc.pkl").replace("truncation: 0.7", "")
    shared_farm.finish(shared_farm.submit(text))
    theirs = np.load(FIXTURES / f"{kind}__uint8_psi1_const.npy").astype(int)
    ours = [decode_image(data) for data in files(tmp_path / "out").values()]
    # Where a value lies on the edge of two codes, 1e-6 decides.
    assert np.abs(np.stack(ours) - theirs).max() <= 1
