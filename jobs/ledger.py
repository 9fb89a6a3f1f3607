"""The ledger: who does what right now, in Redis. Fast, atomic, and disposable.

Everything here can be rebuilt from storage (truth.py); nothing here is the only record of anything. Every transition
is one Lua script (lua/), so no reader ever sees half of one. A job costs a hash, a bitmap of one bit a chunk, and
what is in flight: kilobytes for 100,000 frames.

States of a job:

    running    chunks are published and rendered
    paused     nothing is published; workers give their chunks back at the next batch
    stitching  every receipt is there; the deliverables are being made
    done       result.json is published
    failed     it stopped; `error` says why
    cancelled  somebody stopped it
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.logs.line import LogLine, parsed
from jobs.records import Plan
from jobs.refusals import distrusted, is_refusal, refused
from jobs.snapshot import STITCH, Snapshot, compose
from pipeline.errors import ConfigError, QueueUnavailable

QUEUES = ("gpu", "cpu")
"""Painting goes to `gpu`, stitching to `cpu`. A machine without a GPU serves both."""

_EVENTS_KEPT = 500
_LINES_KEPT = 2_000
"""Of a job, with its chunks: about 400 kB."""
_LINES_KEPT_S = 86_400
_WORKER_TTL_S = 15
_GLANCED_AT = 500
"""Jobs that one pipeline asks for: Redis serves nobody else meanwhile."""
_WITHDRAWN_S = 86_400
_AVOID_MS = 10_000
"""For how long another worker is preferred to the one in whose hands a chunk failed."""


@dataclass(frozen=True)
class Reservation:
    """A chunk to be published."""

    job: str
    chunk: int
    generation: int


@dataclass(frozen=True)
class Overdue:
    """A published chunk (or stitch) that nobody works on."""

    job: str
    chunk: int | str
    generation: int
    cause: str
    """`died`: its worker's lease ran out. `lost`: no worker ever took it."""


@dataclass(frozen=True)
class WorkerInfo:
    """A worker as it last reported itself."""

    slot: str
    host: str
    pid: int
    device: str
    queues: tuple[str, ...]
    doing: str
    """For people; `waiting` if it does nothing."""
    job: str = ""
    """What it works at; empty if it waits."""
    chunk: int | str | None = None
    """… and which of the job's chunks, `stitch` if it makes the deliverables."""
    model: str = ""
    """Names of the models that are in its memory, the one used last first."""
    memory: int = 0
    """Bytes that its process takes; 0 if it has not said."""
    device_memory: int = 0
    """Bytes of its GPU's memory that are taken, by whomever; 0 without a GPU."""
    device_memory_total: int = 0


@dataclass(frozen=True)
class Glance:
    """The little of a job that tells whether it deserves a closer look."""

    state: str
    chunks_done: int
    has_failures: bool
    stitch_is_published: bool
    queue: str = "gpu"
    """The one that its chunks go to."""
    idle_s: float = 0.0
    """Seconds since something of it was done for the first time, or it was entered or resumed."""
    moved: float = 0.0
    """When that was, in seconds since the epoch by Redis' clock."""
    stall_is_told: bool = False
    """Whether it was said already that it has stood still since then."""


@dataclass(frozen=True)
class ChunksNow:
    """A job's chunks at one moment, for who looks at thousands of them once a second."""

    at: float
    """Seconds since the epoch by Redis' clock: whatever had happened by then is told."""
    state: str
    generation: int
    done: bytes
    """A bit a chunk, the first one the highest of its byte."""
    running: dict[int, int]
    """Chunks in workers' hands, and how many of their frames are painted."""
    failures: dict[int, int]
    """Chunks that have failed and how often."""
    published: frozenset[int]
    """Chunks in the queue, and those in workers' hands."""


class Ledger:
    """The jobs in one Redis. Raises QueueUnavailable from every method if Redis does not answer."""

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "atelier:",
        timeout_s: float = 5.0,
        patient: bool = True,
        tls: dict[str, Any] | None = None,
    ) -> None:
        """`patient`: whether a Redis that does not answer is asked again. `tls`: as `jobs.tls.tls_options` gives it."""
        self.prefix = prefix
        options = (tls or {}) if patient else {**(tls or {}), "retry": Retry(NoBackoff(), 0)}
        self.redis = redis.Redis.from_url(
            url, decode_responses=True, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, **options
        )

    def _key(self, *parts: str | int) -> str:
        return self.prefix + ":".join(str(part) for part in parts)

    def _call(self, script: str, *args: Any) -> Any:
        with reachable(_source(script)):
            return self.redis.register_script(_source(script))(args=[self.prefix, *args])

    def ping(self) -> None:
        """Check that Redis answers."""
        with reachable():
            self.redis.ping()

    def close(self) -> None:
        """Give the connections back."""
        self.redis.close()

    # Jobs come and go

    def create(
        self,
        plan: Plan,
        *,
        generation: int,
        done: Iterable[bool],
        submitted: float,
        paused: bool = False,
        priority: int | None = None,
        force: bool = False,
    ) -> bool:
        """Enter a job with what is done already. False if that generation is there (unless `force`).

        `priority`: in the place of the plan's.
        """
        flags = list(done)
        bitmap = bytearray((len(flags) + 7) // 8)
        for chunk, is_done in enumerate(flags):
            if is_done:
                bitmap[chunk // 8] |= 0x80 >> (chunk % 8)
        finished = sum(flags)
        frames_done = sum(stop - start for (start, stop), is_done in zip(plan.chunks, flags, strict=True) if is_done)
        active = "stitching" if finished == len(flags) else "running"
        priority = plan.priority if priority is None else priority
        fields: dict[str, Any] = {
            "kind": plan.kind,
            "state": "paused" if paused else active,
            "resumes_as": active,
            "queue": plan.queue,
            "generation": generation,
            "priority": priority,
            "weight": _weight(priority),
            "chunks": len(flags),
            "done": finished,
            "frames": plan.frames,
            "frames_done": frames_done,
            "compute_s": 0,
            "measured": 0,
            "submitted": submitted,
            "output": plan.output,
            "force": int(force),
        }
        pairs = [item for pair in fields.items() for item in pair]
        return bool(self._call("create", plan.job, bytes(bitmap), *pairs))

    def jobs(self) -> list[str]:
        """Every unfinished job."""
        with reachable():
            return sorted(self.redis.smembers(self._key("jobs")))  # type: ignore[arg-type]

    def knows(self, job: str, generation: int) -> bool:
        """Whether the ledger has this generation of the job, or a later one."""
        with reachable():
            there = self.redis.hget(self._key("job", job), "generation")
        return there is not None and int(there) >= generation

    def glance(self, jobs: Sequence[str]) -> dict[str, Glance]:
        """Those of the jobs that are known here, in one question to Redis for every few hundred."""
        found = {}
        for begin in range(0, len(jobs), _GLANCED_AT):
            some = jobs[begin : begin + _GLANCED_AT]
            with reachable():
                pipe = self.redis.pipeline(transaction=False)
                pipe.time()
                for job in some:
                    pipe.hmget(self._key("job", job), "state", "done", "queue", "moved", "stalled")
                    pipe.hlen(self._key("job", job, "attempts"))
                    pipe.zscore(self._key("inflight", "cpu"), f"{job}/{STITCH}")
                answers = iter(pipe.execute())
            seconds, micros = next(answers)
            now = int(seconds) + int(micros) / 1e6
            for job, (state, done, queue, moved, stalled), failures, published in zip(
                some, answers, answers, answers, strict=True
            ):
                if state is not None:
                    # What an earlier version of Atelier entered has no such time yet.
                    since = float(moved or now)
                    found[job] = Glance(
                        state,
                        int(done or 0),
                        failures > 0,
                        published is not None,
                        queue=queue,
                        idle_s=max(0.0, now - since),
                        moved=since,
                        stall_is_told=moved is not None and stalled == moved,
                    )
        return found

    def note_stall(self, job: str) -> None:
        """It was said that this job makes no progress; it is not said again until it has made some."""
        with reachable():
            moved = self.redis.hget(self._key("job", job), "moved")
            if moved is not None:
                self.redis.hset(self._key("job", job), "stalled", str(moved))

    def steer(self, job: str, state: str) -> str:
        """Pause, resume (`running`) or end a job. The state it has now; empty if it is unknown here."""
        return str(self._call("steer", job, state, time.time(), "", ""))

    def end(self, job: str, state: str, *, generation: int, error: str = "") -> None:
        """This generation of the job is done, failed or cancelled. A newer one, ordered meanwhile, goes on."""
        self._call("steer", job, state, time.time(), error, generation)

    def prioritise(self, job: str, priority: int) -> None:
        """Give an unfinished job another share of the workers, from its next chunk on."""
        self._call("prioritise", job, priority, _weight(priority))

    def state(self, job: str) -> str:
        """The job's state; empty if it is unknown here."""
        with reachable():
            return str(self.redis.hget(self._key("job", job), "state") or "")

    # Chunks are given out, worked on, and come back

    def reserve(self, queue: str, *, window: int, limit: int) -> list[Reservation]:
        """Choose the chunks to publish now. They count as in flight from here on."""
        flat = self._call("reserve", queue, window, limit)
        return [Reservation(flat[i], int(flat[i + 1]), int(flat[i + 2])) for i in range(0, len(flat), 3)]

    def acquire(
        self, job: str, chunk: int | str, generation: int, *, slot: str, lease_s: float, hopeless: int = 3
    ) -> tuple[int | None, str]:
        """Lease a chunk: (fencing token, 'ok'), or (None, why not).

        'elsewhere' is answered once, within some seconds, to the worker in whose hands the chunk failed last, if there
        are others; not from `hopeless` failures on.
        """
        lease_ms = int(lease_s * 1000)
        answer = self._call("acquire", job, chunk, generation, slot, lease_ms, _AVOID_MS, hopeless)
        return (int(answer[1]), "ok") if answer[0] == "ok" else (None, answer[0])

    def tick(
        self,
        job: str,
        chunk: int | str,
        generation: int,
        *,
        token: int,
        slot: str,
        lease_s: float,
        frames: int,
        note: str = "",
        moved: bool = False,
    ) -> str:
        """Renew a lease and report progress: 'ok', 'lost', 'stale', 'gone' or the job's state.

        `moved`: whether the work has got on in a way that `frames` does not tell.
        """
        lease_ms = int(lease_s * 1000)
        return str(self._call("tick", job, chunk, generation, token, slot, lease_ms, frames, note, int(moved)))

    def complete(self, job: str, chunk: int, generation: int, *, frames: int, seconds: float, slot: str = "") -> str:
        """A chunk's receipt is stored. 'last' if it completes the job: then the stitch must be published."""
        return str(self._call("complete", job, chunk, generation, frames, seconds, slot))

    def spend(self, job: str, seconds: float, stored: int) -> tuple[float, int]:
        """Charge a job with worker seconds and stored bytes; how many it has taken in all since Redis knows it."""
        used_s, stored_bytes = self._call("spend", job, f"{seconds:.3f}", stored)
        return float(used_s), int(stored_bytes)

    def give_back(self, job: str, chunk: int | str, generation: int, *, token: int | None, failed: bool) -> int:
        """Let a chunk be published again. How often it has failed so far; -1 if it was not ours to give."""
        return int(self._call("giveback", job, chunk, generation, "" if token is None else token, int(failed), ""))

    def died(self, job: str, chunk: int | str, generation: int, *, slot: str) -> int:
        """The process of this slot died. Its chunk goes back; answers as `give_back`."""
        return int(self._call("giveback", job, chunk, generation, "", 1, slot))

    def pace(self, job: str) -> float | None:
        """Worker seconds that a frame of the job takes; None before a chunk is done."""
        with reachable():
            fields: Any = self.redis.hmget(self._key("job", job), "chunk_s", "chunks", "frames")
        seconds, chunks, frames = fields
        return float(seconds) * int(chunks) / int(frames) if seconds else None

    def failures(self, job: str, chunk: int | str) -> int:
        """How often a chunk has failed or killed its worker."""
        with reachable():
            return int(self.redis.hget(self._key("job", job, "attempts"), str(chunk)) or 0)

    def overdue(self, patience_s: float, *, longest_lease_s: float = 3600.0) -> list[Overdue]:
        """Chunks in flight that nobody works on. A lease that claims to last longer is cut to `longest_lease_s`."""
        flat = self._call("overdue", patience_s, int(longest_lease_s * 1000))
        return [
            Overdue(flat[i], flat[i + 1] if flat[i + 1] == STITCH else int(flat[i + 1]), int(flat[i + 2]), flat[i + 3])
            for i in range(0, len(flat), 4)
        ]

    def announce_stitch(self, job: str) -> bool:
        """Count the stitch as in flight. False if it was already."""
        with reachable():
            # By the clock that all other stamps are of.
            seconds, micros = self.redis.time()
            now_us = int(seconds) * 1_000_000 + int(micros)
            return bool(self.redis.zadd(self._key("inflight", "cpu"), {f"{job}/{STITCH}": now_us}, nx=True))

    def messages(self, queues: Iterable[str]) -> int:
        """How many messages wait in Celery's queues for a worker to take them."""
        with reachable():
            return sum(int(self.redis.llen(self.prefix + queue)) for queue in queues)

    # Looking

    def ready(self, queue: str) -> list[str]:
        """The jobs that compete for a queue's workers, the one that gives the next chunk first."""
        with reachable():
            members: Any = self.redis.zrange(self._key("ready", queue), 0, -1)
        return list(members)

    def published(self, job: str) -> dict[int | str, float]:
        """The job's chunks in flight, and when each was published or taken, in seconds since the epoch."""
        found: dict[int | str, float] = {}
        for queue in QUEUES:
            with reachable():
                members: Any = self.redis.zrange(self._key("inflight", queue), 0, -1, withscores=True)
            for member, score in members:
                owner, _, chunk = member.rpartition("/")
                if owner == job:
                    found[chunk if chunk == STITCH else int(chunk)] = float(score) / 1e6
        return found

    def snapshot(self, job: str) -> Snapshot | None:
        """The job now; None if the ledger does not know it."""
        with reachable():
            pipe = self.redis.pipeline(transaction=True)
            pipe.hgetall(self._key("job", job))
            pipe.hgetall(self._key("job", job, "progress"))
            pipe.lrange(self._key("job", job, "recent"), 0, -1)
            pipe.hgetall(self._key("job", job, "attempts"))
            pipe.time()
            fields, progress, recent, attempts, (seconds, micros) = pipe.execute()
        return compose(job, fields, progress, recent, attempts, now=seconds + micros / 1e6) if fields else None

    def done_chunks(self, job: str, chunks: int) -> list[bool]:
        """For each chunk, whether it is done as far as the ledger knows."""
        with reachable():
            raw = self.redis.execute_command("GET", self._key("job", job, "done"), NEVER_DECODE=True) or b""
        return [bool(raw[i // 8] & (0x80 >> (i % 8))) if i // 8 < len(raw) else False for i in range(chunks)]

    def chunks_now(self, job: str) -> ChunksNow | None:
        """The job's chunks in one question to Redis; None if the ledger does not know the job."""
        with reachable():
            # One by one, for what is decoded and what is not cannot be told apart in a transaction. Finished chunks
            # come last: one that ends meanwhile is then done, and neither running nor waiting.
            pipe = self.redis.pipeline(transaction=False)
            pipe.time()
            pipe.hmget(self._key("job", job), "state", "generation")
            for queue in QUEUES:
                pipe.zrange(self._key("inflight", queue), 0, -1)
            pipe.hgetall(self._key("job", job, "progress"))
            pipe.hgetall(self._key("job", job, "attempts"))
            pipe.execute_command("GET", self._key("job", job, "done"), NEVER_DECODE=True)
            (seconds, micros), (state, generation), *inflight, progress, attempts, done = pipe.execute()
        if state is None:
            return None
        mine = f"{job}/"
        members = [member.removeprefix(mine) for some in inflight for member in some if member.startswith(mine)]
        return ChunksNow(
            at=seconds + micros / 1e6,
            state=state,
            generation=int(generation),
            done=done or b"",
            running={int(chunk): int(line.split(" ", 1)[0]) for chunk, line in progress.items() if chunk != STITCH},
            failures={int(chunk): int(count) for chunk, count in attempts.items() if chunk != STITCH},
            published=frozenset(int(chunk) for chunk in members if chunk != STITCH),
        )

    # Events: a short memory for `explain`

    def record(self, job: str, what: str, *, chunk: int | str | None = None, worker: str = "") -> None:
        """Note that something happened to a job or to one of its chunks."""
        event = json.dumps({"at": time.time(), "what": what, "chunk": chunk, "worker": worker})
        with reachable():
            pipe = self.redis.pipeline(transaction=False)
            pipe.lpush(self._key("job", job, "events"), event)
            pipe.ltrim(self._key("job", job, "events"), 0, _EVENTS_KEPT - 1)
            pipe.execute()

    def events(self, job: str) -> list[dict[str, Any]]:
        """What happened to a job, oldest first: at (s since the epoch), what, chunk, worker."""
        with reachable():
            return [json.loads(line) for line in reversed(self.redis.lrange(self._key("job", job, "events"), 0, -1))]

    # What workers logged about a job: a short memory for people

    def add_lines(self, lines: Iterable[tuple[str, str]]) -> None:
        """Keep (job, line) for a day, at most so many a job."""
        with reachable():
            pipe = self.redis.pipeline(transaction=False)
            jobs = set()
            for job, line in lines:
                pipe.xadd(self._key("job", job, "log"), {"l": line}, maxlen=_LINES_KEPT, approximate=True)
                jobs.add(job)
            for job in jobs:
                pipe.expire(self._key("job", job, "log"), _LINES_KEPT_S)
            pipe.execute()

    def log_lines(self, job: str, chunk: int | str | None = None, after: str | None = None) -> list[LogLine]:
        """What workers said of a job, oldest first; of one chunk (or `stitch`) if it is named.

        `after`: the `id` of a line; only those that came behind it.
        """
        with reachable():
            begin = f"({after}" if after else "-"
            rows: Any = self.redis.xrange(self._key("job", job, "log"), begin, "+")
        lines = [parsed(place, fields["l"]) for place, fields in rows]
        return lines if chunk is None else [line for line in lines if line.chunk == chunk]

    # Workers

    def report_worker(self, info: WorkerInfo) -> None:
        """A worker is alive."""
        with reachable():
            pipe = self.redis.pipeline(transaction=False)
            body = json.dumps({**info.__dict__, "queues": list(info.queues)})
            pipe.set(self._key("worker", info.slot), body, ex=_WORKER_TTL_S)
            pipe.sadd(self._key("workers"), info.slot)
            pipe.execute()

    def workers(self) -> list[WorkerInfo]:
        """The workers that are alive."""
        with reachable():
            slots: list[Any] = sorted(self.redis.smembers(self._key("workers")))
            bodies: list[Any] = self.redis.mget([self._key("worker", slot) for slot in slots]) if slots else []
            gone = [slot for slot, body in zip(slots, bodies, strict=True) if body is None]
            if gone:
                self.redis.srem(self._key("workers"), *gone)
        return [_worker(json.loads(body)) for body in bodies if body is not None]

    def report_scheduler(self, name: str, *, ttl_s: float) -> None:
        """A scheduler of campaigns is alive, and will say so again within `ttl_s`."""
        with reachable():
            pipe = self.redis.pipeline(transaction=False)
            pipe.set(self._key("scheduler", name), "", ex=max(1, round(ttl_s)))
            pipe.sadd(self._key("schedulers"), name)
            pipe.execute()

    def schedulers(self) -> list[str]:
        """The schedulers of campaigns that are alive."""
        with reachable():
            names: list[Any] = sorted(self.redis.smembers(self._key("schedulers")))
            said: list[Any] = self.redis.mget([self._key("scheduler", name) for name in names]) if names else []
            gone = [name for name, word in zip(names, said, strict=True) if word is None]
            if gone:
                self.redis.srem(self._key("schedulers"), *gone)
        return [name for name in names if name not in gone]

    def forget_scheduler(self, name: str) -> None:
        """A scheduler left."""
        with reachable():
            self.redis.delete(self._key("scheduler", name))
            self.redis.srem(self._key("schedulers"), name)

    def strike(self, slot: str, job: str, chunk: int | str, *, limit: int, may_be_shared: bool = False) -> int:
        """A worker failed a chunk: how many it has failed in a row, if those are `limit` or more and the fault seems
        to be the worker's, for others get on with their chunks, or these are of several jobs; else 0. Of several jobs
        are also those that fail because a store is full: what all may share speaks only against who fails alone.
        """
        return int(self._call("strike", slot, job, chunk, limit, int(not may_be_shared)))

    def withdraw(self, slot: str, why: str) -> None:
        """A worker takes itself out, and is not to be started again."""
        now = time.time()
        with reachable():
            past = [each for each, (_, since) in self._withdrawals().items() if now - since > _WITHDRAWN_S]
            pipe = self.redis.pipeline(transaction=False)
            if past:
                pipe.hdel(self._key("withdrawals"), *past)
            pipe.hset(self._key("withdrawals"), slot, f"{now:.3f} {why}")
            pipe.expire(self._key("withdrawals"), _WITHDRAWN_S)
            pipe.delete(self._key("strikes", slot))
            pipe.execute()

    def withdrawn(self, *, within_s: float = _WITHDRAWN_S) -> dict[str, str]:
        """Workers that took themselves out in the last day, or some seconds, and why."""
        now = time.time()
        with reachable():
            return {slot: why for slot, (why, since) in self._withdrawals().items() if now - since <= within_s}

    def readmit(self, *slots: str) -> None:
        """Whoever took itself out in these slots is no longer there: others work in them."""
        with reachable():
            self.redis.hdel(self._key("withdrawals"), *slots)

    def _withdrawals(self) -> dict[str, tuple[str, float]]:
        """Slot → why a worker took itself out, and when."""
        found: Any = self.redis.hgetall(self._key("withdrawals"))
        parted = {slot: said.partition(" ") for slot, said in found.items()}
        return {slot: (why, float(at)) for slot, (at, _, why) in parted.items()}

    def forget_worker(self, slot: str) -> None:
        """A worker left on purpose."""
        with reachable():
            self.redis.delete(self._key("worker", slot))
            self.redis.srem(self._key("workers"), slot)


def _weight(priority: int) -> float:
    """A job's share of the workers: one step of priority doubles it."""
    return 2.0 ** (priority - 5)


_OF_WORKERS = frozenset(row.name for row in fields(WorkerInfo))


def _worker(told: Mapping[str, Any]) -> WorkerInfo:
    """What a worker reported, of whatever version of Atelier it is."""
    known = {name: value for name, value in told.items() if name in _OF_WORKERS}
    return WorkerInfo(**{**known, "queues": tuple(told["queues"])})


@contextmanager
def reachable(script: str = "") -> Iterator[None]:
    """Turn Redis' own errors into ours. `script`: what Redis is asked to run."""
    try:
        yield
    except redis.AuthenticationError as error:
        raise ConfigError(f"Redis refuses us: {error}; set ATELIER_REDIS_PASSWORD in the environment") from error
    except (redis.ConnectionError, redis.TimeoutError) as error:
        if (why := distrusted(error)) is not None:
            raise ConfigError(why) from error
        raise QueueUnavailable(
            f"Redis does not answer ({error}); is it running, and ATELIER_REDIS_URL right?"
        ) from error
    except redis.ResponseError as error:
        if "LOADING" in str(error) or "READONLY" in str(error) or "OOM" in str(error):
            raise QueueUnavailable(f"Redis cannot serve: {error}") from error
        if is_refusal(error):
            raise ConfigError(refused(error, script)) from error
        raise


@lru_cache
def _source(name: str) -> str:
    folder = files("jobs") / "lua"
    return (folder / "keys.lua").read_text() + (folder / f"{name}.lua").read_text()
