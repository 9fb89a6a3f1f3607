"""The picture that stands for a job in lists."""

from __future__ import annotations

import httpx

from jobs.records import Blob
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan, make_receipt


def test_a_job_is_shown_by_the_middle_of_what_is_painted(farm: Deployment, viewer: httpx.Client) -> None:
    plan = make_plan("film-00000000c0", chunks=3, output="/out/cover")
    farm.accept(plan)
    missing = viewer.get(f"/api/v1/jobs/{plan.job}/cover")
    assert (missing.status_code, missing.json()["detail"]) == (404, f"nothing of {plan.job} is painted yet")
    for chunk in (0, 2):
        blobs = tuple(Blob(key=f"{frame}.png", size=1, sha256=f"{frame:064x}") for frame in range(10))
        farm.truth.put_receipt(make_receipt(plan, chunk).model_copy(update={"frames": blobs}))
        farm.ledger.complete(plan.job, chunk, 1, frames=10, seconds=2.0)
    answer = viewer.get(f"/api/v1/jobs/{plan.job}/cover")
    assert answer.status_code == 307
    # Of the chunks 1-10 and 21-30, the second one's middle.
    assert answer.headers["location"] == f"/api/v1/jobs/{plan.job}/frames/26/picture?width=160&v=0000000000000000"
    assert answer.headers["cache-control"] == "private, no-cache"


def test_a_job_whose_frames_are_no_pictures_has_no_cover(farm: Deployment, viewer: httpx.Client) -> None:
    plan = make_plan("film-00000000c1", chunks=1, output="/out/coverless")
    farm.accept(plan)
    farm.finish(plan, 0)
    assert viewer.get(f"/api/v1/jobs/{plan.job}/cover").status_code == 404
