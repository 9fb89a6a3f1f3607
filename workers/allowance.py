"""What a job may use while it runs, charged by each worker as it goes: a job that uses more fails, with the reason.

A worker asks its own settings; it counts nothing where they name no limit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.config import Settings
from jobs.control import fail
from jobs.ledger import Ledger
from jobs.limits import charge
from jobs.open import open_truth
from jobs.records import Receipt
from pipeline.errors import AtelierError, TransientError

log = logging.getLogger(__name__)

_EVERY_S = 2.0
"""A job is charged this often while a worker is at it, so that all its workers are seen together."""


@contextmanager
def charged(ledger: Ledger, job: str, generation: int, config: Settings) -> Iterator[None]:
    """Charge the job with the seconds that the block takes; once it has used too many, the job fails.

    The block itself goes on until it next asks whether the job still runs, as between two batches.
    """
    if not config.max_worker_s:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(
        target=_charge_on, args=(ledger, job, generation, config, over), name="allowance", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _charge_on(ledger: Ledger, job: str, generation: int, config: Settings, over: threading.Event) -> None:
    began, ended = time.monotonic(), False
    while not ended:
        ended = over.wait(min(_EVERY_S, config.max_worker_s))
        now = time.monotonic()
        try:
            if why := charge(ledger, job, config, seconds=now - began):
                fail(job, generation, why, open_truth(), ledger)
                return
            began = now
        except TransientError as error:
            # What could not be charged is charged with the rest.
            log.warning("%s: not charged: %s", job, error)
        except AtelierError as error:
            log.error("%s: not charged: %s", job, error)
            return


def can_be_kept(ledger: Ledger, receipt: Receipt, config: Settings) -> bool:
    """Charge the job with what a chunk stored. False if that is more than it may: then the job has failed."""
    if not config.max_gb:
        return True
    stored = sum(blob.size for blob in receipt.blobs())
    why = charge(ledger, receipt.job, config, seconds=0, stored=stored)
    if why:
        fail(receipt.job, receipt.generation, why, open_truth(), ledger)
    return not why
