"""Interiors from their job file to their deliverables, through real Redis, real Celery workers and the stitcher."""

from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest

from jobs.certificate import read
from jobs.control import redo
from jobs.verify import verify_folder, verify_job
from pipeline import provenance
from pipeline.catalog import MODELS
from pipeline.images import decode_image, encode_png
from pipeline.interiors.squares import middle_square, resized
from pipeline.storage import StoreOptions
from tests.board.boards import texts
from tests.interiors.making import mask, photograph, write_attributes, write_designer
from tests.workers.farm import Farm


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small designer, a photograph, a mask, and attributes."""
    folder = tmp_path_factory.mktemp("models")
    model = write_designer(folder / "rooms.safetensors")
    (folder / "photo.png").write_bytes(encode_png(photograph(150, 100)))
    (folder / "mask.png").write_bytes(encode_png(mask(150, 100)))
    write_attributes(folder / "mine.safetensors", model)
    return folder


def job(models: Path, output: Path, **keys: object) -> str:
    """An interiors job file."""
    lines = {"kind": "interiors", "model": models / "rooms.safetensors", "output": output, "size": 128, **keys}
    return "\n".join(f"{key}: {value}" for key, value in lines.items())


def files(output: Path, folder: str = "png") -> dict[str, bytes]:
    """What was delivered there."""
    return {path.name: path.read_bytes() for path in sorted((output / folder).iterdir())}


def facts(data: bytes) -> dict[str, str]:
    """What a picture says of itself."""
    told = provenance.read(data)
    assert told is not None
    return told


def test_designs_strips_and_a_film_come_of_one_job(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    keys = {"seeds": "0-2", "strips": "{of: 1, attributes: [warmth], steps: 3}", "edit": "{sofa: 1}", "chunk": 8}
    film = "{seconds: 0.5, size: 64}"
    text = job(models, tmp_path / "out", film=film, deliver="[png, jpeg, board, interpolation, gif]", **keys)
    plan = shared_farm.submit(text)
    result = shared_farm.finish(plan)
    made = files(tmp_path / "out")
    strip = [f"seed0001-warmth{amount}.png" for amount in ("+0.0", "+2.0", "-2.0")]
    assert sorted(made) == sorted([*(f"seed000{seed}.png" for seed in range(3)), *strip])
    assert (decode_image(made[strip[0]]) == decode_image(made["seed0001.png"])).all()
    assert decode_image(made["seed0000.png"]).shape == (128, 128, 3)
    told = facts(made["seed0002.png"])
    assert (told["seed"], told["truncation"], told["edited"]) == ("2", "0.8", "+1 sofa")
    assert told["modelSha256"] == hashlib.sha256((models / "rooms.safetensors").read_bytes()).hexdigest()
    assert (told["upscaler"], told["upscalerSha256"]) == ("upscaler", MODELS["upscaler"].sha256)
    assert facts(files(tmp_path / "out", "jpeg")["seed0002.jpg"]) == told
    with av.open(str(tmp_path / "out/rooms-h264.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    assert (len(frames), frames[0].shape) == (36, (64, 64, 3))
    steps = [np.abs(frames[frame] - frames[frame - 1]).mean() for frame in range(36)]
    # The first is the step from the last frame back to the first.
    assert steps[0] < 2 * np.mean(steps[1:])
    assert provenance.digital_source_type((tmp_path / "out/contact-sheet.jpg").read_bytes()) == provenance.GENERATED
    board = facts((tmp_path / "out/rooms-board.png").read_bytes())
    assert board["designs"] == "seed0000 seed0001 seed0002"
    [page] = texts((tmp_path / "out/rooms-board.pdf").read_bytes())
    assert f"Made by a model, rooms ({told['modelSha256'][:12]})" in page
    assert result.frames == 6 + 36
    assert verify_folder(str(tmp_path / "out"), StoreOptions()).is_whole
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole
    certified = read((tmp_path / "out/certificate.json").read_bytes(), "certificate.json")
    assert certified.chunks[0].seam is None


def test_any_design_is_the_start_of_the_next_job(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "a", seeds="0-3")))
    first, favourites = files(tmp_path / "a"), [tmp_path / f"a/png/seed000{seed}.png" for seed in (1, 3)]
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "b", around=favourites[0])))
    [(name, again)] = files(tmp_path / "b").items()
    assert name == "seed0001.png"
    assert (decode_image(again) == decode_image(first["seed0001.png"])).all()
    assert facts(again)["w"] == facts(first["seed0001.png"])["w"]
    bred = f"[{', '.join(map(str, favourites))}]"
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "c", breed=bred, seeds="0-1")))
    children = files(tmp_path / "c")
    assert {part.split()[0] for part in facts(children["seed0000.png"])["bred"].split(", ")} == {
        "seed0001.png",
        "seed0003.png",
    }
    film = f"{{through: [{tmp_path}/c/png/seed0000.png, {favourites[1]}], seconds: 0.2}}"
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "d", film=film, deliver="[png, interpolation]")))
    assert next(iter(files(tmp_path / "d"))) == "rooms.0001.png"
    keyframe = decode_image(files(tmp_path / "d")["rooms.0001.png"]).astype(int)
    assert np.abs(keyframe - decode_image(children["seed0000.png"])).max() <= 2


def test_a_photograph_is_varied_and_keeps_what_its_mask_keeps(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    keys = {"around": models / "photo.png", "refine": 10, "attributes": models / "mine.safetensors"}
    keys |= {"edit": "{calm: 0.5}", "keep": models / "mask.png"}
    plan = shared_farm.submit(job(models, tmp_path / "a", seeds="0-4", chunk=2, **keys))
    result = shared_farm.finish(plan)
    assert any("photo.png tells no latent" in note for note in result.notes)
    made = files(tmp_path / "a")
    wanted = resized(middle_square(photograph(150, 100)), 128)
    for data in made.values():
        assert provenance.digital_source_type(data) == provenance.COMPOSED
        assert (decode_image(data)[:, :59] == wanted[:, :59]).all()
    assert len({decode_image(data)[:, 70:].tobytes() for data in made.values()}) == 5
    # Whoever searches for it, in whatever chunk: a design is found where it was.
    shared_farm.finish(shared_farm.submit(job(models, tmp_path / "b", seeds=3, **keys)))
    assert files(tmp_path / "b") == {"seed0003.png": made["seed0003.png"]}


def test_a_redone_design_comes_out_the_same(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    keys = {"around": models / "photo.png", "refine": 5, "seeds": "0-3,100-101", "chunk": 2}
    plan = shared_farm.submit(job(models, tmp_path / "out", **keys))
    before, made = shared_farm.finish(plan), files(tmp_path / "out")
    assert redo(plan.job, [101], shared_farm.truth).chunks == (2,)
    shared_farm.redo(plan)
    after = shared_farm.finish(plan)
    assert (after.generation, after.frames_sha256) == (2, before.frames_sha256)
    assert files(tmp_path / "out") == made
