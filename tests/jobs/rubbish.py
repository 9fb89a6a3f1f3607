"""A store in a folder with things in it that are older than they are."""

from __future__ import annotations

import os
import time
from pathlib import Path

from jobs.records import Blob, Plan
from jobs.sweep import Report, Sweep
from jobs.truth import Truth
from tests.jobs.making import make_receipt, make_result

HOUR = 3600.0
DAY = 24 * HOUR


def age(truth: Truth, prefix: str, age_s: float) -> None:
    """Make everything below the prefix so old."""
    for entry in list(truth.store.list(prefix)):
        os.utime(Path(truth.store.url) / entry.key, (time.time() - age_s,) * 2)


def attempt(truth: Truth, plan: Plan, chunk: int, token: int, *, age_s: float = 2 * DAY, frames: int = 3) -> list[Blob]:
    """What an attempt at a chunk uploaded."""
    folder = Truth.attempt(plan.job, chunk, token)
    blobs = [Blob(key=f"{folder}/png-{n:08d}.png", size=3, sha256="0") for n in range(frames)]
    for blob in blobs:
        # Not put, which forces each to the disk.
        path = Path(truth.store.url) / blob.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"123")
    age(truth, f"{folder}/", age_s)
    return blobs


def win(truth: Truth, plan: Plan, chunk: int, token: int, *, generation: int = 1, age_s: float = 2 * DAY) -> list[str]:
    """An attempt that became the chunk's receipt; the keys that it names."""
    blobs = attempt(truth, plan, chunk, token, age_s=age_s)
    receipt = make_receipt(plan, chunk, generation=generation)
    truth.put_receipt(receipt.model_copy(update={"token": token, "frames": tuple(blobs)}))
    return [blob.key for blob in blobs]


def finish(truth: Truth, plan: Plan, *, age_s: float = 2 * DAY) -> list[str]:
    """Accept a job, render it and end it, so long ago; the keys that its receipts name."""
    truth.accept(plan, {"kind": "film"})
    named = [key for chunk in range(len(plan.chunks)) for key in win(truth, plan, chunk, 100 + chunk)]
    end(truth, plan, age_s=age_s)
    return named


def end(truth: Truth, plan: Plan, *, generation: int = 1, state: str = "done", age_s: float = 2 * DAY) -> None:
    """The job has ended so long ago, and all that it has is as old."""
    if state == "done":
        truth.put_result(make_result(plan, generation=generation))
    else:
        truth.put_ending(plan.job, generation, state=state, reason="no reason")
    truth.retire(plan.job, generation)
    age(truth, f"jobs/{plan.job}/", age_s)


def sweep(truth: Truth, *, older_than_s: float = DAY, keep_days: float = 0, dry_run: bool = False) -> Report:
    """Sweep the store."""
    return Sweep(truth, older_than_s=older_than_s, keep_days=keep_days, dry_run=dry_run).run()


def keys(truth: Truth, prefix: str = "") -> list[str]:
    """Everything that lies below a prefix."""
    return [entry.key for entry in truth.store.list(prefix)]
