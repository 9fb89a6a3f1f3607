"""Flower shows our workers and their tasks, once workers send events."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import free_port, running, wait_for_answer
from tests.workers.farm import TIMEOUT_S, farm
from tests.workers.test_film_job import job


def until(client: httpx.Client, path: str, wanted: int) -> Any:
    """What Flower answers, once it has so many rows."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        rows = json.loads(client.get(path).text)
        rows = rows.get("data", rows)
        if len(rows) >= wanted:
            return rows
        assert time.monotonic() < deadline, rows
        time.sleep(0.2)


@pytest.mark.slow
def test_flower_shows_workers_and_tasks(tmp_path: Path, media: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "celery", "-A", "workers.app", "flower"]
    command += ["--address=127.0.0.1", f"--port={port}"]
    with farm(tmp_path, events="on") as made:
        environment = made.environment | {"FLOWER_UNAUTHENTICATED_API": "true"}
        with running(command, log=tmp_path / "flower.log", env=environment) as flower:
            wait_for_answer(port, flower, log=tmp_path / "flower.log", timeout_s=60)
            with made.workers(), httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                plan = made.submit(job(media, tmp_path / "out", frames="1-20", chunk=10))
                made.finish(plan)
                tasks = until(client, "/api/tasks", 3)
                [worker] = until(client, "/workers?json=1", 1)
    assert sorted(row["name"] for row in tasks.values()) == ["atelier.render", "atelier.render", "atelier.stitch"]
    assert {row["state"] for row in tasks.values()} <= {"STARTED", "SUCCESS"}
    assert all(plan.job in row["args"] for row in tasks.values())
    assert worker["hostname"].startswith("cpu-0@")
    assert worker["status"] is True
