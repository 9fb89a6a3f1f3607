"""What a process has counted and not told yet. Adding to it costs a microsecond or two and waits for nobody.

`flush` (flush.py) carries it to Redis with the process' heartbeat.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Mapping

from jobs.metrics.table import METRICS, Metric

MOST_SERIES = 2_000
"""Different counts that wait at a time, should Redis stay away; a worker has about a hundred."""

Field = tuple[str, ...]
"""A metric's name and its labels' values in the table's order; of a histogram then a bucket's bound, or `sum`."""

SUM = "sum"
INFINITE = "+Inf"


class Tally:
    """Counts, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Field, float] = {}
        self._here: dict[Field, float] = {}

    def count(self, name: str, amount: float = 1.0, **labels: object) -> None:
        """Add to a counter."""
        self._add({_field(_metric(name, "counter"), labels): amount})

    def observe(self, name: str, value: float, **labels: object) -> None:
        """Add a value to a histogram."""
        row = _metric(name, "histogram")
        at = bisect_left(row.buckets, value)
        field = _field(row, labels)
        bound = f"{row.buckets[at]}" if at < len(row.buckets) else INFINITE
        self._add({(*field, bound): 1.0, (*field, SUM): value})

    def show(self, name: str, value: float, **labels: object) -> None:
        """Set a gauge of this process, which only this process tells."""
        field = _field(_metric(name, "gauge"), labels)
        with self._lock:
            self._here[field] = value

    def here(self) -> dict[Field, float]:
        """This process' own gauges."""
        with self._lock:
            return dict(self._here)

    def drain(self) -> dict[Field, float]:
        """What was counted since the last time; the tally is empty afterwards."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts

    def restore(self, counts: Mapping[Field, float]) -> None:
        """Take back what could not be told."""
        self._add(counts)

    def clear(self) -> None:
        """Forget everything: a forked process begins with nothing, for its parent tells what it had counted."""
        self.__init__()  # type: ignore[misc]

    def _add(self, counts: Mapping[Field, float]) -> None:
        with self._lock:
            for field, amount in counts.items():
                if field not in self._counts and len(self._counts) >= MOST_SERIES:
                    field = (_DROPPED,)
                    amount = 1.0
                self._counts[field] = self._counts.get(field, 0.0) + amount


_DROPPED = "atelier_metrics_dropped_total"

TALLY = Tally()
"""This process'."""

os.register_at_fork(after_in_child=TALLY.clear)

count, observe, show = TALLY.count, TALLY.observe, TALLY.show


def _metric(name: str, kind: str) -> Metric:
    row = METRICS[name]
    if row.type != kind:
        raise TypeError(f"{name} is a {row.type}, not a {kind}")
    return row


def _field(row: Metric, labels: Mapping[str, object]) -> Field:
    if len(labels) != len(row.labels):
        raise TypeError(f"{row.name} has the labels {row.labels}, not {tuple(labels)}")
    return (row.name, *(str(labels[label]) for label in row.labels))
