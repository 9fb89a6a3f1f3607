"""What viewers are told as it happens, also when Redis or the job goes away under them."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jobs.expiry import Removal
from jobs.local import redis_binary
from jobs.web import hub
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan
from tests.jobs.web.conftest import VIEWER, Site, deployment_of, serving, settings_of
from tests.processes import running, wait_for_answer


def follow(site: Site, path: str, *wanted: str) -> Iterator[tuple[str, Any]]:
    """The events of a stream that have one of these names."""
    with site.client(VIEWER) as viewer, viewer.stream("GET", f"/api/v1/{path}") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name in wanted:
                yield name, json.loads(line.removeprefix("data: "))


def test_a_viewer_sees_a_job_go_on(site: Site, farm: Deployment) -> None:
    plan = make_plan("film-00000000a1", output="/out/a1")
    farm.accept(plan)
    events = follow(site, f"jobs/{plan.job}/events", "status")
    assert next(events)[1]["chunks_done"] == 0
    farm.finish(plan, 2)
    assert next(events)[1]["chunks_done"] == 1
    events.close()


def test_the_wall_is_told_of(site: Site, farm: Deployment) -> None:
    farm.accept(make_plan("film-00000000a2", output="/out/a2"))
    events = follow(site, "jobs/film-00000000a2/events", "wall")
    assert {"version", "since", "changed", "running"} <= set(next(events)[1])
    events.close()


def test_all_jobs_are_followed_also_those_that_just_ended(site: Site, farm: Deployment) -> None:
    plan = make_plan("film-00000000a3", output="/out/a3")
    farm.accept(plan)
    events = follow(site, "events", "jobs")
    assert _states(next(events)[1])[plan.job] == "running"
    farm.truth.put_ending(plan.job, 1, state="failed", reason="the disk was full")
    farm.truth.retire(plan.job, 1)
    farm.ledger.end(plan.job, "failed", generation=1, error="the disk was full")
    assert next(cards for _, cards in events if _states(cards).get(plan.job) == "failed")
    events.close()


def test_what_has_ended_is_read_seldom_until_it_is_ordered_again(site: Site, farm: Deployment) -> None:
    plan = make_plan("film-00000000a5", output="/out/a5")
    farm.accept(plan)
    farm.truth.put_ending(plan.job, 1, state="failed", reason="the disk was full")
    farm.truth.retire(plan.job, 1)
    farm.ledger.end(plan.job, "failed", generation=1)
    events = follow(site, f"jobs/{plan.job}/events", "status")
    assert next(events)[1]["state"] == "failed"
    with site.client() as operator:
        began = time.monotonic()
        assert operator.post(f"/api/v1/jobs/{plan.job}/redo", json={"frames": "1-10"}).status_code == 200
        assert next(events)[1]["generation"] == 2
    assert time.monotonic() - began < hub.SELDOM_S / 2
    events.close()


def test_a_topic_is_read_as_often_as_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "EVERY_S", 0.01)
    assert asyncio.run(_readings(has_ended=False)) > 3
    assert asyncio.run(_readings(has_ended=True)) == 1


async def _readings(*, has_ended: bool) -> int:
    """How often a topic is read in a fifth of a second."""
    read: list[bool] = []
    with ThreadPoolExecutor(1) as pool:
        topic = hub.Topic(lambda: read.append(True) or {}, pool=pool, has_ended=lambda events: has_ended)
        with suppress(TimeoutError):
            await asyncio.wait_for(topic.follow(), 0.2)
    return len(read)


def test_a_job_that_is_swept_is_gone(site: Site, farm: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "SELDOM_S", 1.2)
    plan = make_plan("film-00000000a4", output="/out/a4")
    farm.accept(plan)
    farm.truth.put_ending(plan.job, 1, state="cancelled", reason="cancelled by its user")
    farm.truth.retire(plan.job, 1)
    farm.ledger.end(plan.job, "cancelled", generation=1)
    events = follow(site, f"jobs/{plan.job}/events", "status", "gone")
    assert next(events)[1]["state"] == "cancelled"
    assert Removal.of(plan.job, farm.truth).remove()
    name, sentence = next(events)
    assert (name, next(events, None)) == ("gone", None)
    assert "film-00000000a4 is gone" in sentence


def test_that_redis_is_away_is_said_and_it_recovers(tmp_path: Path, redis_folder: Path) -> None:
    socket = redis_folder / "redis.sock"
    command = [redis_binary(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(redis_folder)]
    config = settings_of(f"unix://{socket}", tmp_path)
    plan = make_plan()
    with serving_redis(command, socket) as first, deployment_of(config) as farm:
        farm.accept(plan)
        with serving(config) as site:
            events = follow(site, f"jobs/{plan.job}/events", "trouble", "status")
            assert _until(events, "status")["known_from"] == "ledger"
            assert _until(events, "trouble") is None
            first.kill()
            first.wait()
            assert "Redis does not answer" in _until(events, "trouble")
            with site.client(VIEWER) as viewer:
                assert viewer.get(f"/api/v1/jobs/{plan.job}").json()["state"] == "waiting"
                assert viewer.get("/api/v1/jobs").json()["items"][0]["state"] == "waiting"
                unready = viewer.get("/readyz")
                assert (unready.status_code, unready.json()["detail"][:10]) == (503, "not ready;")
                assert "Redis" not in unready.text
                assert viewer.get("/api/v1/workers").status_code == 503
                assert viewer.get("/api/v1/backlog").status_code == 503
            with serving_redis(command, socket):
                assert _until(events, "trouble") is None
                events.close()


class serving_redis:
    """A Redis of a test's own, which it may kill."""

    def __init__(self, command: list[str], socket: Path) -> None:
        self._socket = socket
        self._log = socket.parent / "log"
        self._running = running(command, log=self._log)

    def __enter__(self) -> Any:
        process = self._running.__enter__()
        wait_for_answer(self._socket, process, log=self._log)
        return process

    def __exit__(self, *told: Any) -> None:
        self._running.__exit__(*told)


@pytest.fixture
def redis_folder() -> Iterator[Path]:
    """A folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="atelier-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _states(cards: list[dict[str, Any]]) -> dict[str, str]:
    return {card["job"]: card["state"] for card in cards}


def _until(events: Iterator[tuple[str, Any]], wanted: str) -> Any:
    return next(data for name, data in events if name == wanted)
