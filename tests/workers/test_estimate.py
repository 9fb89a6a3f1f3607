"""Estimates through real workers: frames are rendered, and nothing of it is left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from jobs import spec
from jobs.estimate.estimate import Report, estimate
from jobs.estimate.project import Estimate
from jobs.kinds.base import JobSpec
from jobs.records import Plan
from jobs.session import Session
from jobs.submit import plan_job
from pipeline.errors import AtelierError
from tests.workers.farm import Farm
from tests.workers.test_film_job import job


def planned(farm: Farm, text: str) -> tuple[JobSpec, Plan]:
    checked, located = spec.parse(text, path="job.yaml", folder=farm.folder)
    return checked, plan_job(checked, located, farm.config)


def tried(farm: Farm, text: str, report: Report = lambda done, total: None) -> Estimate:
    session = Session(farm.config, farm.truth, farm.ledger, farm.queue)
    checked, plan = planned(farm, text)
    return estimate(checked, plan, session, start_s=None, most_runs=1, report=report, check=lambda workers: None)


def kept(farm: Farm) -> Sequence[str]:
    """What lies in the store of jobs; not models, which they share."""
    ours = ("jobs/", "index/", "active/", "leaving/", "cache/", "due/")
    return [entry.key for folder in ours for entry in farm.truth.store.list(folder)]


def test_an_estimate_measures_frames_and_leaves_nothing(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    before, heard = kept(shared_farm), [(0, 0)]
    text = job(media, tmp_path / "out", chunk=20, deliver="[h264, gif, jpeg]")
    made = tried(shared_farm, text, report=lambda done, total: heard.append((done, total)))
    assert kept(shared_farm) == before
    assert not (tmp_path / "out").exists()
    assert made.frames_rendered == 9 + 8 == heard[-1][1]
    assert 0 < made.paces[0].frame_s < 5
    assert made.stitch_s > 0
    assert made.memory > 50_000_000
    assert set(made.store) == {"frames", "segments", "jpeg"}
    assert {name: amount.files for name, amount in made.delivered.items()} == {"h264": 1, "gif": 1, "jpeg": 60}


def test_an_interrupted_estimate_leaves_nothing(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    before = kept(shared_farm)

    def interrupt(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried(shared_farm, job(media, tmp_path / "out", style="slow.pth"), report=interrupt)
    assert kept(shared_farm) == before
    assert not [name for name in shared_farm.ledger.jobs() if shared_farm.ledger.state(name) == "running"]


def test_frames_that_cannot_be_painted_are_told(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    before = kept(shared_farm)
    checked, plan = planned(shared_farm, job(media, tmp_path / "out"))
    broken = json.loads(json.dumps(plan.inputs).replace("clip.mp4", "gone.mp4"))
    session = Session(shared_farm.config, shared_farm.truth, shared_farm.ledger, shared_farm.queue)
    with pytest.raises(AtelierError, match=r"could not be rendered: .*gone\.mp4"):
        estimate(
            checked,
            plan.model_copy(update={"inputs": broken}),
            session,
            start_s=None,
            most_runs=1,
            report=lambda done, total: None,
            check=lambda workers: None,
        )
    assert kept(shared_farm) == before
