"""What a job has made, down to the last bit, and whether two of them are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from jobs import naming
from jobs.config import Settings
from jobs.records import Plan
from jobs.truth import Truth
from pipeline.errors import IntegrityError
from pipeline.storage import open_store
from pipeline.storage.base import Store

_THREADS = 4
_TELLS_OF_THE_RUN = {naming.RESULT, naming.CERTIFICATE}
"""Files that name workers and times, and so differ from run to run: whole.py says whether they are right."""


@dataclass(frozen=True)
class Made:
    """Digests of everything that two runs of a film must have in common."""

    frames_sha256: str
    deliverables: dict[str, str]
    """Name → sha256, as the result says."""
    files: dict[str, str]
    """Key in the output → sha256, of the bytes that lie there."""

    def differences(self, other: Made) -> list[str]:
        """What is not the same, in words; nothing if all is."""
        found = [] if self.frames_sha256 == other.frames_sha256 else ["the digest over all frames"]
        for what, mine, theirs in (
            ("deliverable", self.deliverables, other.deliverables),
            ("file", self.files, other.files),
        ):
            changed = sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
            found += [f"{what} {name}: {_how(name, mine, theirs)}" for name in changed]
        return found


def _how(name: str, mine: dict[str, str], theirs: dict[str, str]) -> str:
    if name not in mine:
        return "is missing"
    return "differs" if name in theirs else "should not be there"


def made(plan: Plan, truth: Truth, config: Settings) -> Made:
    """What a finished job has made that is the same in every run, each byte of it read.

    Raises: IntegrityError if it has no result; what the store raises.
    """
    result = truth.result(plan.job, 1)
    if result is None:
        raise IntegrityError(f"{plan.job}: is done, and has no result")
    output = open_store(plan.output, config.store_options())
    keys = [entry.key for entry in output.list() if entry.key not in _TELLS_OF_THE_RUN]
    with ThreadPoolExecutor(_THREADS) as pool:
        digests = pool.map(lambda key: hashlib.sha256(output.get(key)).hexdigest(), keys)
        files = dict(zip(keys, digests, strict=True))
    deliverables = {row.name: row.sha256 for row in result.deliverables if row.name != "certificate"}
    return Made(result.frames_sha256, deliverables, files)


@dataclass(frozen=True)
class Repeats:
    """Work that was done more than once."""

    frames: int
    """Frames stored by attempts that do not count."""
    attempts: int
    """Attempts at chunks that left something behind, those that count among them."""


def repeats(plan: Plan, truth: Truth) -> Repeats:
    """What the attempts at a job's chunks have left in the store."""
    counting = {(receipt.chunk, receipt.token) for receipt in truth.receipts(plan) if receipt is not None}
    attempts: set[tuple[int, int]] = set()
    frames = 0
    for entry in truth.store.list(f"jobs/{plan.job}/attempts/"):
        _, _, _, chunk, token, name = entry.key.split("/", 5)
        attempt = (int(chunk), int(token))
        attempts.add(attempt)
        frames += attempt not in counting and name.startswith(f"{plan.kept}-")
    return Repeats(frames, len(attempts))


def clean(plan: Plan, truth: Truth, config: Settings) -> None:
    """Remove a job and its output, as if it had never been. Its networks and files stay: others may use them."""
    truth.store.delete(f"active/{plan.job}")
    truth.store.delete(f"index/{plan.job}")
    remove_all(truth.store, f"jobs/{plan.job}/")
    remove_all(open_store(plan.output, config.store_options()), "")


def remove_all(store: Store, prefix: str) -> None:
    """Remove every object below a prefix."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(store.delete, _keys(store, prefix)):
            continue


def _keys(store: Store, prefix: str) -> Iterator[str]:
    return iter([entry.key for entry in store.list(prefix)])
