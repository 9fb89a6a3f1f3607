"""A worker takes a chunk that it cannot even begin: the chunk goes back, and nobody is to blame."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workers.farm import Farm
from tests.workers.test_film_job import job

TAKE = "from workers.tasks import render; from workers.health import Presence; "
TAKE += "render.run('{job}', 0, 1); print(Presence.doing)"


def take(farm: Farm, name: str, **settings: str) -> str:
    """A worker of other settings takes the job's first chunk; what it says that it is at afterwards."""
    environment = farm.environment | {f"ATELIER_{key.upper()}": value for key, value in settings.items()}
    environment |= {"ATELIER_SLOT": "a", "ATELIER_QUEUES": "gpu"}
    command = [sys.executable, "-c", TAKE.format(job=name)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


@pytest.mark.parametrize("way", ["another store", "no store"])
def test_chunk_whose_plan_cannot_be_read_goes_back_uncounted(lone_farm: Farm, media: Path, way: str) -> None:
    plan = lone_farm.submit(job(media, lone_farm.folder / "out", frames="1-8", chunk=4))
    elsewhere = {"store": str(lone_farm.folder / "elsewhere")}
    away = {"store": "s3://bucket/x", "s3_endpoint": "http://127.0.0.1:9", "s3_attempts": "1"}
    assert take(lone_farm, plan.job, **(elsewhere if way == "another store" else away)) == "waiting"
    assert lone_farm.ledger.failures(plan.job, 0) == 0
    assert lone_farm.ledger.snapshot(plan.job).running == ()
    # A worker that is set up well takes it at once.
    assert lone_farm.ledger.acquire(plan.job, 0, 1, slot="b", lease_s=5)[0] is not None
