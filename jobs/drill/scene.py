"""What a trouble's story sees of its round, and the waiting that stories have in common.

A story is a generator. It waits by yielding, some fifty times a second; between two yields the round has looked at the
job again. Waiting ends, whatever it waits for, when the job is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from random import Random

import redis

from jobs.drill.farm import Farm
from jobs.drill.messages import Messages
from jobs.records import Plan
from jobs.snapshot import STITCH, Running, Snapshot
from pipeline.errors import AtelierError, QueueUnavailable

Story = Generator[None, None, None]

_ASK_STORE_S = 0.3


class Watch:
    """A round's job, as it is looked at again and again."""

    def __init__(self, farm: Farm, plan: Plan) -> None:
        self._farm, self._plan = farm, plan
        self.seen: Snapshot | None = None
        """The last look; None while Redis does not answer, or does not know the job."""
        self.over = False
        self.share = 0.0
        """The largest share of frames that was ever seen painted."""
        self.moved_at = 0.0
        """When new work was last seen done, by time.monotonic()."""
        self._most_done = 0
        self._asked = 0.0

    def look(self) -> None:
        """Look at the job, in the ledger and now and then in storage."""
        before, self.seen = self.seen, self._snapshot()
        if self.seen is not None:
            self.share = max(self.share, self.seen.frames_done / self.seen.frames)
            if self._has_moved(before, self.seen):
                self.moved_at = time.monotonic()
            self._most_done = max(self._most_done, self.seen.chunks_done)
        if self.seen is None or self.seen.is_final:
            self._ask_store()

    def _snapshot(self) -> Snapshot | None:
        try:
            return self._farm.ledger.snapshot(self._plan.job)
        except QueueUnavailable:
            return None

    def _has_moved(self, before: Snapshot | None, now: Snapshot) -> bool:
        """Whether frames or chunks are done that were not. What a ledger is only told again does not count."""
        if now.chunks_done > self._most_done:
            return True
        earlier = {(run.chunk, run.worker): run.frames for run in before.running} if before else {}
        return any(run.frames > earlier.get((run.chunk, run.worker), run.frames) for run in now.running)

    def _ask_store(self) -> None:
        """Storage is the truth; but asking it costs, so not at every look."""
        if time.monotonic() - self._asked < _ASK_STORE_S:
            return
        try:
            self.over = self.over or self._farm.truth.is_over(self._plan.job, 1)
        except AtelierError:
            return
        finally:
            self._asked = time.monotonic()


class Scene:
    """One trouble's view of its round."""

    def __init__(self, farm: Farm, plan: Plan, watch: Watch, rng: Random, submit: Callable[[], object]) -> None:
        """`submit`: submits the very same job once more."""
        self.farm, self.plan, self.rng, self.submit = farm, plan, rng, submit
        self._watch = watch
        self.struck: float | None = None
        """When it struck, by time.monotonic()."""
        self.recovered: float | None = None
        """When work was seen to go on; None if the job was over before."""
        self.what = ""
        """What it did, for people."""

    @property
    def seen(self) -> Snapshot | None:
        """The job at the last look."""
        return self._watch.seen

    @property
    def over(self) -> bool:
        """Whether the job has ended."""
        return self._watch.over

    @property
    def redis(self) -> redis.Redis:
        """A client that does not wait for a Redis that is gone."""
        return self.farm.ledger.redis

    @property
    def messages(self) -> Messages:
        """The job's messages."""
        return Messages(self.redis, self.farm.config.redis_prefix, self.plan.job)

    def strike(self, what: str) -> None:
        """The blow falls now."""
        self.what, self.struck = what, time.monotonic()

    def miss(self) -> None:
        """The blow met nothing: as if it had never fallen."""
        self.struck = None

    def recover(self) -> None:
        """Work goes on, as far as this trouble is concerned."""
        if self.recovered is None:
            self.recovered = time.monotonic()

    def token(self, chunk: int | str) -> str:
        """The fencing token of whoever holds a chunk; empty if nobody does, or nobody knows."""
        try:
            held = self.redis.get(f"{self.farm.config.redis_prefix}lease:{self.plan.job}:{chunk}")
        except redis.RedisError:
            return ""
        return str(held or "").partition(" ")[0]

    # Waiting

    def until(self, happened: Callable[[], object]) -> Generator[None, None, bool]:
        """Wait until something has happened. False if the job was over before."""
        while not happened():
            if self.over:
                return False
            yield
        return True

    def pause(self, seconds: float) -> Story:
        """Wait for a while."""
        end = time.monotonic() + seconds
        yield from self.until(lambda: time.monotonic() >= end)

    def painting(self) -> Generator[None, None, Running | None]:
        """Wait until a worker of ours is in the middle of a chunk. None if that never comes."""
        return (yield from self._held(self._is_half_way))

    def stitching(self) -> Generator[None, None, Running | None]:
        """Wait until a worker of ours stitches. None if that never comes."""
        return (yield from self._held(lambda run: run.chunk == STITCH))

    def _is_half_way(self, run: Running) -> bool:
        if run.chunk == STITCH:
            return False
        start, stop = self.plan.chunks[int(run.chunk)]
        return 0 < run.frames < stop - start

    def _held(self, wanted: Callable[[Running], bool]) -> Generator[None, None, Running | None]:
        while not self.over:
            for run in self.seen.running if self.seen else ():
                if wanted(run) and self.farm.is_ours(run.worker):
                    return run
            yield
        return None

    # Recovering: a job that is over before the sign has shown none.

    def recovers(self, sign: Callable[[], object]) -> Story:
        """Wait for the sign that work goes on."""
        if (yield from self.until(sign)):
            self.recover()

    def goes_on(self, chunk: int | str, token: str) -> Story:
        """Wait until another than the holder of this token gets on with a chunk, or it is done."""
        # With the job, all its chunks are done.
        yield from self.recovers(lambda: self._has_gone_on(chunk, token) or self.over)

    def moves(self) -> Story:
        """Wait until new work is seen done."""
        # What was done since the last look is not new.
        self._watch.look()
        since = time.monotonic()
        yield from self.recovers(lambda: self._watch.moved_at > since)

    def held(self) -> set[str]:
        """The tokens of all who hold something of the job."""
        return {self.token(run.chunk) for run in self.seen.running} - {""} if self.seen else set()

    def taken(self, before: set[str]) -> Story:
        """Wait until somebody has taken something since, and got on with it: what is in hand goes on without Redis."""
        yield from self.recovers(lambda: self._is_taken(before))

    def _is_taken(self, before: set[str]) -> bool:
        runs = self.seen.running if self.seen else ()
        return any(self.token(run.chunk) not in before | {""} for run in runs if run.frames > 0 or run.chunk == STITCH)

    def _has_gone_on(self, chunk: int | str, token: str) -> bool:
        if self.seen is None:
            return False
        if chunk == STITCH:
            return any(run.chunk == STITCH for run in self.seen.running) and self.token(chunk) not in ("", token)
        if self._is_done(int(chunk)):
            return True
        painted = any(run.chunk == chunk and run.frames > 0 for run in self.seen.running)
        return painted and self.token(chunk) not in ("", token)

    def _is_done(self, chunk: int) -> bool:
        try:
            return self.farm.ledger.done_chunks(self.plan.job, len(self.plan.chunks))[chunk]
        except QueueUnavailable:
            return False
