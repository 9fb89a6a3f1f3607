"""The scripts that run in the containers beside `atelier`: the health check and the bucket's creation."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import boto3
import pytest

from jobs.config import host_name, settings
from jobs.ledger import Ledger, WorkerInfo
from tests.deploy.compose import ROOT, Compose
from tests.servers import S3Server

WORKER = WorkerInfo(slot="gpu-0@here", host=host_name(), pid=1, device="cpu", queues=("gpu",), doing="waiting")
SCRIPTS = ROOT / "deploy/container"

Run = Callable[..., str]
"""Runs a script with arguments; gives what it ends with, empty for success."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a script in this process, which saves a second each time."""

    def run(script: str, *arguments: str) -> str:
        spec = importlib.util.spec_from_file_location(Path(script).stem, SCRIPTS / script)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setattr(sys, "argv", [script, *arguments])
        settings.cache_clear()
        try:
            module.main()
        except SystemExit as end:
            return str(end.code or "")
        return ""

    return run


@pytest.fixture
def ledger(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """An empty ledger that the scripts find through the environment."""
    monkeypatch.setenv("ATELIER_REDIS_URL", redis_url)
    monkeypatch.setenv("ATELIER_STORE", str(tmp_path / "store"))
    made = Ledger(redis_url)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("worker", "healthy"),
    [
        (WORKER, True),
        (replace(WORKER, host="elsewhere"), False),
        (replace(WORKER, queues=("cpu",)), False),
        (None, False),
    ],
    ids=["here", "elsewhere", "other queue", "none"],
)
def test_a_worker_is_healthy_while_the_ledger_hears_of_it(
    ledger: Ledger, run: Run, worker: WorkerInfo | None, healthy: bool
) -> None:
    if worker is not None:
        ledger.report_worker(worker)
    problem = run("health.py", "worker", "gpu")
    assert problem == "" if healthy else "serves the queue 'gpu'" in problem


def test_the_reconciler_is_healthy_while_nothing_is_overlooked(ledger: Ledger, run: Run) -> None:
    assert run("health.py", "reconciler") == ""
    ledger.redis.hset("atelier:job:film", "generation", "0")
    ledger.redis.zadd("atelier:inflight:gpu", {"film/3": 1_000_000})
    assert "film chunk 3" in run("health.py", "reconciler")


@pytest.mark.parametrize(("name", "healthy"), [(f"{host_name()}:1:a", True), ("elsewhere:1:a", False), ("", False)])
def test_a_scheduler_is_healthy_while_the_ledger_hears_of_it(
    ledger: Ledger, run: Run, name: str, healthy: bool
) -> None:
    if name:
        ledger.report_scheduler(name, ttl_s=15)
    problem = run("health.py", "scheduler")
    assert problem == "" if healthy else "no scheduler of" in problem


@contextmanager
def answering(status: int) -> Iterator[str]:
    """The port of a dashboard that says this when asked whether it is ready."""

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/readyz"
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"Redis does not answer")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield str(server.server_port)
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "said"), [(200, ""), (503, "is not ready: 503 Redis does not answer")])
def test_a_dashboard_is_healthy_while_it_is_ready(
    run: Run, monkeypatch: pytest.MonkeyPatch, status: int, said: str
) -> None:
    with answering(status) as port:
        monkeypatch.setenv("ATELIER_WEB_PORT", port)
        problem = run("health.py", "web")
        assert problem == "" if not said else problem.endswith(said)
    assert "does not answer" in run("health.py", "web")


def test_without_redis_nothing_is_healthy(ledger: Ledger, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_REDIS_URL", "unix:///nowhere/redis.sock")
    assert "Redis does not answer" in run("health.py", "worker", "gpu")
    assert "Redis does not answer" in run("health.py", "reconciler")
    assert "Redis does not answer" in run("health.py", "scheduler")


def test_docker_sees_the_health_in_the_exit_code(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    command = [sys.executable, str(SCRIPTS / "health.py")]
    assert subprocess.run([*command, "reconciler"], check=False).returncode == 0
    sick = subprocess.run([*command, "worker", "cpu"], capture_output=True, text=True, check=False)
    assert sick.returncode == 1
    assert sick.stderr.startswith("no worker of")


def test_a_missing_bucket_is_created_once(
    moto_s3: S3Server, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = f"atelier-{uuid.uuid4().hex}"
    moto_s3.use(monkeypatch)
    monkeypatch.setenv("ATELIER_STORE", f"s3://{bucket}/store")
    monkeypatch.setenv("ATELIER_S3_ENDPOINT", moto_s3.endpoint)
    assert run("bucket.py") == run("bucket.py") == ""
    assert capsys.readouterr().out == f"s3://{bucket}/store: bucket created\ns3://{bucket}/store: bucket is there\n"
    client = boto3.client("s3", endpoint_url=moto_s3.endpoint, region_name="us-east-1")
    assert bucket in [row["Name"] for row in client.list_buckets()["Buckets"]]
    client.close()


def test_a_bucket_that_cannot_be_created_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_STORE", "s3://atelier/store")
    monkeypatch.setenv("ATELIER_S3_ENDPOINT", "no address")
    assert "write http://host:port" in run("bucket.py")


def test_every_script_that_a_container_runs_is_in_the_image(compose: Compose) -> None:
    for service in compose.ours.values():
        for word in [*service.get("entrypoint", []), *service.get("healthcheck", {}).get("test", [])]:
            if word.startswith("/opt/atelier/container/"):
                assert (SCRIPTS / Path(word).name).is_file()


def test_a_health_check_asks_for_a_queue_that_its_worker_serves(compose: Compose) -> None:
    for service in compose.started.values():
        check = service.get("healthcheck", {}).get("test", [])
        if "worker" in check:
            command = service["command"]
            assert check[-1] in command[command.index("--queues") + 1].split(",")
