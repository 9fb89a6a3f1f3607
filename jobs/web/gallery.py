"""The gallery: every picture that was made for its own sake, those of the newest jobs first.

Thousands of jobs have millions of pictures. A page looks at jobs only until it is full, or its time is over.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.kinds import kind_of
from jobs.records import Blob, Plan, Receipt
from jobs.status import seconds
from jobs.web.facts import KINDS, Told, exhibited, teller
from jobs.web.records import KnownTruth
from jobs.web.roster import Listed, Roster
from pipeline.errors import IntegrityError, JobNotFound

_LOOKS_S = 1.0
"""After so long a page is given as it is."""

Place = tuple[float, str, int]
"""Where a page begins: when a job was submitted, its name, and a frame counted from 0."""


@dataclass(frozen=True)
class Wanted:
    """What a picture must be to be shown."""

    kind: str = ""
    words: tuple[str, ...] = ()
    """In small letters; each must stand somewhere in what is known of it."""
    model: str = ""
    """In small letters: part of its model's, style's or template's name."""

    def fits(self, plan: Plan, told: Told) -> bool:
        """Whether a picture is wanted."""
        if self.model and self.model not in f"{plan.style} {told.facts.get('model', '')}".casefold():
            return False
        text = " ".join((plan.job, plan.kind, plan.style, plan.stem, told.title, *told.facts.values())).casefold()
        tokens = set(re.findall(r"\w+", text))
        # Of seeds, 4 is not part of 40.
        return all(word in tokens if word.isdigit() else word in text for word in self.words)


@dataclass(frozen=True)
class Hung:
    """A picture in the gallery."""

    plan: Plan
    frame: int
    told: Told
    blob: Blob
    made: float | None
    """When, in seconds since the epoch."""


@dataclass(frozen=True)
class Room:
    """A page of the gallery."""

    pictures: list[Hung]
    next: Place | None
    """Where the next one begins; None: this is the last."""


class Gallery:
    """The pictures of one store. Any threads may use it."""

    def __init__(self, truth: KnownTruth, roster: Roster) -> None:
        self._truth, self._roster = truth, roster

    def room(self, wanted: Wanted, *, limit: int, place: Place | None = None) -> Room:
        """A page of at most `limit` pictures. Raises: StorageUnavailable, AccessDenied."""
        ends, found = time.monotonic() + _LOOKS_S, list[Hung]()
        for listed, begin in self._jobs(wanted, place):
            for frame, hung in self._of_job(listed.job, begin, wanted):
                if len(found) == limit or (time.monotonic() > ends and (listed.submitted, listed.job, frame) != place):
                    return Room(found, (listed.submitted, listed.job, frame))
                if hung is not None:
                    found.append(hung)
        return Room(found, None)

    def picture(self, plan: Plan, frame: int) -> Hung | None:
        """A picture that is there: of a frame that was ordered again, the one before until the new one is."""
        receipt = self._truth.newest_receipt(plan.job, plan.chunk_of(frame))
        return None if receipt is None else _hung(plan, frame, teller(plan)(frame), receipt)

    def _jobs(self, wanted: Wanted, place: Place | None) -> Iterator[tuple[Listed, int]]:
        """The jobs from a place on, and which of their frames to begin with."""
        for listed in self._roster.newest_first():
            kind = kind_of(listed.job)
            if kind not in KINDS or (wanted.kind and kind != wanted.kind):
                continue
            if place is not None and (-listed.submitted, listed.job) < (-place[0], place[1]):
                continue
            yield listed, place[2] if place is not None and listed.job == place[1] else 0

    def _of_job(self, job: str, begin: int, wanted: Wanted) -> Iterator[tuple[int, Hung | None]]:
        """Each frame that is looked at, and its picture if it is to be shown; first of all the one to begin with."""
        try:
            plan = self._roster.plan(job)
            newest = self._truth.newest(job, len(plan.chunks))
            tell, pictured = teller(plan), exhibited(plan)
        except (JobNotFound, IntegrityError):
            # Swept since it was listed, damaged, or another version's: the list of jobs says so.
            return
        begin = max(0, begin)
        yield begin, None
        for chunk in range(plan.chunk_of(min(begin, plan.frames - 1)), len(plan.chunks)):
            generation = newest[chunk]
            receipt = None if generation is None else self._truth.receipt(job, chunk, generation)
            if receipt is None:
                continue
            for frame in range(max(begin, receipt.start), receipt.stop):
                if frame in pictured:
                    told = tell(frame)
                    yield frame, _hung(plan, frame, told, receipt) if wanted.fits(plan, told) else None


def _hung(plan: Plan, frame: int, told: Told, receipt: Receipt) -> Hung | None:
    place = frame - receipt.start
    if frame in receipt.bad or place >= len(receipt.frames):
        return None
    made = seconds(receipt.finished_at) if receipt.finished_at else None
    return Hung(plan, frame, told, receipt.frames[place], made)
