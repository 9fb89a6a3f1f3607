"""What Prometheus and an autoscaler are told over HTTP."""

from __future__ import annotations

import os
import signal
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.ledger import Ledger, WorkerInfo
from jobs.metrics import kept
from jobs.metrics.flush import flush
from jobs.metrics.reading import read
from jobs.metrics.tally import TALLY
from jobs.web.api import metrics
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan
from tests.jobs.web.conftest import Site


def test_metrics_need_a_token(site: Site) -> None:
    assert httpx.get(f"{site.url}/metrics").status_code == 401


def test_prometheus_reads_what_a_viewer_may(viewer: httpx.Client, farm: Deployment) -> None:
    farm.accept(make_plan())
    answer = viewer.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert [sample.value for sample in found["atelier_redis_up"].samples] == [1]
    assert found["atelier_jobs"].samples[0].labels == {"kind": "film", "state": "running"}
    assert found["atelier_web_streams"].samples[0].value == 0


def test_a_redis_that_hangs_is_told_before_prometheus_gives_up(viewer: httpx.Client, farm: Deployment) -> None:
    redis = farm.ledger.redis.info("server")["process_id"]
    # Before it is noticed, and after.
    assert "atelier_redis_up 1.0" in viewer.get("/metrics").text
    os.kill(redis, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        answers = [viewer.get("/metrics") for _ in range(2)]
        took_s = time.monotonic() - begun
        refused = viewer.get("/api/v1/backlog")
    finally:
        os.kill(redis, signal.SIGCONT)
    assert ["atelier_redis_up 0.0" in answer.text for answer in answers] == [True, True]
    assert took_s < 5
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    deadline = time.monotonic() + 10
    while "atelier_redis_up 1.0" not in viewer.get("/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_an_autoscaler_learns_what_there_is_to_do(viewer: httpx.Client, farm: Deployment) -> None:
    before = viewer.get("/api/v1/backlog").json()["gpu"]["chunks"]
    farm.accept(make_plan("film-2", chunks=7, output="/other"))
    info = WorkerInfo(slot="gpu-0@a", host="a", pid=1, device="cuda", queues=("gpu",), doing="waiting")
    farm.ledger.report_worker(info)
    expected = {"gpu": {"chunks": before + 7, "workers": 1}, "cpu": {"chunks": 0, "workers": 0}}
    assert viewer.get("/api/v1/backlog").json() == expected


def test_a_bug_is_counted_and_answered_as_everything_is(viewer: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(ledger: Ledger) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(metrics, "read", raises)
    TALLY.clear()
    answer = viewer.get("/api/v1/backlog")
    assert (answer.status_code, answer.json()["detail"]) == (500, "a bug in Atelier; the dashboard's log has it")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    counted = {field[1:]: number for field, number in TALLY.drain().items() if "requests_total" in field[0]}
    assert counted == {("/api/v1/backlog", "GET", "500"): 1}


def test_requests_are_counted_by_route_and_never_by_address(viewer: httpx.Client, farm: Deployment) -> None:
    TALLY.clear()
    for job in ("film-8", "film-9"):
        viewer.get(f"/api/v1/jobs/{job}")
    viewer.get("/no/such/page")
    viewer.get("/static/login.js")
    flush(farm.ledger)
    counted = {field[1:]: number for field, number in read(farm.ledger).counts.items() if "requests" in field[0]}
    assert counted == {
        ("/api/v1/jobs/{job}", "GET", "404"): 2,
        ("none", "GET", "404"): 1,
        ("/static", "GET", "200"): 1,
    }
    assert farm.ledger.redis.exists(kept.key(farm.ledger))
