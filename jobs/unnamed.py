"""Models and files in the store that no job names any more.

A submitter finds a model there, does not upload it again, and names it a moment later. So a sweep looks for new jobs
before it deletes one, and again afterwards, and then puts it back; and a submitter looks whether it is there once its
job is written down (submit.py). Whoever looks last sees the other.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from jobs.truth import Truth
from pipeline.errors import JobNotFound, ObjectNotFound
from pipeline.storage.base import Entry

_PREFIXES = ("models/", "files/")


class Unnamed:
    """What is old among models and files: some of it may be named by no job."""

    def __init__(self, truth: Truth, *, before: float) -> None:
        """`before`: what was written later stays; seconds since the epoch."""
        self._truth, self._store = truth, truth.store
        listed = (entry for prefix in _PREFIXES for entry in truth.store.list(prefix))
        self._old = [entry for entry in listed if entry.modified <= before]
        self._named: dict[str, set[str]] = {}

    def remove(self, *, besides: Collection[str] = (), dry_run: bool = False) -> list[Entry]:
        """Remove those that no job names; gives them. `dry_run` only looks, as if the jobs `besides` were gone.

        Raises: IntegrityError if a plan cannot be read; then nothing is removed, for it may name any.
        """
        if not self._old:
            return []
        unnamed = [entry for entry in self._old if not self._is_named(entry.key, besides)]
        return unnamed if dry_run else [entry for entry in unnamed if self._delete(entry.key)]

    def _is_named(self, key: str, besides: Collection[str] = ()) -> bool:
        """Whether a job names it, of those that are there at this moment."""
        jobs = set(self._truth.jobs()) - set(besides)
        for job in jobs - self._named.keys():
            self._named[job] = self._names(job)
        return any(key in self._named[job] for job in jobs)

    def _names(self, job: str) -> set[str]:
        try:
            return self._truth.plan(job).shared
        except JobNotFound:
            return set()

    def _delete(self, key: str) -> bool:
        """Delete it if it is still not named. Whether it is gone, and not by another sweep."""
        with TemporaryDirectory(prefix="atelier-sweep-") as folder:
            kept = Path(folder) / "kept"
            try:
                self._store.download(key, kept)
            except ObjectNotFound:
                return False
            if self._is_named(key):
                return False
            self._store.delete(key)
            if self._is_named(key):
                self._store.upload(kept, key)
                return False
        return True
