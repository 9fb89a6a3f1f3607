"""The scripts that run in the containers beside `atelier`: the health check and the bucket's creation."""

from __future__ import annotations

import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from jobs.config import host_name
from jobs.ledger import Ledger, WorkerInfo
from tests.deploy.compose import ROOT, Compose
from tests.servers import S3Server

WORKER = WorkerInfo(slot="gpu-0@here", host=host_name(), pid=1, device="cpu", queues=("gpu",), doing="waiting")


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script as its container does, in this process's environment."""
    command = [sys.executable, str(ROOT / "deploy/container" / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.fixture
def ledger(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """An empty ledger that the scripts find through the environment."""
    monkeypatch.setenv("ATELIER_REDIS_URL", redis_url)
    monkeypatch.setenv("ATELIER_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return Ledger(redis_url)


@pytest.mark.parametrize(
    ("worker", "code"),
    [
        (WORKER, 0),
        (replace(WORKER, host="elsewhere"), 1),
        (replace(WORKER, queues=("cpu",)), 1),
        (None, 1),
    ],
    ids=["here", "elsewhere", "other queue", "none"],
)
def test_a_worker_is_healthy_while_the_ledger_hears_of_it(ledger: Ledger, worker: WorkerInfo | None, code: int) -> None:
    if worker is not None:
        ledger.report_worker(worker)
    checked = run("health.py", "worker", "gpu")
    assert checked.returncode == code, checked.stderr
    assert ("no worker of" in checked.stderr) == bool(code)


def test_the_reconciler_is_healthy_while_nothing_is_overlooked(ledger: Ledger) -> None:
    assert run("health.py", "reconciler").returncode == 0
    long_ago = 1_000_000
    ledger.redis.hset("atelier:job:film", "generation", 0)
    ledger.redis.zadd("atelier:inflight:gpu", {"film/3": long_ago})
    checked = run("health.py", "reconciler")
    assert checked.returncode == 1
    assert "film chunk 3" in checked.stderr


def test_without_redis_nothing_is_healthy(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_REDIS_URL", "unix:///nowhere/redis.sock")
    for arguments in (["worker", "gpu"], ["reconciler"]):
        checked = run("health.py", *arguments)
        assert checked.returncode == 1
        assert "Redis does not answer" in checked.stderr


def test_a_missing_bucket_is_created_once(moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = f"atelier-{uuid.uuid4().hex}"
    moto_s3.use(monkeypatch)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("ATELIER_STORE", f"s3://{bucket}/store")
    monkeypatch.setenv("ATELIER_S3_ENDPOINT", moto_s3.endpoint)
    assert "bucket created" in run("bucket.py").stdout
    assert "bucket is there" in run("bucket.py").stdout
    client = boto3.client("s3", endpoint_url=moto_s3.endpoint, region_name="us-east-1")
    assert bucket in [row["Name"] for row in client.list_buckets()["Buckets"]]
    client.close()


def test_a_bucket_that_cannot_be_created_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("ATELIER_STORE", "s3://no_bucket_name/store")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("ATELIER_S3_ENDPOINT", "no address")
    failed = run("bucket.py")
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1


def test_every_script_that_a_container_runs_is_in_the_image(compose: Compose) -> None:
    for service in compose.ours.values():
        for word in [*service.get("entrypoint", []), *service.get("healthcheck", {}).get("test", [])]:
            if word.startswith("/opt/atelier/container/"):
                assert (ROOT / "deploy/container" / Path(word).name).is_file()


def test_a_health_check_asks_for_a_queue_that_its_worker_serves(compose: Compose) -> None:
    for service in compose.started.values():
        check = service.get("healthcheck", {}).get("test", [])
        if "worker" in check:
            command = service["command"]
            assert check[-1] in command[command.index("--queues") + 1].split(",")
