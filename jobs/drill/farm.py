"""The deployment that a drill hurts: machines with workers, reconcilers, Redis and store, all of them real.

Of a deployment of the user's own only what the drill has started is ever killed. How the two kinds are set up is in
setups.py.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from jobs import spec
from jobs.arbiter import creator
from jobs.config import Settings
from jobs.drill.children import Child, children_of, module
from jobs.drill.proxy import Proxy
from jobs.drill.redis_server import RedisServer, impatient
from jobs.ledger import Ledger
from jobs.queue import Queue
from jobs.records import Plan
from jobs.submit import plan_job, submit
from jobs.truth import Truth
from pipeline.errors import AtelierError, QueueUnavailable
from pipeline.storage import open_store

MACHINES = 2
"""Supervisors with one worker each, so that one can die while another works."""

_COME_UP_S = 90.0
_GRACE_S = 10.0


class Farm:
    """One deployment with machines of the drill's own in it."""

    def __init__(
        self,
        folder: Path,
        config: Settings,
        environment: Mapping[str, str],
        *,
        redis: RedisServer | None,
        proxy: Proxy | None,
        lacks: Mapping[str, str],
    ) -> None:
        """`config`: how the drill itself reaches Redis and store. `environment`: what its machines get.
        `lacks`: what troubles may need and is not here (table.py's NEEDS) → why not.
        """
        self.folder, self.config, self.environment = folder, config, dict(environment)
        self.redis, self.proxy, self.lacks = redis, proxy, lacks
        self.ledger = Ledger(config.authenticated_redis_url(), prefix=config.redis_prefix)
        self.ledger.redis.close()
        self.ledger.redis = impatient(config.authenticated_redis_url())
        store = open_store(config.store, config.store_options())
        self.truth = Truth(store, creator(store, self._patient_ledger))
        self.machines: list[Child] = []
        self.reconcilers: list[Child] = []

    # Jobs

    def plan(self, text: str, *, token: str) -> Plan:
        """The plan of a job file's text. Writes nothing."""
        checked, located = spec.parse(text, path="drill", folder=self.folder)
        return plan_job(checked, located, self.config, token=token)

    def submit(self, text: str, *, token: str) -> Plan:
        """Submit a job file's text, over connections of its own. Any thread may."""
        checked, located = spec.parse(text, path="drill", folder=self.folder)
        plan = plan_job(checked, located, self.config, token=token)
        with closing(self._patient_ledger()) as ledger, closing(Queue(self.config)) as queue:
            return submit(checked, plan, self.truth, ledger, queue, self.config).plan

    def _patient_ledger(self) -> Ledger:
        return Ledger(self.config.authenticated_redis_url(), prefix=self.config.redis_prefix)

    # Processes

    def start_machine(self, number: int) -> None:
        """Start a supervisor with one worker, in the place of that number, if none runs there."""
        if number < len(self.machines) and self.machines[number].lives:
            return
        command = module("workers.supervisor", "--concurrency", "1")
        child = Child(command, log=self.folder / f"worker-{number}.log", env=self.environment)
        if number < len(self.machines):
            self.machines[number] = child
        else:
            self.machines.append(child)

    def start_reconciler(self) -> Child:
        """Start one more reconciler."""
        log = self.folder / f"reconcile-{len(self.reconcilers)}.log"
        self.reconcilers.append(Child(module("workers.reconcile"), log=log, env=self.environment))
        return self.reconcilers[-1]

    def stop_reconciler(self, child: Child) -> None:
        """Stop a reconciler that was one too many."""
        child.stop(grace_s=_GRACE_S)
        self.reconcilers.remove(child)

    def machine_of(self, slot: str) -> int | None:
        """The number of the machine that a worker runs on; None if it is none of ours."""
        pid = slot.rpartition(":")[2]
        return next((n for n, child in enumerate(self.machines) if str(child.pid) == pid and child.lives), None)

    def celery_of(self, slot: str) -> int | None:
        """The process id of a worker's Celery, which holds its messages."""
        machine = self.machine_of(slot)
        return None if machine is None else next(iter(children_of(self.machines[machine].pid)), None)

    def painter_of(self, slot: str) -> int | None:
        """The process id of the child of Celery that does a worker's work."""
        celery = self.celery_of(slot)
        return None if celery is None else next(iter(children_of(celery)), None)

    def is_ours(self, slot: str) -> bool:
        """Whether a worker's process can be found and hurt."""
        return self.painter_of(slot) is not None

    # Health

    def mend(self) -> None:
        """Have everything up again, as it was before anything was hurt.

        Raises: AtelierError if it does not come up.
        """
        if self.redis is not None:
            self.redis.start()
        if self.proxy is not None:
            self.proxy.behave()
        for number in range(MACHINES):
            self.start_machine(number)
        for child in [child for child in self.reconcilers if not child.lives]:
            self.reconcilers.remove(child)
        for child in self.reconcilers[1:]:
            self.stop_reconciler(child)
        if not self.reconcilers:
            self.start_reconciler()
        self._wait_for_workers()

    def _wait_for_workers(self) -> None:
        deadline = time.monotonic() + _COME_UP_S
        while self._present() < MACHINES:
            if time.monotonic() > deadline:
                raise AtelierError(f"the drill's workers have not come up in {_COME_UP_S:.0f} s; see {self.folder}")
            time.sleep(0.05)

    def _present(self) -> int:
        try:
            slots = [info.slot for info in self.ledger.workers()]
        except QueueUnavailable:
            return 0
        return sum(self.is_ours(slot) for slot in slots)

    def close(self) -> None:
        """End every process that was started here, the gentle way first."""
        for child in [*self.reconcilers, *self.machines]:
            child.tell(signal.SIGTERM)
        for child in [*self.reconcilers, *self.machines]:
            child.stop(grace_s=_GRACE_S)
        self.ledger.close()
