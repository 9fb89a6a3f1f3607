"""Traces: nothing without an endpoint, and one trace a job with one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import tracing
from jobs.control import cancel, fail
from jobs.tracing import trace_id
from pipeline.errors import JobHalted, StorageUnavailable
from tests.collector import Collector, attributes, collecting
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan

ROOT = Path(__file__).parents[2]
ERROR = 2


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that this process sends to."""
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        tracing._provider.cache_clear()
        yield made
        provider = tracing._provider()
        assert provider is not None
        provider.shutdown()
    tracing._provider.cache_clear()


def run(script: str, **environment: str) -> str:
    """What a process of its own says."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def test_without_an_endpoint_nothing_is_imported() -> None:
    script = "import sys\nfrom jobs import tracing\nwith tracing.span('chunk', 'film-1', 1): tracing.annotate(a=1)\n"
    script += "tracing.flush()\nprint(any(name.startswith('opentelemetry') for name in sys.modules))"
    assert run(script) == "False\n"
    assert run(script, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_SDK_DISABLED="true") == "False\n"


def test_a_missing_package_is_said_once_and_stops_nothing() -> None:
    script = "import sys\nsys.modules['opentelemetry.sdk.trace'] = None\nfrom jobs import tracing\n"
    script += "for _ in range(3):\n    with tracing.span('chunk', 'film-1', 1): pass\n"
    said = run(script, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert said.count("install atelier[otel]") == 1


def test_parts_of_a_job_find_their_trace_without_being_told(collector: Collector) -> None:
    begun = time.time() - 5
    tracing.told("submit", "film-1", 1, begun, frames=24)
    with tracing.span("chunk", "film-1", 1, chunk=0, attempt=7):
        tracing.annotate(device="cpu", nothing=None)
    tracing.job_ended("film-1", 1, begun, state="done")
    tracing.flush()
    spans = collector.wait(trace_id("film-1", 1), ["submit", "chunk", "job"])
    chunk, whole, submit = sorted(spans, key=lambda span: span.name)
    assert whole.parent_span_id == b""
    assert chunk.parent_span_id == submit.parent_span_id == whole.span_id
    expected = {"job": "film-1", "generation": 1, "chunk": 0, "attempt": 7, "device": "cpu"}
    assert attributes(chunk) == {f"atelier.{name}": value for name, value in expected.items()}
    assert trace_id("film-1", 1) != trace_id("film-1", 2)


def test_a_failure_is_one_and_an_interruption_is_none(collector: Collector) -> None:
    for error in (StorageUnavailable("it is away"), JobHalted("the job is paused")):
        with pytest.raises(type(error)), tracing.span("chunk", "film-1", 1):
            raise error
    tracing.flush()
    failed, halted = collector.wait(trace_id("film-1", 1), ["chunk", "chunk"])
    assert (failed.status.code, failed.status.message) == (ERROR, "it is away")
    assert attributes(failed)["error.type"] == "storage_unavailable"
    assert halted.status.code != ERROR
    assert [event.name for event in halted.events] == ["interrupted"]


def test_jobs_that_end_badly_are_told_too(collector: Collector, deployment: Deployment) -> None:
    for job in ("film-1", "film-2"):
        deployment.accept(make_plan(job, output=f"/{job}"))
    fail("film-1", 1, "no such film", deployment.truth, deployment.ledger)
    cancel("film-2", deployment.truth, deployment.ledger)
    tracing.flush()
    [failed] = collector.wait(trace_id("film-1", 1), ["job"])
    [cancelled] = collector.wait(trace_id("film-2", 1), ["job"])
    assert (failed.status.code, failed.status.message) == (ERROR, "no such film")
    assert attributes(cancelled)["atelier.state"] == "cancelled"


def test_a_collector_that_is_away_holds_up_nobody() -> None:
    script = "import time\nfrom jobs import tracing\nwith tracing.span('chunk', 'film-1', 1): pass\n"
    script += (
        "begun = time.monotonic()\nwith tracing.span('chunk', 'film-1', 1): pass\nspent = time.monotonic() - begun\n"
    )
    script += "begun = time.monotonic()\ntracing.flush()\nprint(spent < 1, time.monotonic() - begun < 8)\n"
    # The exporter itself would go on trying for ten seconds.
    assert "True True" in run(script, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
