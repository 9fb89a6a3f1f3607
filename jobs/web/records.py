"""A job's records for who looks at many of its frames: what does not change is read once, what does once a second."""

from __future__ import annotations

from jobs.records import Generation, Plan, Receipt, Result
from jobs.truth import Truth
from jobs.web.memory import Memory
from jobs.web.roster import Roster

_RECEIPTS = 512
_LISTS = 64
"""Of a number for each of a job's chunks."""
_JOBS = 4096


class KnownTruth(Truth):
    """The records of every job in one store. What is remembered may be some seconds old."""

    def __init__(self, truth: Truth, roster: Roster) -> None:
        super().__init__(truth.store, truth.shelf.create_bytes)
        self._roster = roster
        # It may be dropped, because what it names is gone.
        self._receipts: Memory[Receipt] = Memory(_RECEIPTS, lasts_s=10)
        # Swept, and submitted again, it has another.
        self._submitted: Memory[str] = Memory(_JOBS, lasts_s=60)
        self._results: Memory[Result] = Memory(_JOBS, lasts_s=10)
        self._generations: Memory[list[Generation]] = Memory(_JOBS, lasts_s=1)
        self._counting: Memory[list[int | None]] = Memory(_LISTS, lasts_s=2)
        self._newest_of: Memory[list[int | None]] = Memory(_LISTS, lasts_s=2)
        self._ended: Memory[list[int | None]] = Memory(_LISTS, lasts_s=60)

    def plan(self, job: str) -> Plan:
        """The job's plan. Raises: JobNotFound."""
        return self._roster.plan(job)

    def submitted_at(self, job: str) -> str:
        """When the job was accepted. Raises: JobNotFound."""
        return self._submitted.get(job, lambda: super(KnownTruth, self).submitted_at(job))

    def generations(self, job: str) -> list[Generation]:
        """Every generation of a job, the first one first."""
        return self._generations.get(job, lambda: super(KnownTruth, self).generations(job))

    def receipt(self, job: str, chunk: int, generation: int) -> Receipt | None:
        """A chunk's receipt, if it is done."""
        key = job, chunk, generation
        found = self._receipts.peek(key)
        if found is None and (found := super().receipt(job, chunk, generation)) is not None:
            self._receipts.put(key, found)
        return found

    def result(self, job: str, generation: int) -> Result | None:
        """The finished job, if it is."""
        found = self._results.peek((job, generation))
        if found is None and (found := super().result(job, generation)) is not None:
            self._results.put((job, generation), found)
        return found

    def counting(self, job: str, chunks: int) -> list[int | None]:
        """For each chunk, the generation of the receipt that counts. None: not done."""
        current = self.current(job).number
        memory = self._ended if self.result(job, current) is not None else self._counting
        return memory.get((job, current), lambda: super(KnownTruth, self).counting(job, chunks))

    def newest(self, job: str, chunks: int) -> list[int | None]:
        """For each chunk, the generation of its newest receipt. None: no receipt."""
        current = self.current(job).number
        if self.result(job, current) is not None:
            # All are done, so the newest ones count.
            return self.counting(job, chunks)
        return self._newest_of.get((job, current), lambda: super(KnownTruth, self).newest(job, chunks))

    def receipt_that_counts(self, plan: Plan, chunk: int) -> Receipt | None:
        """One chunk's receipt, if it is done. Reads that one, and lists none."""
        return self._newest(plan.job, chunk, since=self._wanted(plan.job, chunk))

    def newest_receipt(self, job: str, chunk: int) -> Receipt | None:
        """One chunk's receipt, or the one from before it was ordered again."""
        return self._newest(job, chunk, since=1)

    def is_outdated(self, receipt: Receipt) -> bool:
        """Whether the chunk was ordered again since."""
        return receipt.generation < self._wanted(receipt.job, receipt.chunk)

    def _wanted(self, job: str, chunk: int) -> int:
        naming = (each.number for each in self.generations(job) if each.chunks is None or chunk in each.chunks)
        return max(naming, default=1)

    def _newest(self, job: str, chunk: int, *, since: int) -> Receipt | None:
        for generation in range(self.current(job).number, since - 1, -1):
            if (found := self.receipt(job, chunk, generation)) is not None:
                return found
        return None
