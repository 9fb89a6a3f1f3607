"""A generator of motions trained as a job: a real worker that is killed, and the store that it goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.records import Result
from pipeline.motion.described import described
from tests.training.motion.tiny import RECIPE, write_clips
from tests.workers.farm import Farm
from tests.workers.test_train_style_job import iterations


def job(clips: Path, output: Path) -> str:
    """A training of a second or two."""
    keys = RECIPE | {
        "kind": "train-motion", "name": "tiny", "data": clips, "labels": clips / "labels.csv", "output": output,
        "iterations": 40, "preview_every": 20, "save_every": 4, "adversarial_from": 20,
    }  # fmt: skip
    del keys["r1_every"]
    return "\n".join(f"{key}: {value}" for key, value in keys.items())


def digests(result: Result) -> dict[str, str]:
    """What must be equal between two trainings."""
    made = {row.name: row.sha256 for row in result.deliverables}
    names = ("tiny.safetensors", "tiny.md", "tiny-report.png", "tiny.json")
    return {name: made[name] for name in names} | {"frames": result.frames_sha256}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clips(tmp_path_factory.mktemp("material") / "clips")


@pytest.mark.slow
def test_a_killed_worker_costs_no_bit(shared_farm: Farm, clips: Path, tmp_path: Path) -> None:
    unbroken = shared_farm.finish(shared_farm.submit(job(clips, tmp_path / "unbroken")))
    made = {row.name: Path(row.url) for row in unbroken.deliverables}
    assert described(made["tiny.safetensors"]).classes == ("stoop", "walk")
    plan = shared_farm.submit(job(clips, tmp_path / "broken"))
    busy = shared_farm.wait(plan.job, lambda seen: iterations(seen) >= 10, "in the middle")
    shared_farm.kill_worker(busy.running[0].worker)
    assert digests(shared_farm.finish(plan)) == digests(unbroken)
