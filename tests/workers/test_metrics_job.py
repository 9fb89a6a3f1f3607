"""What a real worker counts and logs while it makes a film; and that every count in the code is one of the table."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.ledger import Ledger
from jobs.metrics import exposition
from jobs.metrics.scrape import families
from jobs.metrics.table import METRICS
from jobs.records import Plan
from jobs.snapshot import STITCH
from tests.jobs.hook_server import receiving
from tests.workers.farm import TIMEOUT_S, Farm
from tests.workers.test_film_job import job

ROOT = Path(__file__).parents[2]

OF_TROUBLE = {
    *("atelier_chunks", "atelier_jobs"),
    *("atelier_frames_recalled_total", "atelier_frames_bad_total"),
    *("atelier_retries_total", "atelier_leases_refused_total", "atelier_worker_deaths_total"),
    *("atelier_log_messages_total", "atelier_storage_errors_total", "atelier_reconciler_repairs_total"),
    *("atelier_campaign_runs_total", "atelier_http_requests_total", "atelier_http_request_seconds"),
    "atelier_web_streams",
}
"""What a job that goes well, on a farm without campaigns and web process, need not show."""

COUNTING = {"count": "counter", "counted": "counter", "observe": "histogram", "show": "gauge"}


def until_told(ledger: Ledger) -> str:
    """What Prometheus gets, once a stitch and a notice are counted: counts travel with heartbeats."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        told = exposition(ledger).decode()
        notices = re.search(r'^atelier_notices_total\{event="done",outcome="told"\} ([0-9.]+)$', told, re.MULTILINE)
        if notices and float(notices[1]) and "atelier_stitch_seconds_sum{" in told:
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)


@pytest.fixture(scope="module")
def observed(shared_farm: Farm, media: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, str]:
    """A film of three chunks that somebody is told of, and what Prometheus then gets."""
    with receiving(204) as receiver:
        plan = shared_farm.submit(
            job(media, tmp_path_factory.mktemp("observed"), frames="1-30", chunk=10, notify=receiver.url)
        )
        shared_farm.finish(plan)
        told = until_told(shared_farm.ledger)
    deadline = time.monotonic() + TIMEOUT_S
    while not shared_farm.ledger.log_lines(plan.job, chunk=STITCH)[1:]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return plan, told


def test_every_metric_is_emitted_by_a_job_that_goes_well(observed: tuple[Plan, str]) -> None:
    emitted = {line.split("{")[0].split(" ")[0] for line in observed[1].splitlines() if not line.startswith("#")}
    assert emitted >= families(METRICS.keys() - OF_TROUBLE)
    assert emitted <= families(METRICS)


def test_people_find_a_line_for_each_beginning_and_end(shared_farm: Farm, observed: tuple[Plan, str]) -> None:
    plan, _ = observed
    for chunk in range(3):
        first, *_, last = shared_farm.ledger.log_lines(plan.job, chunk=chunk)
        assert first.text == f"begins: 10 frames, frames {10 * chunk + 1}-{10 * chunk + 10}"
        assert re.fullmatch(r"done: 10 frames in [0-9.]+ s( \(\w+ [0-9.]+(, \w+ [0-9.]+)*\))?", last.text)
        assert first.attempt == last.attempt
        assert first.worker.startswith("cpu-0@")
    first, *_, last = shared_farm.ledger.log_lines(plan.job, chunk=STITCH)
    assert first.text == "begins: making the deliverables"
    assert last.text.startswith("done: 2 deliverables in ")


def test_a_worker_says_what_is_in_its_memory(shared_farm: Farm, observed: tuple[Plan, str]) -> None:
    [worker] = shared_farm.ledger.workers()
    assert "fast" in worker.model
    assert worker.memory > 100e6
    assert (worker.job == "") == (worker.doing == "waiting")


# In the code


def calls() -> Iterator[tuple[str, str, str, set[str]]]:
    """Where something is counted: file, metric, function, labels."""
    for room in ("pipeline", "jobs", "workers"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(text)) if '"atelier_' in text else ():
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in COUNTING:
                    name = node.args[0] if node.args else None
                    if isinstance(name, ast.Constant) and str(name.value).startswith("atelier_"):
                        yield f"{path}", f"{name.value}", node.func.id, {f"{word.arg}" for word in node.keywords}


def test_every_count_in_the_code_is_one_of_the_table() -> None:
    for path, name, function, labels in calls():
        assert name in METRICS, path
        assert (METRICS[name].type, set(METRICS[name].labels)) == (COUNTING[function], labels), f"{path}: {name}"


def test_every_metric_of_the_table_is_counted_or_read_somewhere() -> None:
    scripts = "".join(path.read_text() for path in (ROOT / "jobs/lua").glob("*.lua"))
    known = {name for _, name, _, _ in calls()} | set(re.findall(r"count\('(atelier_\w+)'", scripts))
    known |= set(re.findall(r'yield "(atelier_\w+)"', (ROOT / "jobs/metrics/scrape.py").read_text()))
    # Counted by the tally itself.
    assert METRICS.keys() - known == {"atelier_metrics_dropped_total"}
