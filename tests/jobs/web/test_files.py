"""Files that a job delivered, as clients keep and check them."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from jobs.expiry import Removal
from jobs.records import Generation, Plan
from jobs.web.delivered import Deliveries
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan, make_result
from tests.jobs.test_certificate import certificate, sha


def publish(farm: Deployment, plan: Plan, *, generation: int, movie: str) -> None:
    """A stitcher delivered a movie, and a result that is as long as any other."""
    data = certificate().model_copy(update={"files": (("film-h264.mp4", len(movie), sha(movie)),)}).to_bytes()
    folder = Path(plan.output)
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_text(movie[:1])
    (folder / "film-h264.mp4").write_text(movie)
    farm.truth.put_certificate(plan.job, generation, data)
    farm.truth.put_result(make_result(plan, generation=generation).model_copy(update={"certificate": sha(data)}))


def test_a_redo_of_the_same_size_is_another_file(viewer: httpx.Client, farm: Deployment, tmp_path: Path) -> None:
    plan = make_plan("film-00000000d1", output=f"{tmp_path}/out")
    farm.accept(plan)
    publish(farm, plan, generation=1, movie="one")
    address = f"/api/v1/jobs/{plan.job}/files/result.json"
    first = viewer.get(address)
    held = {"If-None-Match": first.headers["ETag"]}
    assert (first.text, viewer.get(address, headers=held).status_code) == ("o", 304)
    farm.truth.add_generation(plan.job, Generation(number=2, chunks=(1,), reason="redo"))
    publish(farm, plan, generation=2, movie="two")
    # That there is a redo is known within a second.
    deadline = time.monotonic() + 5
    while (again := viewer.get(address, headers=held)).status_code == 304 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (again.status_code, again.text) == (200, "t")


def test_a_job_that_was_swept_and_made_again_has_its_own_files(farm: Deployment, tmp_path: Path) -> None:
    plan = make_plan("film-00000000d2", output=f"{tmp_path}/out")
    deliveries = Deliveries(farm.truth)
    for movie in ("short", "somewhat longer"):
        farm.accept(plan)
        publish(farm, plan, generation=1, movie=movie)
        farm.truth.retire(plan.job, 1)
        farm.ledger.end(plan.job, "done", generation=1)
        found = deliveries.of(plan)
        assert found is not None
        assert found.files["film-h264.mp4"].sha256 == sha(movie)
        assert Removal.of(plan.job, farm.truth).remove()
