"""Campaigns over HTTP."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from tests.jobs.files import job_text, write_checkpoint, write_sequence


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job file with a schedule."""
    folder: Path = tmp_path_factory.mktemp("films")
    source, style = write_sequence(folder / "shots", 4), write_checkpoint(folder / "my.safetensors")
    text = job_text(source=source, style=style, output=f"{folder}/out/{{date}}-{{time}}/")
    return f"{text}schedule: {{cron: 0 6 * * mon, timezone: Europe/Berlin}}\n"


def test_a_campaign_is_begun_fired_held_and_ended(operator: httpx.Client, file: str) -> None:
    made = operator.post("/api/v1/campaigns", json={"file": file, "name": "bay"})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/campaigns/bay")
    told = made.json()
    assert (told["state"], told["zone"], len(told["next"]), told["last"]) == ("on", "Europe/Berlin", 5, [])
    assert told["next"][0] > time.time()

    job = operator.post("/api/v1/campaigns/bay/run-now").json()["job"]
    [run] = operator.get("/api/v1/campaigns").json()["items"][0]["last"]
    assert (run["job"], run["state"], run["ordered"]) == (job, "running", True)

    assert operator.post("/api/v1/campaigns/bay/pause").json()["next"] == []
    assert operator.post("/api/v1/campaigns/bay/resume").json()["state"] == "on"
    assert operator.get("/api/v1/campaigns/bay").json()["file"] == file
    assert operator.delete("/api/v1/campaigns/bay").status_code == 204
    answer = operator.get("/api/v1/campaigns/bay")
    assert (answer.status_code, operator.get("/api/v1/campaigns").json()["items"]) == (404, [])
    assert "no campaign 'bay'" in answer.json()["detail"]


def test_campaigns_come_by_the_page(operator: httpx.Client, file: str) -> None:
    for name in ("cove", "bay", "dune"):
        assert operator.post("/api/v1/campaigns", json={"file": file, "name": name}).status_code == 201
    seen, cursor = [], {}
    while True:
        page = operator.get("/api/v1/campaigns", params={"limit": 2, **cursor}).json()
        seen.append([campaign["name"] for campaign in page["items"]])
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [["bay", "cove"], ["dune"]]
    for name in ("cove", "bay", "dune"):
        operator.delete(f"/api/v1/campaigns/{name}")


def test_a_job_file_without_a_schedule_is_no_campaign(operator: httpx.Client, file: str) -> None:
    answer = operator.post("/api/v1/campaigns", json={"file": file.rpartition("schedule")[0], "name": "bay"})
    assert answer.status_code == 422
    assert "'schedule' is missing" in answer.json()["detail"]


def test_who_may_look_begins_no_campaign(viewer: httpx.Client, file: str) -> None:
    assert viewer.post("/api/v1/campaigns", json={"file": file, "name": "bay"}).status_code == 403
