"""Film jobs with controls, from their job files to their frames, through real workers."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from jobs.records import Plan
from pipeline import catalog
from pipeline.images import decode_image
from pipeline.models.adain import AdainDecoder
from pipeline.models.any_painting import AnyPainting
from tests.media import write_picture
from tests.workers.farm import Farm, write_style
from tests.workers.test_film_job import job


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two paintings, a second style, and a small network for any painting."""
    folder = tmp_path_factory.mktemp("studio")
    chance = np.random.default_rng(0)
    for name in ("wave", "scream"):
        pixels = cv2.resize(chance.integers(0, 255, (6, 8, 3), np.uint8), (60, 40))
        write_picture(folder / f"{name}.png", pixels)
    write_style(folder / "second.safetensors", seed=1)
    torch.manual_seed(0)
    network = AnyPainting(coarse=8, quarter=8, half=8, full=8)
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(tensors, folder / "any.safetensors", metadata=network.metadata())
    return folder


@pytest.fixture
def any_painting(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small network in the place of the shipped one."""
    path = studio / "any.safetensors"
    entry = catalog.ARCHITECTURES["atelier-any-1"]
    row = catalog.Model(
        catalog.ANY_PAINTING, entry, str(path), catalog.digest(path), "CC BY 4.0", "Any painting", kind="painting"
    )
    monkeypatch.setitem(catalog.MODELS, catalog.ANY_PAINTING, row)


def frames(farm: Farm, plan: Plan) -> list[np.ndarray]:
    """The finished job's frames."""
    farm.finish(plan)
    receipts = [farm.truth.receipt(plan.job, chunk, 1) for chunk in range(len(plan.chunks))]
    blobs = [blob for receipt in receipts if receipt for blob in receipt.frames]
    return [decode_image(farm.truth.store.get(blob.key)) for blob in blobs]


def test_chunking_changes_no_pixel_under_all_controls_together(
    shared_farm: Farm, media: Path, studio: Path, any_painting: None, tmp_path: Path
) -> None:
    controls = {
        "frames": "1-16",
        "size": 96,
        "paint_size": 64,
        "shots": f"{{2: {studio / 'second.safetensors'}}}",
        "cuts": "[11]",
        "crossfade": f"{{frames: 3-8, to: {{paintings: {{{studio / 'wave.png'}: 2, {studio / 'scream.png'}: 1}}}}}}",
        "preserve_color": "true",
        "consistency": "flow",
        "strength": 0.9,
    }
    plans = [
        shared_farm.submit(job(media, tmp_path / str(chunk), chunk=chunk, deliver="[png]", **controls))
        for chunk in (3, 100)
    ]
    assert [len(plan.chunks) for plan in plans] == [6, 2]
    small, large = (shared_farm.finish(plan) for plan in plans)
    assert small.frames_sha256 == large.frames_sha256
    assert {Path(model.name).name for model in small.models} == {
        "fast.safetensors",
        "second.safetensors",
        catalog.ANY_PAINTING,
    }


def test_painting_travels_to_the_store_and_paints(
    shared_farm: Farm, media: Path, studio: Path, any_painting: None, tmp_path: Path
) -> None:
    text = job(media, tmp_path / "out", frames="1-2", deliver="[png]")
    plan = shared_farm.submit(text.replace(str(media / "fast.safetensors"), f"{{painting: {studio / 'wave.png'}}}"))
    [file] = plan.files
    assert file.key == f"files/{file.sha256}.png"
    assert shared_farm.truth.store.get(file.key) == (studio / "wave.png").read_bytes()
    assert all(frame.std() > 0 for frame in frames(shared_farm, plan))


def test_shots_and_passages_paint_the_frames_they_name(
    shared_farm: Farm, media: Path, studio: Path, tmp_path: Path
) -> None:
    second = studio / "second.safetensors"
    common = {"frames": "1-9", "deliver": "[png]"}
    first = frames(shared_farm, shared_farm.submit(job(media, tmp_path / "a", **common)))
    other = frames(shared_farm, shared_farm.submit(job(media, tmp_path / "b", style=str(second), **common)))
    controls = {"shots": f"{{2: {second}}}", "cuts": "[4, 6]", "crossfade": f"{{frames: 7-7, to: {second}}}"}
    mixed = frames(shared_farm, shared_farm.submit(job(media, tmp_path / "c", **common, **controls)))
    wanted = [*first[:3], *other[3:5], first[5], None, *other[7:]]
    for frame, want in zip(mixed, wanted, strict=True):
        assert want is None or np.array_equal(frame, want)
    assert np.abs(mixed[6].astype(int) - (first[6].astype(int) + other[6]) / 2).max() <= 1


def test_checkpoint_that_only_looks_right_fails_its_job_and_names_it(
    shared_farm: Farm, media: Path, studio: Path, tmp_path: Path
) -> None:
    decoder = AdainDecoder().state_dict()
    torch.save({"0.weight": torch.zeros(3), "0.bias": torch.zeros(3)}, tmp_path / "encoder.pth")
    torch.save(decoder, tmp_path / "decoder.pth")
    style = f"{{painting: {studio / 'wave.png'}, encoder: {tmp_path}/encoder.pth, decoder: {tmp_path}/decoder.pth}}"
    text = job(media, tmp_path / "out", frames="1-2", deliver="[png]")
    plan = shared_farm.submit(text.replace(str(media / "fast.safetensors"), style))
    ended = shared_farm.wait(plan.job, lambda seen: seen.state == "failed", "failed")
    assert f"{tmp_path}/encoder.pth: is no" in ended.error
