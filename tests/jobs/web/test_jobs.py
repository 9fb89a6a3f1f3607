"""Jobs over HTTP: the list, one of them, and how they are steered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import httpx
import pytest

from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan

_numbers = itertools.count(1)


@pytest.fixture
def job(farm: Deployment) -> Iterator[str]:
    """A job at work; cancelled in the end."""
    plan = make_plan(f"film-{next(_numbers):010x}", chunks=3, output=f"/out/{next(_numbers)}")
    farm.accept(plan)
    yield plan.job
    farm.ledger.end(plan.job, "cancelled", generation=9)


def test_a_job_tells_how_it_stands_and_what_it_is(farm: Deployment, viewer: httpx.Client, job: str) -> None:
    farm.finish(farm.truth.plan(job), 0)
    told = viewer.get(f"/api/v1/jobs/{job}").json()
    assert (told["state"], told["chunks_done"], told["frames_done"], told["frames"]) == ("running", 1, 10, 30)
    assert (told["kind"], told["noun"], told["extent"], told["has_source"]) == ("film", "frame", "frames 1-30", False)


def test_a_film_of_another_version_has_no_shots(viewer: httpx.Client, job: str) -> None:
    answer = viewer.get(f"/api/v1/jobs/{job}/shots")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_jobs_are_listed_by_the_page(farm: Deployment, viewer: httpx.Client) -> None:
    for number in range(7):
        farm.accept(make_plan(f"posters-{number:010x}", kind="posters", output=f"/out/posters-{number}"))
    seen, cursor = [], ""
    while cursor is not None:
        page = viewer.get("/api/v1/jobs", params={"kind": "posters", "limit": 3, "cursor": cursor}).json()
        seen.append([card["job"] for card in page["items"]])
        cursor = page["next"]
    assert [len(jobs) for jobs in seen] == [3, 3, 1]
    assert len(set(itertools.chain(*seen))) == 7


def test_the_list_is_searched(viewer: httpx.Client, job: str) -> None:
    found = viewer.get("/api/v1/jobs", params={"q": job.upper(), "state": "active"}).json()["items"]
    assert [card["job"] for card in found] == [job]
    assert not viewer.get("/api/v1/jobs", params={"q": job, "state": "done"}).json()["items"]


def test_a_job_is_paused_and_goes_on(operator: httpx.Client, job: str) -> None:
    states = [operator.post(f"/api/v1/jobs/{job}/{order}").json()["state"] for order in ("pause", "resume", "cancel")]
    assert states == ["paused", "running", "cancelled"]
    answer = operator.post(f"/api/v1/jobs/{job}/pause")
    assert answer.status_code == 409
    assert "has cancelled already" in answer.json()["detail"]


def test_of_a_long_log_the_newest_lines_are_given(farm: Deployment, viewer: httpx.Client, job: str) -> None:
    for number in range(5):
        farm.ledger.record(job, f"event {number}")
    lines = viewer.get(f"/api/v1/jobs/{job}/log", params={"limit": 2}).json()["items"]
    assert [line["message"] for line in lines] == ["event 3", "event 4"]
    assert viewer.get(f"/api/v1/jobs/{job}/log", params={"limit": 2001}).status_code == 422


def test_a_job_is_given_another_priority(farm: Deployment, operator: httpx.Client, job: str) -> None:
    told = operator.put(f"/api/v1/jobs/{job}/priority", json={"priority": 8}).json()
    assert told["priority"] == 8
    assert operator.put(f"/api/v1/jobs/{job}/priority", json={"priority": 10}).status_code == 422
    farm.ledger.redis.delete(f"{farm.settings.redis_prefix}job:{job}")
    farm.look()
    assert operator.get(f"/api/v1/jobs/{job}").json()["priority"] == 8


def test_frames_are_ordered_again(farm: Deployment, operator: httpx.Client, job: str) -> None:
    plan = farm.truth.plan(job)
    for chunk in range(3):
        farm.finish(plan, chunk)
    farm.truth.put_ending(job, 1, state="failed", reason="the disk was full")
    farm.truth.retire(job, 1)
    farm.ledger.end(job, "failed", generation=1, error="the disk was full")
    card = operator.get("/api/v1/jobs", params={"q": job}).json()["items"][0]
    assert (card["state"], card["error"]) == ("failed", "the disk was full")
    told = operator.post(f"/api/v1/jobs/{job}/redo", json={"frames": "11-12"}).json()
    assert (told["state"], told["generation"], told["chunks_done"]) == ("running", 2, 2)
    assert operator.get("/api/v1/jobs", params={"q": job}).json()["items"][0]["state"] == "running"


@pytest.mark.parametrize("order", ["pause", "resume", "cancel", "redo"])
def test_who_may_look_may_not_order(viewer: httpx.Client, job: str, order: str) -> None:
    answer = viewer.post(f"/api/v1/jobs/{job}/{order}", json={"frames": "1"})
    assert answer.status_code == 403
    assert "victor may look and not order" in answer.json()["detail"]


def test_a_name_that_is_none_is_told_the_nearest(viewer: httpx.Client, job: str) -> None:
    answer = viewer.get(f"/api/v1/jobs/{job}x")
    assert answer.status_code == 404
    assert job[:5] in answer.json()["detail"]


def test_a_cursor_that_is_none_is_refused(viewer: httpx.Client) -> None:
    for cursor in ("nonsense", "W10", "WzEsICJhIl0", "é"):
        assert viewer.get("/api/v1/jobs", params={"cursor": cursor}).status_code == 422


def test_jobs_are_explained(viewer: httpx.Client, job: str) -> None:
    told = viewer.get(f"/api/v1/jobs/{job}/explanation").json()
    assert "no worker is alive" in " ".join(told["sentences"])
    assert viewer.get(f"/api/v1/jobs/{job}/explanation", params={"frame": 12}).json()["title"] == f"{job}, frame 12"
    assert viewer.get(f"/api/v1/jobs/{job}/explanation", params={"frame": 99}).status_code == 404


def test_the_job_file_can_be_had(viewer: httpx.Client, job: str) -> None:
    assert viewer.get(f"/api/v1/jobs/{job}/file").json() == {"file": "kind: film\n", "values": {"kind": "film"}}
