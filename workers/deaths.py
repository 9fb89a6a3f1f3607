"""What Celery's parent process does when its child dies over a chunk: it says of what, and gives the chunk back.

The child cannot: SIGSEGV and the kernel's OOM killer leave it no time. Without this the chunk would wait until its
lease has run out. Celery sends the message again as well; whoever comes second is told that the chunk is held.
"""

from __future__ import annotations

import logging
import os
import re
from typing import Any

from billiard.einfo import ExceptionWithTraceback
from billiard.exceptions import WorkerLostError
from celery.worker import request

from jobs.config import settings
from jobs.dispatch import dispatch
from jobs.logs import work as logged
from jobs.metrics.flush import flush
from jobs.metrics.tally import count
from jobs.queue import RENDER, connect
from jobs.snapshot import STITCH
from pipeline.errors import AtelierError
from workers import slot, strikes

log = logging.getLogger(__name__)

_OF = {
    "SIGKILL": "killed from outside, most often by the kernel for want of memory (SIGKILL)",
    "SIGSEGV": "a segmentation fault (SIGSEGV)",
    "SIGABRT": "an abort (SIGABRT)",
    "SIGBUS": "a bus error (SIGBUS): a file that it had mapped shrank, or memory failed",
}


class Request(request.Request):
    """One message in the parent's hands."""

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """Report a death, then leave the rest to Celery."""
        error = exc_info.exception
        # billiard wraps what it raises itself.
        error = error.exc if isinstance(error, ExceptionWithTraceback) else error
        if isinstance(error, WorkerLostError):
            try:
                _report(self.task.name, list(self.args), cause_of_death(str(error)))
            except AtelierError as error:
                log.warning("a death was not reported: %s; the reconciler notices it", error)
        return super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)


def cause_of_death(said: str) -> str:
    """What Celery says of a lost process, for people."""
    signal = re.search(r"SIG[A-Z]+", said)
    if signal:
        return _OF.get(signal.group(), f"signal {signal.group()}")
    code = re.search(r"exitcode (\d+)", said)
    return f"exit code {code.group(1)}" if code else said


def _of_signal(cause: str) -> str:
    """One word of few: `sigkill`, `sigsegv` …, or `exit`."""
    signal = re.search(r"SIG[A-Z]+", cause)
    return signal.group().lower() if signal else "exit"


def _report(task: str, arguments: list[Any], cause: str) -> None:
    job, chunk = (arguments[0], arguments[1]) if task == RENDER else (arguments[0], STITCH)
    me = slot.this().name
    ledger, queue = connect()
    if ledger.died(job, chunk, arguments[-1], slot=me) < 0:
        # It had no lease, or gave it up itself.
        return
    with logged.at(job, chunk):
        log.error("%s chunk %s: the process died: %s", job, chunk, cause)
    count("atelier_worker_deaths_total", cause=_of_signal(cause))
    count("atelier_retries_total", cause="died")
    ledger.record(job, f"its process died: {cause}", chunk=chunk, worker=me)
    strikes.count(ledger, job, chunk, f"its process died: {cause}", celery=os.getpid())
    dispatch(ledger, queue, ahead=settings().window)
    # Celery's parent has no heartbeat of ours.
    flush(ledger)
