"""Whose turn it is to be looked at closely: a look of the reconciler costs the same, however many receipts there are.

Listing the receipts of every job at every look would make a farm's cost a chunk grow with its chunks. What a worker's
death or a lost message leaves behind is seen in the ledger and looked at at once; turns are for what nobody expects.
"""

from __future__ import annotations

from collections.abc import Mapping

A_LOOK = 5_000
"""Receipts that one look may list: a fiftieth of a second on a local disk, some seconds on a distant object store."""

A_JOB = 100
"""What else of a job is read costs as much as listing so many receipts."""


class Turns:
    """Remembers who was looked at when. The first look of all is at every job."""

    def __init__(self) -> None:
        self._last: dict[str, int] | None = None
        self._look = 0
        self._credit = 0

    def choose(self, receipts: Mapping[str, int]) -> set[str]:
        """The jobs to look at now; `receipts` says how many each has, about.

        A job larger than what one look may list has its turn all the same, and those after it wait the longer.
        """
        self._look += 1
        if self._last is None:
            self._last = dict.fromkeys(receipts, self._look)
            return set(receipts)
        self._last = {job: self._last.get(job, 0) for job in receipts}
        self._credit = min(A_LOOK, self._credit + A_LOOK)
        chosen = set()
        for job in sorted(receipts, key=self._last.__getitem__):
            if self._credit <= 0:
                break
            self._credit -= A_JOB + receipts[job]
            self._last[job] = self._look
            chosen.add(job)
        return chosen
