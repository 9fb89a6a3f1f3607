"""`atelier scheduler`: Celery's beat, with a scheduler that fires campaigns. Any number may run.

Beat keeps the time and nothing else: what is due, and who fires it, is decided in the store (jobs/campaigns/rounds.py).
So there is no schedule in a file of beat's, none in Redis, and two beats fire once. Runs are planned and submitted in
threads of this process: a source that hangs holds up neither the clock nor other campaigns, and no worker that stitches
for an hour holds up a campaign. What a run publishes goes to the workers through Redis as with any other job.
"""

from __future__ import annotations

import logging
import math
import os
import queue
import signal
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from celery.beat import Scheduler, Service

from jobs import tracing
from jobs.campaigns.records import Run
from jobs.campaigns.rounds import Rounds
from jobs.config import host_name, settings
from jobs.logs.setup import set_up_logs
from jobs.metrics.flush import flush_quietly
from jobs.metrics.storage import count_storage
from jobs.open import open_truth
from jobs.queue import connect
from jobs.session import Session
from pipeline.errors import AtelierError

log = logging.getLogger(__name__)

_PLANNERS = 4
"""Runs that are planned side by side."""

_TICK_S = 1.0
"""Beat sleeps no longer, and so hears of its end soon."""

_SOONEST_S = 0.25
"""Between two looks at what is due, should the first have come to nothing."""

_PATIENCE_S = 8.0
"""How long an ending scheduler waits for what is being planned. Another one goes on with the rest."""


class Campaigns(Scheduler):
    """What beat asks at each tick."""

    max_interval = _TICK_S

    def __init__(self, *args: Any, lazy: bool = False, **options: Any) -> None:
        """`lazy`: beat only wants to know what we are called."""
        self._us = f"{host_name()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self._rounds: Rounds | None = None
        self._planners: Planners | None = None
        self._breath: Breath | None = None
        self._looked = -math.inf
        self._trouble = ""
        super().__init__(*args, lazy=lazy, **options)

    def setup_schedule(self) -> None:
        """Beat's own entries are none of ours."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Look at the campaigns if it is time; seconds until the next tick. Raises nothing of ours."""
        try:
            if self._until_look() <= 0:
                self._look()
                self._say("")
        except AtelierError as error:
            # Rights that somebody took away may be given back.
            self._say(str(error))
        except Exception as error:
            log.exception("a bug in Atelier")
            self._say(f"{type(error).__name__}: {error}")
        return min(_TICK_S, max(0.0, self._until_look()))

    def close(self) -> None:
        """Let go of Redis, once what is being planned is submitted or a while has passed."""
        if self._planners is not None and self._breath is not None:
            self._planners.leave(_PATIENCE_S)
            self._breath.end()
            self._planners = self._breath = None
        super().close()

    @property
    def info(self) -> str:
        """For beat's banner."""
        return f"    . campaigns -> {settings().store}"

    def _look(self) -> None:
        self._looked = time.monotonic()
        if self._rounds is None:
            ledger, sender = connect()
            self._rounds = Rounds(Session(settings(), open_truth(), ledger, sender), us=self._us)
        if self._planners is None:
            self._planners = Planners(self._rounds.fire)
            self._breath = Breath(self._us, self._rounds.breathe)
        self._rounds.look(self._planners.give)

    def _until_look(self) -> float:
        """Seconds until the next look: a regular one, or one because a run is due."""
        since = time.monotonic() - self._looked
        due = self._rounds.next if self._rounds is not None and not self._trouble else None
        until_due = math.inf if due is None else max(due.timestamp() - time.time(), _SOONEST_S - since)
        return min(settings().campaigns_s - since, until_due)

    def _say(self, trouble: str) -> None:
        """Once for each trouble, and when it is over."""
        if trouble != self._trouble:
            log.warning("%s", f"campaigns wait: {trouble}" if trouble else "campaigns go on")
        self._trouble = trouble


class Breath:
    """A thread that says that this scheduler lives, however long a look takes: to Redis, and of the runs it is at."""

    def __init__(self, us: str, breathe: Callable[[], None]) -> None:
        self._us, self._breathe = us, breathe
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="breath", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Say that it leaves."""
        self._over.set()
        self._thread.join(_PATIENCE_S)
        try:
            connect()[0].forget_scheduler(self._us)
            flush_quietly(lambda: connect()[0])
            tracing.flush()
        except AtelierError as error:
            log.warning("leaving unannounced: %s", error)

    def _work(self) -> None:
        lease_s = settings().lease_s
        while not self._over.is_set():
            for say in (self._breathe, lambda: connect()[0].report_scheduler(self._us, ttl_s=lease_s)):
                try:
                    say()
                except AtelierError as error:
                    # The look says so aloud.
                    log.debug("not heard: %s", error)
            # Last: while Redis is away it takes its time, and others wait for our breath.
            flush_quietly(lambda: connect()[0])
            self._over.wait(lease_s / 4)


class Planners:
    """Threads that plan and submit, and that the end of the process may break off."""

    def __init__(self, fire: Callable[[Run], None]) -> None:
        """`fire`: what is done with each run."""
        self._fire = fire
        self._waiting: queue.SimpleQueue[Run | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"planner-{number}", daemon=True) for number in range(_PLANNERS)
        ]
        for thread in self._threads:
            thread.start()

    def give(self, run: Run) -> None:
        """Have a run fired as soon as a thread is free."""
        self._waiting.put(run)

    def leave(self, patience_s: float) -> None:
        """Begin nothing more, and wait a while for what was begun."""
        with suppress(queue.Empty):
            while True:
                self._waiting.get_nowait()
        for _ in self._threads:
            self._waiting.put(None)
        deadline = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (run := self._waiting.get()) is not None:
            try:
                self._fire(run)
            except Exception:
                log.exception("%s: a bug in Atelier", run.token)


def main() -> None:
    """Tick until SIGTERM or SIGINT. Raises: ConfigError without a Redis."""
    set_up_logs("scheduler")
    count_storage()
    settings().authenticated_redis_url()
    from workers.app import app

    service = Service(app, scheduler_cls=Campaigns)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop())
    log.info("looking for campaigns in %s every %g s", settings().store, settings().campaigns_s)
    service.start()


if __name__ == "__main__":
    main()
