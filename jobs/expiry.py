"""Taking a whole job out of the store, beside people who may want it at the same moment.

`leaving/<id>` is there while a sweep removes a job. Both sides first write what they want and then look what the
other wants, so that one of them gives way: the sweep if the job has work to do, else whoever orders work.

    1. leaving/<id>     from here on nobody orders work
    2. does it still rest? else leaving/<id> goes, and that was all
    3. index/<id>       from here on no command shows the job
    4. its entries in the frame cache, then frames, segments, states and receipts
    5. generations, endings, results, plan; index/<id> once more; spec; leaving/<id>

A sweep that dies on the way leaves `leaving/<id>`, and another finishes its work. What the job delivered is its
user's and stays.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from jobs.records import Plan
from jobs.truth import Truth
from pipeline.errors import JobNotFound, ObjectNotFound, StorageUnavailable
from pipeline.storage.base import Store

_AT_ONCE = 256
"""Objects deleted between two looks whether the job is still ours to remove."""

_DELETERS = 8

_PATIENCE_S = 5.0
"""How long an order waits for a sweep to make up its mind."""

GIVEN_UP_S = 300.0
"""A sweep that has not said for so long that it is at work on a job is dead."""


def leaving_key(job: str) -> str:
    """The marker of a job that is being removed."""
    return f"leaving/{job}"


def accept(plan: Plan, spec: dict[str, object], truth: Truth) -> bool:
    """As `truth.accept`, also of a job whose expired predecessor is only just being removed.

    Raises: StorageUnavailable while that takes longer than a moment.
    """
    store, job = truth.store, plan.job
    if not _leaves(store, job):
        created = truth.accept(plan, spec)
        if not _leaves(store, job) and store.exists(f"jobs/{job}/spec.json"):
            return created
    if not _is_gone(store, job):
        store.delete(f"active/{job}")
        store.delete(f"index/{job}")
        raise StorageUnavailable(f"{job} had expired and is being removed; submit it again in a minute")
    return truth.accept(plan, spec)


def settle(job: str, truth: Truth, *, ordered: int | None = None) -> None:
    """After work was ordered of a job that had ended: make sure that no sweep removes it.

    `ordered`: the generation that was written down for it.
    Raises: JobNotFound if one does; StorageUnavailable if that cannot be told.
    """
    store = truth.store
    deadline = time.monotonic() + _PATIENCE_S
    while _leaves(store, job) and _is_indexed(store, job) and time.monotonic() < deadline:
        time.sleep(0.05)
    if not _is_indexed(store, job):
        store.delete(f"active/{job}")
        if ordered is not None:
            # Written behind the sweep's back, it would be the first of a job of this name that is submitted later.
            store.delete(f"jobs/{job}/generations/{ordered:04d}.json")
        raise JobNotFound(f"{job} had expired and was just removed; submit its file again")
    if _leaves(store, job):
        raise StorageUnavailable(
            f"{job}: a sweep was about to remove it and does not answer; `atelier status {job}` tells in a minute "
            "whether your order stands"
        )


@dataclass(frozen=True)
class Removal:
    """One sweep's removal of one job."""

    truth: Truth
    job: str
    us: str
    """Who we are, as the marker says it."""

    @classmethod
    def of(cls, job: str, truth: Truth) -> Removal:
        """A removal that is nobody else's."""
        return cls(truth, job, uuid.uuid4().hex)

    def remove(self) -> bool:
        """Remove the job if it has ended, or was never accepted. False if it has work to do, or is another sweep's.

        Raises: IntegrityError, JobNotFound if its records are damaged; StorageUnavailable.
        """
        decided = _leaves(self._store, self.job)
        self._claim()
        try:
            goes = (
                self._rests()
                if _is_indexed(self._store, self.job)
                else decided or not self._store.exists(f"active/{self.job}")
            )
        except BaseException:
            self._give_up()
            raise
        if not goes:
            self._give_up()
            return False
        return self._is_ours() and self._finish()

    @property
    def _store(self) -> Store:
        return self.truth.store

    def _claim(self) -> None:
        self._store.put(leaving_key(self.job), self.us.encode())

    def _is_ours(self) -> bool:
        try:
            return self._store.get(leaving_key(self.job)) == self.us.encode()
        except ObjectNotFound:
            return False

    def _give_up(self) -> None:
        if self._is_ours():
            self._store.delete(leaving_key(self.job))

    def _rests(self) -> bool:
        if self._store.exists(f"active/{self.job}"):
            return False
        return self.truth.is_over(self.job, self.truth.current(self.job).number)

    def _finish(self) -> bool:
        """Steps 3 to 5. False if another sweep took the job over."""
        spec = f"jobs/{self.job}/spec.json"
        self._store.delete(f"index/{self.job}")
        bulk = (key for key in self._keys() if not _is_record(key))
        records = (key for key in self._keys() if key != spec)
        if not (self._delete(bulk) and self._delete(records)):
            return False
        for key in (f"active/{self.job}", f"index/{self.job}", spec, leaving_key(self.job)):
            self._store.delete(key)
        return True

    def _keys(self) -> Iterator[str]:
        return (entry.key for entry in self._store.list(f"jobs/{self.job}/"))

    def _delete(self, keys: Iterator[str]) -> bool:
        """Delete them side by side, saying from time to time that we are at it. False if it is not ours any more."""
        with ThreadPoolExecutor(_DELETERS, thread_name_prefix="sweep") as pool:
            while some := list(islice(keys, _AT_ONCE)):
                if not self._is_ours():
                    return False
                self._claim()
                list(pool.map(self._store.delete, some))
        return self._is_ours()


def _is_record(key: str) -> bool:
    """Whether it tells what the job is and how it ended: the last to go."""
    name = key.split("/", 2)[2]
    return "/" not in name or name.startswith("generations/")


def _leaves(store: Store, job: str) -> bool:
    return store.exists(leaving_key(job))


def _is_indexed(store: Store, job: str) -> bool:
    return store.exists(f"index/{job}")


def _is_gone(store: Store, job: str) -> bool:
    """Whether no sweep is at the job any more, or not after a moment."""
    deadline = time.monotonic() + _PATIENCE_S
    while _leaves(store, job):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
