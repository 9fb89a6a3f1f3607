"""What Prometheus gets: the ledger's numbers, and what processes have counted, in its text format."""

from __future__ import annotations

import platform
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from itertools import product

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from jobs.kinds import KINDS
from jobs.ledger import QUEUES, Ledger
from jobs.metrics.reading import Reading, read
from jobs.metrics.table import METRICS
from jobs.metrics.table import Metric as Row
from jobs.metrics.tally import INFINITE, SUM, TALLY, Field
from pipeline.errors import AtelierError

Series = Mapping[tuple[str, ...], float]
"""Labels' values → number."""


def expose(ledger: Ledger | None) -> bytes:
    """All metrics in Prometheus' text format. That Redis is away is one of them, and no error."""
    reading = None
    with suppress(AtelierError):
        reading = read(ledger) if ledger is not None else None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(reading))
    return generate_latest(registry)


class _Collector:
    """One scrape's metrics."""

    def __init__(self, reading: Reading | None) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        """In the table's order. Those of which nothing is known are left out."""
        told = dict(_told(self._reading))
        counted = _by_metric((self._reading.counts if self._reading else {}) | TALLY.here())
        for row in METRICS.values():
            series = told.get(row.name) if row.source == "read" else counted.get(row.name)
            if self._reading is not None and row.type == "counter":
                series = {**dict.fromkeys(_known(row), 0.0), **(series or {})}
            if series:
                yield _family(row, series)


def _told(reading: Reading | None) -> Iterator[tuple[str, Series]]:
    """What was read, by metric."""
    yield "atelier_build_info", {(_version(), platform.python_version()): 1}
    yield "atelier_redis_up", {(): float(reading is not None)}
    if reading is None:
        return
    if reading.redis_memory is not None:
        yield "atelier_redis_memory_bytes", {(): reading.redis_memory}
    yield "atelier_jobs", reading.jobs
    yield "atelier_jobs_stalled", _by_queue(reading.stalled)
    yield "atelier_chunks", reading.chunks
    yield "atelier_backlog_chunks", _by_queue(reading.backlog)
    yield "atelier_queue_messages", _by_queue(reading.messages)
    yield "atelier_leases_held", _by_queue(reading.leases)
    # That there is none must be a number, too: an alert waits for it.
    nobody: Series = {(queue, "unknown", "waiting"): 0 for queue in QUEUES if not reading.serving[queue]}
    yield "atelier_workers", {**nobody, **reading.workers}
    yield "atelier_workers_withdrawn", {(): reading.withdrawn}
    yield "atelier_schedulers", {(): reading.schedulers}


def _known(row: Row) -> Iterator[tuple[str, ...]]:
    """The series of which it is known that there may be such."""
    known = {"kind": tuple(KINDS), **row.known}
    return product(*(known.get(label, ()) for label in row.labels))


def _by_queue(numbers: Mapping[str, int]) -> Series:
    return {(queue,): numbers.get(queue, 0) for queue in QUEUES}


def _by_metric(counts: Mapping[Field, float]) -> dict[str, dict[tuple[str, ...], float]]:
    """Metric → series. What another version of Atelier counted differently is left out."""
    found: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for (name, *labels), number in counts.items():
        row = METRICS.get(name)
        if row is not None and len(labels) == len(row.labels) + (row.type == "histogram"):
            found[name][tuple(labels)] = number
    return found


def _family(row: Row, series: Series) -> Metric:
    if row.type == "histogram":
        return _histogram(row, series)
    family: Metric
    if row.type == "counter":
        family = counter = CounterMetricFamily(row.name, row.help, labels=row.labels)
        for labels, number in sorted(series.items()):
            counter.add_metric(labels, number)
        return family
    family = gauge = GaugeMetricFamily(row.name, row.help, labels=row.labels)
    for labels, number in sorted(series.items()):
        gauge.add_metric(labels, number)
    return family


def _histogram(row: Row, series: Series) -> HistogramMetricFamily:
    family = HistogramMetricFamily(row.name, row.help, labels=row.labels)
    bounds = [*(f"{bound}" for bound in row.buckets), INFINITE]
    for labels in sorted({key[:-1] for key in series}):
        below, buckets = 0.0, []
        for bound in bounds:
            below += series.get((*labels, bound), 0.0)
            buckets.append((bound, below))
        family.add_metric(labels, buckets, series.get((*labels, SUM), 0.0))
    return family


def families(names: Iterable[str]) -> set[str]:
    """The names under which Prometheus knows these metrics' series: a histogram has three."""
    endings = {"histogram": ("_bucket", "_sum", "_count")}
    return {f"{name}{ending}" for name in names for ending in endings.get(METRICS[name].type, ("",))}


def _version() -> str:
    try:
        return version("atelier")
    except PackageNotFoundError:
        return "unknown"
