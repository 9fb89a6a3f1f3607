"""What processes count arrives in Redis, and Prometheus can read it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.control import pause
from jobs.ledger import Ledger, WorkerInfo
from jobs.metrics import exposition, kept
from jobs.metrics.causes import cause
from jobs.metrics.flush import Flusher, flush
from jobs.metrics.reading import read
from jobs.metrics.scrape import families
from jobs.metrics.storage import _count, count_storage
from jobs.metrics.table import METRICS
from jobs.metrics.tally import MOST_SERIES, TALLY, Tally, count, observe
from jobs.snapshot import STITCH
from pipeline import errors
from pipeline.errors import AtelierError, QueueUnavailable, StorageUnavailable
from pipeline.storage import open_store
from pipeline.storage.watch import unwatch
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan

Samples = dict[tuple[str, ...], float]


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    TALLY.clear()
    yield
    TALLY.clear()


def samples(ledger: Ledger | None, *, zeros: bool = True) -> dict[str, Samples]:
    """What Prometheus reads: name → labels' values in the order of their names → number."""
    found: dict[str, Samples] = {}
    for family in text_string_to_metric_families(exposition(ledger).decode()):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            if not sample.value and not zeros:
                continue
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def test_the_table_follows_the_conventions_of_prometheus() -> None:
    for name, row in METRICS.items():
        assert name.startswith("atelier_")
        assert name.endswith("_total") == (row.type == "counter")
        assert bool(row.buckets) == (row.type == "histogram")
        assert list(row.buckets) == sorted(row.buckets)
        assert row.help.endswith(".")
        assert not {"job", "chunk", "worker", "slot", "le"} & set(row.labels)


def test_counts_of_several_processes_add_up(ledger: Ledger) -> None:
    for _ in range(2):
        count("atelier_frames_painted_total", 24, kind="film", device="cuda")
        flush(ledger)
    assert samples(ledger, zeros=False)["atelier_frames_painted_total"] == {("cuda", "film"): 48}


def test_histograms_are_cumulative_and_add_up(ledger: Ledger) -> None:
    for seconds in (0.5, 4.0, 1e6):
        observe("atelier_stitch_seconds", seconds, kind="film")
        flush(ledger)
    found = samples(ledger)
    buckets = {le: number for (_, le), number in found["atelier_stitch_seconds_bucket"].items()}
    assert (buckets["0.5"], buckets["2.5"], buckets["5.0"], buckets["14400.0"], buckets["+Inf"]) == (1, 1, 2, 2, 3)
    assert found["atelier_stitch_seconds_count"] == {("film",): 3}
    assert found["atelier_stitch_seconds_sum"] == {("film",): 1_000_004.5}


@pytest.mark.parametrize("labels", [{}, {"kind": "film", "state": "done", "job": "film-1"}, {"kind": "a", "job": "b"}])
def test_labels_are_those_of_the_table(labels: dict[str, str]) -> None:
    with pytest.raises((TypeError, KeyError)):
        count("atelier_jobs_ended_total", **labels)


def test_nothing_is_lost_while_redis_is_away(ledger: Ledger) -> None:
    away = Ledger("redis://127.0.0.1:1", timeout_s=0.2)
    count("atelier_leases_taken_total")
    with pytest.raises(QueueUnavailable):
        flush(away)
    count("atelier_leases_taken_total")
    flush(ledger)
    assert samples(ledger)["atelier_leases_taken_total"] == {(): 2}


def test_what_waits_for_redis_is_bounded() -> None:
    tally = Tally()
    for number in range(MOST_SERIES + 5):
        tally.count("atelier_leases_refused_total", reason=f"{number}")
    waiting = tally.drain()
    assert len(waiting) == MOST_SERIES + 1
    assert waiting[("atelier_metrics_dropped_total",)] == 5


def test_a_forked_process_does_not_tell_what_its_parent_counted() -> None:
    count("atelier_leases_taken_total")
    child = os.fork()
    if child == 0:
        os._exit(len(TALLY.drain()))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(TALLY.drain()) == 1


def test_a_process_that_ends_tells_the_rest(ledger: Ledger) -> None:
    with Flusher(lambda: ledger, every_s=60):
        count("atelier_leases_taken_total")
    assert samples(ledger)["atelier_leases_taken_total"] == {(): 1}


def test_no_redis_is_a_number_and_no_error() -> None:
    for ledger in (None, Ledger("redis://127.0.0.1:1", timeout_s=0.2)):
        found = samples(ledger)
        assert found["atelier_redis_up"] == {(): 0}
        assert set(found) == {"atelier_build_info", "atelier_redis_up"}


def test_what_another_version_counted_differently_is_left_out(ledger: Ledger) -> None:
    kept.add(ledger, {("atelier_no_such_total",): 1, ("atelier_jobs_ended_total", "film"): 1})
    ledger.redis.hset(kept.key(ledger), "nonsense", "x")
    found = samples(ledger, zeros=False)
    assert not {"atelier_no_such_total", "atelier_jobs_ended_total"} & set(found)


def test_what_has_not_happened_yet_is_told_as_nought(ledger: Ledger) -> None:
    found = samples(ledger)
    assert found["atelier_jobs_ended_total"]["film", "failed"] == 0
    assert found["atelier_retries_total"][("died",)] == found["atelier_notices_total"]["done", "given_up"] == 0


# What the ledger says


def test_chunks_are_waiting_published_leased_or_done(deployment: Deployment) -> None:
    deployment.accept(make_plan(chunks=9))
    deployment.finish(make_plan(chunks=9), 0)
    deployment.ledger.acquire("film-1", 1, 1, slot="a", lease_s=60)
    found = samples(deployment.ledger)
    by_state = {state: number for (_, _, state), number in found["atelier_chunks"].items()}
    assert by_state == {"done": 1, "leased": 1, "published": 0, "waiting": 7}
    assert found["atelier_backlog_chunks"] == {("gpu",): 8, ("cpu",): 0}
    assert found["atelier_leases_held"] == {("gpu",): 1, ("cpu",): 0}
    assert found["atelier_jobs"] == {("film", "running"): 1}


def test_a_paused_job_is_no_backlog(deployment: Deployment) -> None:
    deployment.accept(make_plan())
    pause("film-1", deployment.truth, deployment.ledger)
    assert read(deployment.ledger).backlog["gpu"] == 0


def test_a_job_that_awaits_its_stitch_is_backlog_of_the_other_queue(deployment: Deployment) -> None:
    plan = make_plan(chunks=1)
    deployment.accept(plan)
    deployment.finish(plan, 0)
    deployment.ledger.announce_stitch("film-1")
    token, _ = deployment.ledger.acquire("film-1", STITCH, 1, slot="a", lease_s=60)
    reading = read(deployment.ledger)
    assert token is not None
    assert (reading.backlog["gpu"], reading.backlog["cpu"], reading.leases["cpu"]) == (0, 1, 1)


def test_jobs_that_end_are_counted_once(deployment: Deployment) -> None:
    for job in ("film-1", "film-2"):
        deployment.accept(make_plan(job, output=f"/{job}"))
    for _ in range(2):
        deployment.ledger.end("film-1", "failed", generation=1)
    found = samples(deployment.ledger, zeros=False)
    assert found["atelier_jobs_entered_total"] == {("film",): 2}
    assert found["atelier_jobs_ended_total"] == {("film", "failed"): 1}


def test_workers_are_counted_by_queue_device_and_what_they_do(ledger: Ledger) -> None:
    nobody = {("unknown", "waiting", "gpu"): 0, ("unknown", "waiting", "cpu"): 0}
    assert samples(ledger)["atelier_workers"] == nobody
    for slot, device, doing in (("gpu-0@a", "cuda:1", "film-1 chunk 0"), ("gpu-1@a", "", "waiting")):
        ledger.report_worker(WorkerInfo(slot=slot, host="a", pid=1, device=device, queues=("gpu",), doing=doing))
    found = samples(ledger)["atelier_workers"]
    assert found[("cuda", "working", "gpu")] == found[("cuda", "waiting", "gpu")] == 1
    assert found[("unknown", "waiting", "cpu")] == 0


def test_what_a_dead_worker_held_is_counted_when_it_is_given_out_again(deployment: Deployment) -> None:
    deployment.accept(make_plan())
    deployment.kill_worker("film-1", 0)
    deployment.look()
    counted = TALLY.drain()
    assert counted["atelier_leases_expired_total",] == counted["atelier_retries_total", "expired"] == 1


def test_what_the_ledgers_scripts_count_is_in_the_table(deployment: Deployment) -> None:
    deployment.accept(make_plan())
    deployment.ledger.end("film-1", "cancelled", generation=1)
    counted = read(deployment.ledger).counts
    assert counted
    assert {field[0] for field in counted} <= set(METRICS)


# Stores


def test_stores_are_timed_and_their_errors_counted(ledger: Ledger, tmp_path: object) -> None:
    count_storage()
    try:
        store = open_store(f"{tmp_path}/store")
        store.put("a", b"12345")
        store.put_if_absent("a", b"1234567")
        assert store.get("a") == b"12345"
        assert [entry.key for entry in store.list()] == ["a"]
        with pytest.raises(AtelierError):
            store.get("b")
        with pytest.raises(AtelierError):
            store.get("../b")
    finally:
        unwatch(_count)
    flush(ledger)
    found = samples(ledger, zeros=False)
    assert found["atelier_storage_seconds_count"] == {("get",): 3, ("list",): 1, ("put",): 1, ("put_if_absent",): 1}
    assert found["atelier_storage_bytes_total"] == {("written",): 5, ("read",): 5}
    assert found["atelier_storage_errors_total"] == {("input", "get"): 1}


def test_every_error_of_ours_has_a_word() -> None:
    ours = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AtelierError)]
    words = {kind: cause(kind()) for kind in ours}
    assert set(words.values()) & {"bug"} == set()
    assert words[StorageUnavailable] == "storage_unavailable"
    assert (cause(RuntimeError()), cause(MemoryError())) == ("bug", "out_of_memory")


def test_prometheus_knows_a_histogram_by_three_names() -> None:
    assert families(["atelier_stitch_seconds", "atelier_jobs"]) == {
        *("atelier_stitch_seconds_bucket", "atelier_stitch_seconds_sum", "atelier_stitch_seconds_count"),
        "atelier_jobs",
    }
