"""Motions from their job file to their deliverables, through real Redis, real Celery workers and the stitcher."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from jobs.verify import verify_folder, verify_job
from pipeline import provenance
from pipeline.motion import bvh_text
from pipeline.motion.bvh import bvh_of
from pipeline.motion.clip import posed
from pipeline.motion.opening import open_clip
from pipeline.storage import StoreOptions
from tests.motion.making import far, walk
from tests.motion.movers import write_mover
from tests.workers.farm import Farm


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a generator and a recording."""
    made = tmp_path_factory.mktemp("motions")
    write_mover(made / "cmu.safetensors")
    bvh_text.write(bvh_of(walk(1, 24)), made / "walk.bvh")
    return made


def job(folder: Path, output: Path, **keys: object) -> str:
    """A motion job file."""
    lines = {"kind": "motion", "output": output, "size": "96x54", "fps": 24, **keys}
    return "\n".join(f"{key}: {value}" for key, value in lines.items())


def test_a_figure_leaves_with_alpha_and_as_bvh(shared_farm: Farm, folder: Path, tmp_path: Path) -> None:
    clips = f"[{{file: {folder}/walk.bvh}}, {{action: walk, seconds: 0.5, seed: 3}}]"
    keys = {"model": folder / "cmu.safetensors", "background": "transparent", "chunk": 10}
    text = job(folder, tmp_path / "out", clips=clips, deliver="[prores-4444, png, bvh]", label="on", **keys)
    plan = shared_farm.submit(text)
    result = shared_farm.finish(plan)
    assert result.frames == 36
    pictures = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in sorted((tmp_path / "out/png").glob("*.png"))]
    assert len(pictures) == 36
    with av.open(str(tmp_path / "out/cmu-prores-4444.mov")) as container:
        film = [frame.to_ndarray(format="rgba") for frame in container.decode(video=0)]
    assert len(film) == 36
    for picture, frame in zip(pictures, film, strict=True):
        assert picture.shape == frame.shape == (54, 96, 4)
        assert np.abs(picture[..., 3].astype(int) - frame[..., 3]).max() <= 2
        assert 0.01 < (picture[..., 3] == 255).mean() < 0.5
    first = (tmp_path / "out/png/cmu.0001.png").read_bytes()
    assert provenance.digital_source_type((tmp_path / "out/png/cmu.0030.png").read_bytes()) == provenance.GENERATED
    assert (provenance.read(first) or {}).get("action") is None
    told = provenance.read((tmp_path / "out/png/cmu.0030.png").read_bytes())
    assert told is not None
    assert (told["action"], told["seed"], told["modelSha256"]) == ("walk", "3", plan.models[0].sha256)
    recorded, generated = (open_clip(tmp_path / f"out/clip-0{number}-walk.bvh") for number in (1, 2))
    assert (recorded.frames, generated.frames, generated.rate) == (24, 12, 24)
    assert far(posed(recorded).positions, posed(open_clip(folder / "walk.bvh")).positions) < 1e-4
    assert {"clip-01-walk.bvh", "clip-02-walk.bvh"} <= {made.name for made in result.deliverables}
    assert verify_folder(str(tmp_path / "out"), StoreOptions()).is_whole
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole


def test_a_motion_film_is_the_source_of_a_film_job(
    shared_farm: Farm, folder: Path, media: Path, tmp_path: Path
) -> None:
    clips = f"[{{file: {folder}/walk.bvh, end: 0.25}}]"
    shared_farm.finish(shared_farm.submit(job(folder, tmp_path / "a", clips=clips)))
    assert provenance.digital_source_type((tmp_path / "a/walk-h264.mp4").read_bytes()) is None
    text = f"kind: film\nsource: {tmp_path}/a/walk-h264.mp4\nstyle: {media}/fast.safetensors\noutput: {tmp_path}/b/\n"
    assert shared_farm.finish(shared_farm.submit(text)).frames == 6
