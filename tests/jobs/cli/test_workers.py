"""`atelier workers`."""

from __future__ import annotations

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
