"""`atelier workers`."""

from __future__ import annotations

import json
from dataclasses import replace

from jobs.ledger import WorkerInfo
from tests.jobs.cli.conftest import Shell
from tests.jobs.deployment import Deployment


def test_workers_alive_and_withdrawn_are_listed(cluster: Shell, deployment: Deployment) -> None:
    here = WorkerInfo(slot="cpu-0@here:1", host="here", pid=1, device="cpu", queues=("gpu", "cpu"), doing="waiting")
    deployment.ledger.report_worker(here)
    deployment.ledger.withdraw("gpu-3@node", "failed 4 chunks in a row")
    said = cluster("workers").stdout
    assert "cpu-0@here:1" in said
    assert "gpu-3@node took itself out: it failed 4 chunks in a row" in said
    found = cluster.json("workers")
    assert [row["slot"] for row in found["alive"]] == ["cpu-0@here:1"]
    assert found["withdrawn"] == {"gpu-3@node": "failed 4 chunks in a row"}


def test_no_worker_is_said_so(cluster: Shell) -> None:
    assert "no worker is alive; start one with `atelier worker`" in cluster("workers").stderr


def test_memory_and_models_are_shown_as_far_as_a_worker_says_them(cluster: Shell, deployment: Deployment) -> None:
    row = WorkerInfo(slot="gpu-0@a", host="a", pid=1, device="cuda:0", queues=("gpu",), doing="film-1 chunk 3")
    told = {"job": "film-1", "chunk": 3, "model": "great-wave", "memory": 2_000_000_000}
    deployment.ledger.report_worker(
        replace(row, **told, device_memory=9_000_000_000, device_memory_total=80_000_000_000)
    )
    # Of another version of Atelier: it says less, and something that nobody knows.
    old = {"slot": "cpu-0@b", "host": "b", "pid": 1, "device": "cpu", "queues": ["cpu"], "doing": "waiting", "mood": 1}
    deployment.ledger.redis.set("test:worker:cpu-0@b", json.dumps(old))
    deployment.ledger.redis.sadd("test:workers", "cpu-0@b")
    said = cluster("workers").stdout
    assert "2.0 GB, GPU 9.0 GB of 80.0 GB  great-wave  film-1 chunk 3" in said
    assert [worker.memory for worker in deployment.ledger.workers()] == [0, 2_000_000_000]
    assert cluster.json("workers")["alive"][1]["chunk"] == 3
