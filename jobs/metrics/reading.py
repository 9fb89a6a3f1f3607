"""What the ledger says of the farm as a whole, in two questions to Redis however many jobs there are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import redis

from jobs.ledger import QUEUES, Ledger, reachable
from jobs.metrics import kept
from jobs.metrics.devices import device_kind
from jobs.metrics.tally import Field
from jobs.snapshot import STITCH

_AT_ONCE = 500
"""Jobs that one pipeline asks for: Redis serves nobody else meanwhile."""


@dataclass
class Reading:
    """The farm at one moment."""

    jobs: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """(kind, state) → unfinished jobs."""
    stalled: Counter[str] = field(default_factory=Counter)
    """Queue → running jobs that were found to make no progress."""
    chunks: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """(kind, queue, state) → chunks of unfinished jobs."""
    backlog: Counter[str] = field(default_factory=Counter)
    """Queue → chunks and stitches that are to be done, of jobs that run."""
    messages: dict[str, int] = field(default_factory=dict)
    """Queue → messages that no worker has taken."""
    leases: Counter[str] = field(default_factory=Counter)
    """Queue → chunks and stitches in a living worker's hands."""
    workers: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """(queue, device, doing) → workers that are alive."""
    serving: Counter[str] = field(default_factory=Counter)
    """Queue → workers that are alive."""
    withdrawn: int = 0
    schedulers: int = 0
    counts: dict[Field, float] = field(default_factory=dict)
    """What processes have counted."""
    redis_memory: int | None = None
    """Bytes; None if Redis' user may not ask."""


def read(ledger: Ledger) -> Reading:
    """The farm now. Raises: QueueUnavailable, ConfigError."""
    key = ledger.prefix.__add__
    with reachable():
        pipe = ledger.redis.pipeline(transaction=False)
        pipe.smembers(key("jobs"))
        for queue in QUEUES:
            pipe.zrange(key(f"inflight:{queue}"), 0, -1)
            pipe.llen(key(queue))
        for row in ("workers", "schedulers"):
            pipe.smembers(key(row))
        pipe.hgetall(kept.key(ledger))
        jobs, gpu, gpu_messages, cpu, cpu_messages, workers, schedulers, counts = pipe.execute()
        inflight = dict(zip(QUEUES, (gpu, cpu), strict=True))
        members = [member for queue in QUEUES for member in inflight[queue]]
        pipe = ledger.redis.pipeline(transaction=False)
        for member in members:
            job, chunk = _parted(member)
            pipe.exists(key(f"lease:{job}:{chunk}"))
        for slot in sorted(workers):
            pipe.get(key(f"worker:{slot}"))
        for name in sorted(schedulers):
            pipe.exists(key(f"scheduler:{name}"))
        answers = iter(pipe.execute())
        leased = {member for member in members if next(answers)}
        bodies = [body for _ in workers if (body := next(answers))]
        made = Reading(
            messages=dict(zip(QUEUES, (gpu_messages, cpu_messages), strict=True)),
            withdrawn=len(ledger.withdrawn()),
            schedulers=sum(next(answers) for _ in schedulers),
            counts=kept.parsed(counts),
            redis_memory=_memory(ledger),
        )
        published = Counter(job for job, chunk in map(_parted, members) if chunk != STITCH)
        held = Counter(job for job, chunk in map(_parted, leased) if chunk != STITCH)
        for job, fields in _jobs(ledger, sorted(jobs)):
            _count_job(made, fields, published[job], held[job])
    for queue in QUEUES:
        made.leases[queue] = sum(member in leased for member in inflight[queue])
    for body in bodies:
        _count_worker(made, json.loads(body))
    return made


def _jobs(ledger: Ledger, jobs: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each unfinished job with its kind, queue, state, chunks, done chunks, and whether it is stalled."""
    for begin in range(0, len(jobs), _AT_ONCE):
        some = jobs[begin : begin + _AT_ONCE]
        pipe = ledger.redis.pipeline(transaction=False)
        for job in some:
            pipe.hmget(f"{ledger.prefix}job:{job}", "kind", "queue", "state", "chunks", "done", "moved", "stalled")
        for job, fields in zip(some, pipe.execute(), strict=True):
            if fields[2] is not None:
                yield job, fields


def _parted(member: str) -> tuple[str, str]:
    """Job and chunk of what is in flight."""
    job, _, chunk = member.rpartition("/")
    return job, chunk


def _count_job(made: Reading, fields: tuple[str, ...], published: int, leased: int) -> None:
    """`published`: the job's chunks in flight, those of workers included."""
    kind, queue, state, chunks, done, moved, stalled = fields
    missing = int(chunks) - int(done)
    made.jobs[kind, state] += 1
    made.chunks[kind, queue, "done"] += int(done)
    made.chunks[kind, queue, "leased"] += leased
    made.chunks[kind, queue, "published"] += published - leased
    made.chunks[kind, queue, "waiting"] += max(0, missing - published)
    if state == "running":
        made.backlog[queue] += missing
    if state == "stitching":
        made.backlog["cpu"] += 1
    if state in ("running", "stitching") and stalled is not None and stalled == moved:
        made.stalled["cpu" if state == "stitching" else queue] += 1


def _count_worker(made: Reading, body: Mapping[str, Any]) -> None:
    device = device_kind(str(body.get("device", "")), str(body.get("slot", "")))
    doing = "waiting" if body.get("doing", "waiting") == "waiting" else "working"
    for queue in body.get("queues", ()):
        if queue in QUEUES:
            made.workers[queue, device, doing] += 1
            made.serving[queue] += 1


def _memory(ledger: Ledger) -> int | None:
    try:
        said: Any = ledger.redis.info("memory")
    except redis.ResponseError:
        return None
    return int(said["used_memory"])
