"""Every metric there is: its name, what it counts, its labels. docs, dashboards and alerts are checked against this.

Names follow Prometheus: base units, `_total` for what only grows. No label names a job, a chunk, a worker or an
address: there is no end of those. What became of one job is in its status, its log lines and its traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.storage.watch import OPERATIONS

Source = Literal["counted", "read", "here"]
"""Where the numbers come from: `counted` by processes, which add them to Redis with their heartbeats; `read` from the
ledger when somebody asks; `here`, in the process that is asked."""


@dataclass(frozen=True)
class Metric:
    """One metric."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds of a histogram, without the infinite one."""
    source: Source = "counted"
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Label → values that are told as 0 before they first occur, where all labels have some: Prometheus sees an
    increase only from a number. Kinds of jobs are known anyway."""


_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LONG = (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0)

_CAUSES = (
    *("died", "hung", "expired", "message_lost", "lost_by_store", "storage_unavailable", "storage_full"),
    *("out_of_memory", "integrity", "configuration", "bug", "lease_lost", "job_halted", "handed_back"),
)
"""Of retries. The last three are nobody's fault."""

_OF_STORES = ("storage_unavailable", "storage_full", "access_denied")

_ROWS = (
    # The farm as it stands
    Metric("atelier_build_info", "gauge", "1, with the versions that answer.", ("version", "python"), source="read"),
    Metric("atelier_redis_up", "gauge", "Whether Redis answers the process that is asked.", source="read"),
    Metric("atelier_redis_memory_bytes", "gauge", "Memory that Redis uses.", source="read"),
    Metric("atelier_jobs", "gauge", "Unfinished jobs.", ("kind", "state"), source="read"),
    Metric("atelier_jobs_stalled", "gauge", "Jobs that are known to make no progress.", ("queue",), source="read"),
    Metric(
        "atelier_chunks",
        "gauge",
        "Chunks of unfinished jobs: done, leased by a worker, published to a queue, or waiting.",
        ("kind", "queue", "state"),
        source="read",
    ),
    Metric(
        "atelier_backlog_chunks",
        "gauge",
        "Chunks that are not done, of jobs that run, and stitches that are due.",
        ("queue",),
        source="read",
    ),
    Metric("atelier_queue_messages", "gauge", "Messages that no worker has taken.", ("queue",), source="read"),
    Metric(
        "atelier_leases_held", "gauge", "Chunks and stitches in a living worker's hands.", ("queue",), source="read"
    ),
    Metric(
        "atelier_workers",
        "gauge",
        "Workers that are alive. One that serves two queues is in both rows.",
        ("queue", "device", "doing"),
        source="read",
    ),
    Metric("atelier_workers_withdrawn", "gauge", "Workers that took themselves out in the last day.", source="read"),
    Metric("atelier_schedulers", "gauge", "Schedulers of campaigns that are alive.", source="read"),
    # Jobs
    Metric("atelier_jobs_entered_total", "counter", "Jobs that the ledger was given.", ("kind",)),
    Metric(
        "atelier_jobs_ended_total",
        "counter",
        "Jobs that are done, failed or cancelled.",
        ("kind", "state"),
        known={"state": ("done", "failed", "cancelled")},
    ),
    # Work
    Metric("atelier_frames_painted_total", "counter", "Frames that workers painted.", ("kind", "device")),
    Metric("atelier_frames_recalled_total", "counter", "Frames that were found and not painted.", ("kind",)),
    Metric("atelier_frames_bad_total", "counter", "Frames of finished chunks that cannot be painted.", ("kind",)),
    Metric(
        "atelier_worker_seconds_total",
        "counter",
        "Seconds of workers by what they did: render, stitch or wait. GPU-seconds are those of device cuda.",
        ("device", "doing"),
    ),
    Metric(
        "atelier_chunks_ended_total",
        "counter",
        "Attempts at chunks: done, second to another, failed, or interrupted with nothing wrong.",
        ("kind", "outcome"),
        known={"outcome": ("done", "second", "failed", "interrupted")},
    ),
    Metric("atelier_chunk_seconds", "histogram", "Time of a chunk that was done.", ("kind", "device"), _LONG),
    Metric(
        "atelier_stage_seconds_total",
        "counter",
        "Seconds of finished chunks by stage. Stages overlap, so they add up to more than the chunks took.",
        ("stage",),
    ),
    Metric("atelier_stitch_seconds", "histogram", "Time of a stitch that was done.", ("kind",), _LONG),
    # Troubles
    Metric(
        "atelier_retries_total",
        "counter",
        "Chunks and stitches that were given back.",
        ("cause",),
        known={"cause": _CAUSES},
    ),
    Metric("atelier_leases_taken_total", "counter", "Chunks and stitches that workers took."),
    Metric("atelier_leases_refused_total", "counter", "Messages that came for nothing.", ("reason",)),
    Metric("atelier_leases_lost_total", "counter", "Leases that another worker had when their holder looked."),
    Metric("atelier_leases_expired_total", "counter", "Leases that ran out, for their holder was not heard of."),
    Metric("atelier_leases_unrenewed_total", "counter", "Times that a lease was not renewed, for Redis was away."),
    Metric(
        "atelier_worker_deaths_total",
        "counter",
        "Processes that died over a chunk.",
        ("cause",),
        known={"cause": ("sigkill", "sigsegv", "sigabrt", "exit")},
    ),
    Metric("atelier_withdrawals_total", "counter", "Workers that took themselves out."),
    Metric(
        "atelier_log_messages_total",
        "counter",
        "Warnings and errors that processes logged.",
        ("level",),
        known={"level": ("warning", "error", "critical")},
    ),
    Metric("atelier_metrics_dropped_total", "counter", "Counts that were given up, for Redis was away too long."),
    # Storage
    Metric("atelier_storage_seconds", "histogram", "Time of a store's operation.", ("operation",), _QUICK),
    Metric(
        "atelier_storage_errors_total",
        "counter",
        "Operations that failed.",
        ("operation", "cause"),
        known={"operation": OPERATIONS, "cause": _OF_STORES},
    ),
    Metric("atelier_storage_bytes_total", "counter", "Bytes written to stores and read from them.", ("direction",)),
    # Those who look after it
    Metric(
        "atelier_reconciler_looks_total",
        "counter",
        "Looks of reconcilers: done or failed.",
        ("outcome",),
        known={"outcome": ("done", "failed")},
    ),
    Metric("atelier_reconciler_look_seconds", "histogram", "Time of a reconciler's look.", (), _QUICK),
    Metric("atelier_reconciler_repairs_total", "counter", "What reconcilers put right.", ("what",)),
    Metric(
        "atelier_notices_total",
        "counter",
        "Tries to tell webhooks: told, put_off, given_up.",
        ("event", "outcome"),
        known={"event": ("done", "failed", "stalled", "cancelled"), "outcome": ("told", "put_off", "given_up")},
    ),
    Metric(
        "atelier_campaign_runs_total",
        "counter",
        "Runs of campaigns: submitted, failed or put off.",
        ("outcome",),
        known={"outcome": ("submitted", "failed", "put_off")},
    ),
    # The web process
    Metric("atelier_http_requests_total", "counter", "Requests that were answered.", ("route", "method", "status")),
    Metric("atelier_http_request_seconds", "histogram", "Time until a request was answered.", ("route",), _QUICK),
    Metric("atelier_web_streams", "gauge", "Event streams that are open in the process that is asked.", source="here"),
)

METRICS = {row.name: row for row in _ROWS}
