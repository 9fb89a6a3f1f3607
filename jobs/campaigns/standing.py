"""How campaigns stand: when they fire next, and what became of their last runs. For people and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from jobs.campaigns.book import Book
from jobs.campaigns.records import Campaign, Run
from jobs.ledger import Ledger
from jobs.status import status_of
from jobs.truth import Truth
from pipeline.errors import AtelierError, JobNotFound, TransientError

GONE = "gone"
"""State of a job that was swept."""

PLANNED, PUT_OFF, FAILED = "being planned", "put off", "failed"
"""States of a run that has no job: not yet, not yet for the reason that is told, and never."""


@dataclass(frozen=True)
class Last:
    """What became of a campaign's latest run."""

    at: datetime
    """What it was for, on the campaign's clock."""
    ordered: bool
    job: str
    """Empty if it has none."""
    state: str
    """The job's; of a run without one, see above."""
    why: str
    """Why it failed, or is put off."""


@dataclass(frozen=True)
class Standing:
    """A campaign at one moment."""

    campaign: Campaign
    next: datetime | None
    """On the campaign's clock; None if it is paused or over."""
    last: Last | None

    @property
    def state(self) -> str:
        """`on`, `paused`, or `over` if no time of it is to come."""
        return "paused" if self.campaign.is_paused else "on" if self.next else "over"

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        timing, last = self.campaign.timing, self.last
        told = None if last is None else {**last.__dict__, "at": last.at.isoformat()}
        return {
            "name": self.campaign.name,
            "kind": self.campaign.kind,
            "file": self.campaign.file,
            "folder": self.campaign.folder,
            "state": self.state,
            **timing.model_dump(),
            "said": timing.timetable.cron.said,
            "next": self.next.isoformat() if self.next else None,
            "last": told,
        }


def standings(
    truth: Truth, ledger: Ledger | None, at: datetime, tell: Callable[[str], object] = lambda problem: None
) -> list[Standing]:
    """Every campaign, by name. `tell`: as for `Book.campaigns`. Raises: StorageUnavailable, QueueUnavailable."""
    book = Book(truth)
    return [_standing(campaign, book, truth, ledger, at) for campaign in book.campaigns(tell)]


def upcoming(campaigns: list[Campaign], at: datetime, count: int) -> list[tuple[datetime, Campaign]]:
    """The next runs of all these together, on the clock of each."""

    def times(campaign: Campaign) -> Iterator[tuple[datetime, str, Campaign]]:
        timetable = campaign.timing.timetable
        for time in () if campaign.is_paused else timetable.after(at):
            yield time, campaign.name, campaign

    found = islice(merge(*map(times, campaigns), key=lambda row: row[:2]), count)
    return [(campaign.timing.timetable.local(time), campaign) for time, _, campaign in found]


def _standing(campaign: Campaign, book: Book, truth: Truth, ledger: Ledger | None, at: datetime) -> Standing:
    timetable = campaign.timing.timetable
    due = None if campaign.is_paused else timetable.first(at)
    run = book.last_run(campaign, at)
    last = None if run is None else outcome(run, campaign, book, truth, ledger)
    return Standing(campaign, None if due is None else timetable.local(due), last)


def outcome(run: Run, campaign: Campaign, book: Book, truth: Truth, ledger: Ledger | None) -> Last:
    """What became of a run."""
    ended = book.ended(run)
    if ended is None:
        attempt = book.attempt(run)
        why = attempt.error if attempt is not None else ""
        job, state = "", PUT_OFF if why else PLANNED
    elif ended.job:
        job, (state, why) = ended.job, _job_state(ended.job, truth, ledger)
    else:
        job, state, why = "", FAILED, ended.error
    return Last(campaign.timing.timetable.local(run.at), run.ordered, job, state, why)


def _job_state(job: str, truth: Truth, ledger: Ledger | None) -> tuple[str, str]:
    try:
        status = status_of(job, truth, ledger)
    except TransientError:
        raise
    except JobNotFound:
        return GONE, ""
    except AtelierError as error:
        return "damaged", str(error)
    return status.state, status.error
