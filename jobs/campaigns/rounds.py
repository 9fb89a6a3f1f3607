"""What a scheduler does: look which runs are due, claim them, and fire those that are its own to fire.

Any number may look at once, and nothing that one of them remembers counts: the store says which runs are claimed, and
which of them are open. One look:

    1. Redis answers, else nothing is claimed; what passes meanwhile is caught up as the campaign says
    2. of each campaign, the times that passed since the last look are claimed, as `catch_up` says
    3. open runs whose scheduler has been silent for `lease_s` are ours now, and so are those whose retry is due

Silence is measured by this process' own clock, from when it first saw what the other wrote last: clocks may differ.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from jobs.campaigns.book import Book
from jobs.campaigns.firing import fire, give_up
from jobs.campaigns.records import Attempt, Campaign, Run
from jobs.metrics.tally import count
from jobs.session import Session
from pipeline.errors import AccessDenied, AtelierError, ConfigError, TransientError

log = logging.getLogger(__name__)

LATE = timedelta(minutes=5)
"""What is found later than this was missed, and `catch_up: skip` leaves it out. Starting a scheduler takes a while."""

_AT_ONCE = 50
"""Runs of one campaign that one look claims: others have their turn."""

_MOST_DEATHS = 3
"""Schedulers that a run may take with it before nobody plans it any more."""

_GIVEN_UP = timedelta(days=1)
"""For how long what may go better later is tried again."""

_FIRST_RETRY_S, _LONGEST_RETRY_S = 10.0, 600.0

_SKEW = timedelta(minutes=1)
"""By how much our clock may have gone back without anything being amiss."""


@dataclass
class _Slate:
    """What this process knows of a campaign; to be found out again at any time."""

    campaign: Campaign
    decided: datetime
    """The times up to this moment are claimed, or left out."""
    next: datetime | None
    """The first time after that."""


@dataclass
class _Seen:
    """An open run as we saw it last."""

    attempt: Attempt
    since: float
    """When we saw it so first, by our own clock."""


class Rounds:
    """The looks of one scheduler. `look` is for one thread, the others for any."""

    def __init__(
        self,
        session: Session,
        *,
        us: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`us`: what no other scheduler is called."""
        self._session, self._book, self._us = session, Book(session.truth), us
        self._clock, self._monotonic = clock, monotonic
        self._slates: dict[str, _Slate] = {}
        self._seen: dict[Run, _Seen] = {}
        self._given: set[Run] = set()
        """Runs that were given out to be fired, and are not done with."""
        self._put_off: set[Run] = set()
        """Runs of ours that are to be tried again."""
        self._firing: dict[Run, Attempt] = {}
        self._lock = threading.Lock()
        """Held while it is written that we are at a run, or no longer."""

    @property
    def next(self) -> datetime | None:
        """When the next run is due, as far as the last look knows."""
        return min((slate.next for slate in self._slates.values() if slate.next is not None), default=None)

    def look(self, give: Callable[[Run], object]) -> None:
        """One look. `give` is called with each run that is to be fired by us, as soon as it is ours.

        Raises: TransientError, ConfigError if Redis or the store is away, or refuses us.
        """
        self._session.ledger.ping()
        newest = self._book.newest()
        self._slates = {name: slate for name, slate in self._slates.items() if name in newest}
        for name, number in newest.items():
            with _others_unaffected(f"campaign {name}"):
                self._claim_due(self._slate(name, number), give)
        self._take_open(give)

    def fire(self, run: Run) -> None:
        """Fire a run that was given, and say in the log how it ended."""
        try:
            attempt = self._begin(run)
            if attempt is not None:
                self._fire(run, attempt)
        except AtelierError as error:
            # It stays open, and is taken up again.
            log.warning("%s: %s", run.token, error)
        finally:
            self._given.discard(run)

    def breathe(self) -> None:
        """Say that we live, of each run that we are firing. To be called a few times in `lease_s`."""
        with self._lock:
            for run, attempt in self._firing.items():
                self._book.put_attempt(run, attempt.model_copy(update={"at": self._clock()}))

    # What is due

    def _slate(self, name: str, number: int) -> _Slate:
        slate = self._slates.get(name)
        if slate is None or slate.campaign.number != number:
            slate = self._slates[name] = self._fresh(self._book.version(name, number))
        elif slate.decided > self._clock() + _SKEW:
            log.warning("campaign %s: the clock has gone back; looking again what is due", name)
            slate = self._slates[name] = self._fresh(slate.campaign)
        return slate

    def _fresh(self, campaign: Campaign) -> _Slate:
        """A slate with nothing on it but what the store says."""
        decided = campaign.since
        if campaign.timing.catch_up == "all" and not campaign.is_idle:
            # Claimed one after the other, so that none is missing before the last.
            last = self._book.last_run(campaign, self._clock(), ordered=False)
            decided = decided if last is None else max(decided, last.at)
        return _Slate(campaign, decided, _first(campaign, decided))

    def _claim_due(self, slate: _Slate, give: Callable[[Run], object]) -> None:
        campaign = slate.campaign
        for at in self._due(slate):
            run = Run(campaign.name, at)
            if self._book.claim(run, version=campaign.number, by=self._us, at=self._clock()):
                late = self._clock() - at
                log.info("%s: due%s", run.token, f" {late} ago" if late > LATE else "")
                self._give(run, give)
            slate.decided = at
            slate.next = _first(campaign, at)

    def _due(self, slate: _Slate) -> list[datetime]:
        """The times to claim now, the oldest first."""
        now = self._clock()
        if slate.next is None or slate.next > now:
            return []
        timing = slate.campaign.timing
        if timing.catch_up == "all":
            return list(islice(timing.timetable.between(slate.decided, now), _AT_ONCE))
        latest = timing.timetable.latest(slate.decided, now)
        if latest is not None and timing.catch_up == "skip" and now - latest > LATE:
            slate.decided, slate.next = latest, _first(slate.campaign, latest)
            return []
        return [] if latest is None else [latest]

    # What is open

    def _take_open(self, give: Callable[[Run], object]) -> None:
        """Give out open runs: those of ours that are to be tried again, and those of schedulers that are silent."""
        open_ = [run for run in self._book.open() if run not in self._given]
        held = {run for run in open_ if not run.ordered and self._is_paused(run.campaign)}
        self._seen = {run: self._seen[run] for run in open_ if run in self._seen and run not in held}
        self._put_off &= set(open_)
        for run in open_:
            if run not in held:
                with _others_unaffected(run.token):
                    self._take(run, give)

    def _is_paused(self, name: str) -> bool:
        slate = self._slates.get(name)
        return slate is not None and slate.campaign.is_paused

    def _take(self, run: Run, give: Callable[[Run], object]) -> None:
        attempt = self._book.attempt(run)
        if attempt is None or not self._is_free(run, attempt):
            return
        died = attempt.by != self._us and attempt.number > 0 and not attempt.error
        attempt = attempt.model_copy(update={"by": self._us, "deaths": attempt.deaths + died, "at": self._clock()})
        if not self._is_worth_it(run, attempt):
            self._book.close(run)
            return
        self._book.put_attempt(run, attempt)
        self._give(run, give)

    def _is_free(self, run: Run, attempt: Attempt) -> bool:
        """Whether its retry is due, or whoever is at it has been silent for too long."""
        seen = self._seen.get(run)
        if seen is None or seen.attempt != attempt:
            seen = self._seen[run] = _Seen(attempt, self._monotonic())
        silent_s = 0.0 if run in self._put_off else self._session.config.lease_s
        return self._monotonic() - seen.since >= attempt.retry_s + silent_s

    def _is_worth_it(self, run: Run, attempt: Attempt) -> bool:
        """Whether there is to be another attempt. If not, that is written down."""
        if self._book.ended(run) is not None:
            return False
        claim = self._book.claimed(run)
        if claim is None:
            # Whoever opened it died before they claimed it.
            self._book.claim(run, version=attempt.version, by=self._us, at=self._clock())
        elif attempt.deaths >= _MOST_DEATHS:
            give_up(run, f"{attempt.deaths} schedulers died while they planned it; look at their logs", self._book)
            return False
        elif attempt.error and self._clock() - claim.at > _GIVEN_UP:
            give_up(run, f"given up after a day: {attempt.error}", self._book)
            return False
        return True

    # What is ours

    def _give(self, run: Run, give: Callable[[Run], object]) -> None:
        self._given.add(run)
        self._put_off.discard(run)
        give(run)

    def _begin(self, run: Run) -> Attempt | None:
        """Say that we are at it. None if it has ended, or another has taken it while it waited for its turn."""
        before = self._book.attempt(run)
        if before is None or before.by != self._us:
            return None
        update = {"number": before.number + 1, "error": "", "retry_s": 0.0, "at": self._clock()}
        attempt = before.model_copy(update=update)
        with self._lock:
            self._book.put_attempt(run, attempt)
            self._firing[run] = attempt
        return attempt

    def _fire(self, run: Run, attempt: Attempt) -> None:
        ended, after = None, None
        try:
            ended = fire(run, attempt.version, self._book, self._session)
            count("atelier_campaign_runs_total", outcome="submitted" if ended.job else "failed")
            log.info("%s: %s", run.token, f"{ended.job} is submitted" if ended.job else f"failed: {ended.error}")
        except (TransientError, ConfigError) as error:
            retry_s = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2 ** min(attempt.number - 1, 10))
            log.warning("%s: %s; tried again in %.0f s", run.token, error, retry_s)
            count("atelier_campaign_runs_total", outcome="put_off")
            after = attempt.model_copy(update={"error": str(error), "retry_s": retry_s})
            self._put_off.add(run)
        finally:
            with self._lock:
                # From here on no breath of ours may open it again.
                del self._firing[run]
                if ended is not None:
                    self._book.close(run)
                elif after is not None:
                    self._book.put_attempt(run, after)


def _first(campaign: Campaign, after: datetime) -> datetime | None:
    return None if campaign.is_idle else campaign.timing.timetable.first(after)


@contextmanager
def _others_unaffected(what: str) -> Iterator[None]:
    """A campaign whose records are damaged holds up no other."""
    try:
        yield
    except (TransientError, ConfigError, AccessDenied):
        raise
    except AtelierError as error:
        log.error("%s cannot be used: %s", what, error)
