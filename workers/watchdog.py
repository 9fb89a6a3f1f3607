"""Workers that live and say nothing: a library that never lets go of Python's lock, a stopped process.

Such a worker renews no lease, so its chunk is another's soon; only its place stays taken. Its supervisor kills it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

SILENT_S = 60.0
"""A worker reports itself every few seconds; one that has done so and then says nothing for so long is frozen."""


class Watchdog:
    """Remembers when each worker was last heard of."""

    def __init__(self) -> None:
        self._heard: dict[str, float] = {}

    def frozen(self, running: Iterable[str], present: Iterable[str]) -> list[str]:
        """Of the slots whose processes run, those that are silent; `present` are those that the ledger knows now."""
        now, here = time.monotonic(), set(present)
        heard = self._heard | dict.fromkeys(here, now)
        self._heard = {slot: heard[slot] for slot in running if slot in heard}
        return sorted(slot for slot, at in self._heard.items() if now - at > SILENT_S)

    def deaf(self) -> None:
        """Redis does not answer: nobody can be heard, and nobody is to blame."""
        self._heard = dict.fromkeys(self._heard, time.monotonic())
