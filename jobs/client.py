"""What can be done with a deployment, for Python: `from jobs import Atelier`. Commands and the HTTP API use it as well.

    with Atelier.open() as atelier:
        job = atelier.submit("film.yaml").plan.job
        for status in atelier.watch(job):
            print(status.frames_done, "of", status.frames)

How it looks on a terminal, or in a browser, is theirs.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from jobs import control
from jobs.arbiter import creator
from jobs.config import Settings
from jobs.desk import Desk, Report, silent
from jobs.draft import Draft, draft
from jobs.explain import Explanation, explain_frame, explain_job
from jobs.find import find_job
from jobs.ledger import Ledger, WorkerInfo
from jobs.queue import Queue
from jobs.ranges import frame_numbers
from jobs.records import Deliverable, Generation
from jobs.session import Session, View, connected, redis_url, viewing
from jobs.spec import JobText, read
from jobs.status import Status, status_of
from jobs.submit import Submission, submit
from jobs.truth import Truth
from pipeline.errors import QueueUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Atelier:
    """A deployment. Jobs are named by their ids, or by the beginnings of those.

    Any method raises: JobNotFound if there is no such job; StorageUnavailable, AccessDenied; QueueUnavailable if it
    takes a Redis and that is away. Looking takes none: what only Redis knows is missing then.
    """

    config: Settings
    truth: Truth
    ledger: Ledger | None
    """None if no Redis answers."""
    queue: Queue | None
    """None if no Redis is known: then nobody is at work who must hear of what is ordered."""
    absence: str = ""
    """Why there is no ledger."""

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Atelier]:
        """The deployment that the settings name, until the block ends.

        Raises: ConfigError, AccessDenied, StorageUnavailable. That Redis is away is no error yet.
        """
        with viewing() as view:
            if view.config.redis_url is None:
                yield cls.viewed(view)
                return
            truth = Truth(view.truth.store, creator(view.truth.store, lambda: _there(view.ledger, view.absence)))
            with closing(Queue(view.config)) as queue:
                yield cls(view.config, truth, view.ledger, queue, view.absence)

    @classmethod
    @contextmanager
    def open_to_steer(cls) -> Iterator[Atelier]:
        """The same, but that a Redis that is known and away is an error at once."""
        if redis_url() is None:
            with viewing() as view:
                yield cls.viewed(view)
        else:
            with connected() as session:
                yield cls.of(session)

    @classmethod
    def of(cls, session: Session) -> Atelier:
        """What a session is of."""
        return cls(session.config, session.truth, session.ledger, session.queue)

    @classmethod
    def viewed(cls, view: View) -> Atelier:
        """What a view is of: to look at, and to steer where nobody is at work."""
        return cls(view.config, view.truth, view.ledger, None, view.absence)

    # Submitting

    def check(self, file: str | Path | JobText, *, token: str = "") -> Draft:
        """A job file, checked and planned. Nothing is written, and nobody is asked.

        Raises: JobSpecProblems with everything that is wrong, at its lines.
        """
        return draft(*read(file), self.config, token=token)

    def completed(self, begun: Draft, report: Report = silent) -> Draft:
        """A checked job file with what others must be asked for: copy, of which most kinds have none.

        Raises: JobSpecProblems; ServiceUnavailable.
        """
        return begun.completed(Desk(self.config, self.truth, may_ask=True, report=report))

    def submit(self, file: str | Path | JobText | Draft, *, token: str = "", again: bool = False) -> Submission:
        """Have a job file made; the same file with the same token is the same job. A draft is made as it is.

        `again`: makes another job of it each time. Raises: JobSpecProblems, at the lines that are wrong; InputError if
        another unfinished job writes to the same output.
        """
        ledger, queue = self._at_work()
        if not isinstance(file, Draft):
            file = self.completed(self.check(file, token=uuid.uuid4().hex if again else token))
        return submit(file.spec, file.plan, self.truth, ledger, queue, self.config)

    # Looking

    def find(self, job: str) -> str:
        """A job's whole name. Raises: InputError if several begin so."""
        return find_job(job, self.truth)

    def status(self, job: str) -> Status:
        """How a job stands."""
        return status_of(self.find(job), self.truth, self.ledger)

    def jobs(self, *, ended: bool = False) -> list[Status]:
        """The jobs with work to do, the newest first; with `ended`, the others too."""
        names = self.truth.jobs()
        if not ended:
            at_work = {*self.truth.active(), *(self.ledger.jobs() if self.ledger else ())}
            names = [name for name in names if name in at_work]
        found = [status_of(name, self.truth, self.ledger) for name in names]
        return sorted(found, key=lambda row: row.submitted or 0.0, reverse=True)

    def watch(self, job: str, *, every_s: float = 1.0) -> Iterator[Status]:
        """How a job stands, again and again, until it has ended. That Redis is away for a while is waited out."""
        job = self.find(job)
        while True:
            try:
                status = status_of(job, self.truth, self.ledger)
            except QueueUnavailable:
                status = status_of(job, self.truth, None)
            yield status
            if status.is_final:
                return
            time.sleep(every_s)

    def explain(self, job: str, frame: int | None = None) -> Explanation:
        """Why a job is where it is, or what became of one of its frames. Raises: InputError if it has no such frame."""
        job = self.find(job)
        if frame is None:
            return explain_job(job, self.truth, self.ledger, absence=self.absence)
        return explain_frame(job, frame, self.truth, self.ledger, absence=self.absence)

    def deliverables(self, job: str) -> tuple[Deliverable, ...]:
        """What a finished job delivered; of one that is not finished, nothing."""
        return self.status(job).deliverables

    def workers(self) -> list[WorkerInfo]:
        """The workers that are alive."""
        return self._at_work()[0].workers()

    def withdrawn(self) -> dict[str, str]:
        """Workers that took themselves out in the last day, and why."""
        return self._at_work()[0].withdrawn()

    # Steering. Raises: InputError if the job is not in a state to be steered so.

    def pause(self, job: str) -> None:
        """Hold a job; its workers stop at the next batch of frames."""
        control.pause(self.find(job), self.truth, self._if_at_work())

    def resume(self, job: str) -> None:
        """Let a paused job go on."""
        ledger, queue = self._at_work()
        control.resume(self.find(job), self.truth, ledger, queue, ahead=self.config.window)

    def cancel(self, job: str) -> None:
        """Stop a job for good. The chunks it has stay, and submitting its file again goes on with them."""
        control.cancel(self.find(job), self.truth, self._if_at_work())

    def prioritise(self, job: str, priority: int) -> None:
        """Give a job another priority, 1 to 9; each step doubles its share of the workers."""
        control.prioritise(self.find(job), priority, self.truth, self._if_at_work())

    def redo(self, job: str, frames: str) -> Generation:
        """Render some frames of an ended job again, and deliver anew. `frames`: as `120-140,155`."""
        ledger, queue = self._at_work()
        job = self.find(job)
        plan = self.truth.plan(job)
        generation = control.redo(job, frame_numbers(frames, plan), self.truth)
        try:
            control.enter(plan, self.truth, ledger, force=True)
            control.publish(job, self.truth, ledger, queue, ahead=self.config.window)
        except QueueUnavailable as error:
            # It is ordered, and told so: a reconciler enters it when Redis answers.
            log.warning("%s is redone once Redis answers: %s", job, error)
        return generation

    def _at_work(self) -> tuple[Ledger, Queue]:
        """What it takes to have something done. Raises: QueueUnavailable."""
        ledger = _there(self.ledger, self.absence)
        if self.queue is None:
            raise QueueUnavailable(self.absence or "no Redis is configured, so that nobody can be given work")
        ledger.ping()
        return ledger, self.queue

    def _if_at_work(self) -> Ledger | None:
        """Who must hear of an order, if anybody is at work. Raises: QueueUnavailable."""
        return None if self.queue is None else self._at_work()[0]


def _there(ledger: Ledger | None, absence: str) -> Ledger:
    if ledger is None:
        raise QueueUnavailable(absence)
    return ledger
