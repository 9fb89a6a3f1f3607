"""The reconciler's sweeps of the store: in a thread beside its looks, one for all reconcilers of a deployment."""

from __future__ import annotations

import json
import logging
import threading
import time

from jobs.config import Settings
from jobs.sweep import Report, Sweep
from jobs.truth import Truth, now
from pipeline.errors import AtelierError

log = logging.getLogger(__name__)

LAST = "swept.json"
"""Where the store keeps when it was swept last, and what that removed."""


class Sweeper:
    """Sweeps the store every `sweep_every_h`, however often it is asked."""

    def __init__(self, truth: Truth, config: Settings) -> None:
        self._truth, self._config = truth, config
        self._every_s = config.sweep_every_h * 3600
        self._thread: threading.Thread | None = None

    def tick(self) -> None:
        """Begin to sweep if it is time, in a thread that the end of the process may break off. Never waits for it.

        Raises: TransientError if the store is away.
        """
        if not self._every_s or self._is_at_it() or not self._is_due():
            return
        # Said before it is done: other reconcilers leave it to us.
        self._say(None)
        self._thread = threading.Thread(target=self._sweep, name="sweep", daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until the sweep has ended, if there is one."""
        if self._thread is not None:
            self._thread.join()

    def _is_at_it(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _is_due(self) -> bool:
        """Whether the last sweep was long ago, or is said to come: then somebody's clock was wrong."""
        last = next((entry.modified for entry in self._truth.store.list(LAST)), 0.0)
        return not 0 <= time.time() - last + _SKEW_S < self._every_s + _SKEW_S

    def _sweep(self) -> None:
        try:
            older_than_s = self._config.sweep_after_h * 3600
            report = Sweep(self._truth, older_than_s=older_than_s, keep_days=self._config.keep_days).run()
            self._say(report)
        except AtelierError as error:
            log.warning("not swept to the end: %s", error)
            return
        for sentence in report.left:
            log.warning("%s", sentence)
        log.info("swept: %s", report.as_json()["swept"])

    def _say(self, report: Report | None) -> None:
        body = {"begun" if report is None else "ended": now()} | (report.as_json() if report else {})
        self._truth.store.put(LAST, json.dumps(body, indent=1).encode())


_SKEW_S = 60.0
"""By how much the store's clock may be ahead of ours."""
