"""A worker that fails chunk after chunk while others succeed takes itself out and says why: a GPU that fell off its
bus, a full scratch disk, a driver of another version. Its supervisor does not start it again.
"""

from __future__ import annotations

import logging
import os
import signal

from jobs.config import settings
from jobs.ledger import Ledger
from jobs.metrics.tally import count as counted
from workers import slot

log = logging.getLogger(__name__)


def count(ledger: Ledger, job: str, chunk: int | str, why: str, *, celery: int, may_be_shared: bool = False) -> None:
    """This slot failed a chunk. If it was one too many, its Celery process, of pid `celery`, is told to end.

    `may_be_shared`: it failed of something that may fail everybody, as a full store.
    """
    me = slot.this().name
    failed = ledger.strike(me, job, chunk, limit=settings().max_strikes, may_be_shared=may_be_shared)
    if not failed:
        return
    reason = f"failed {failed} different chunks in a row; the last one: {why}"
    counted("atelier_withdrawals_total")
    log.error("%s takes itself out: it %s", me, reason)
    ledger.record(job, f"{me} takes itself out: it {reason}", worker=me)
    ledger.withdraw(me, reason)
    os.kill(celery, signal.SIGTERM)
