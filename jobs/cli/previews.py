"""Where the newest preview of a training lies, while it goes on."""

from __future__ import annotations

import time

from jobs.config import settings
from jobs.records import Plan
from jobs.snapshot import Snapshot
from jobs.truth import Truth
from pipeline.errors import AtelierError
from pipeline.storage import open_store

_EVERY_S = 5.0
_TRAININGS = ("train-style", "train-gan", "train-vae", "train-motion")


class NewestPreview:
    """Looks for a training's newest preview, now and then."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._next = 0.0
        self._place = ""

    def __call__(self, snapshot: Snapshot | None) -> str:
        """Its path or address; empty for other kinds, and before there is one."""
        if self._plan.kind not in _TRAININGS or snapshot is None or time.monotonic() < self._next:
            return self._place
        self._next = time.monotonic() + _EVERY_S
        try:
            self._place = self._newest() or self._place
        except AtelierError:
            # Only a hint. That the store is away is told by who follows the job.
            return self._place
        return self._place

    def _newest(self) -> str:
        config = settings()
        store = open_store(config.store, config.store_options())
        folder = Truth.attempt(self._plan.job, 0, 0).rpartition("/")[0]
        found = [
            (int(token), name)
            for token, _, name in (entry.key[len(folder) + 1 :].partition("/") for entry in store.list(f"{folder}/"))
            if name.startswith(f"{self._plan.kept}-")
        ]
        if not found:
            return ""
        token, name = max(found)
        return f"{store.url.rstrip('/')}/{folder}/{token}/{name}"
