"""One run of a campaign: it is planned, decided, submitted, and its end is written down.

Any number of schedulers may do this for one run, at once or one after the other's death: the first plan that is written
down is the only job that is ever submitted for it, and submitting that twice is submitting it once.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from jobs.campaigns.book import Book
from jobs.campaigns.occasion import Occasion
from jobs.campaigns.records import Campaign, Ended, Intent, Run
from jobs.confine import confined
from jobs.desk import Desk
from jobs.draft import draft
from jobs.session import Session
from jobs.spec import canonical, parse
from jobs.submit import submit_planned
from jobs.truth import Truth
from pipeline.errors import AtelierError, ConfigError, InputError, JobNotFound, TransientError

log = logging.getLogger(__name__)


def fire(run: Run, version: int, book: Book, session: Session) -> Ended:
    """Make a run what it is to be: a job, or a reason why not. The run is then to be closed.

    `version`: of the campaign, when the run was claimed.
    Raises: TransientError, ConfigError for what may go better later; nothing is decided then.
    """
    ended = book.ended(run)
    if ended is not None:
        return ended
    try:
        campaign = _campaign(run, version, book)
        job = _submitted(run, campaign, book, session)
        ended = Ended(job=job, at=datetime.now(UTC)) if job else book.ended(run)
    except (TransientError, ConfigError):
        raise
    except AtelierError as error:
        ended = Ended(error=_one_line(error), at=datetime.now(UTC))
    except Exception as error:
        log.exception("%s cannot be planned", run.token)
        ended = Ended(error=f"{_one_line(error)} ({type(error).__name__}; a bug in Atelier)", at=datetime.now(UTC))
    assert ended is not None
    book.end(run, ended)
    return ended


def give_up(run: Run, why: str, book: Book) -> None:
    """End a run that has no job, and will have none."""
    book.end(run, Ended(error=why, at=datetime.now(UTC)))


def _campaign(run: Run, version: int, book: Book) -> Campaign:
    """The campaign as it was when the run was claimed. Raises: InputError if that one is there no more."""
    campaign, head = book.version(run.campaign, version), book.find(run.campaign)
    if head is None or head.life != campaign.life:
        raise InputError("the campaign was removed before this run of it was submitted")
    return campaign


def _submitted(run: Run, campaign: Campaign, book: Book, session: Session) -> str:
    """The run's job, which is accepted now. Empty if somebody else has ended the run meanwhile."""
    intent = book.intent(run) or book.intend(run, _planned(run, campaign, session))
    if book.ended(run) is not None:
        # The plan that counted is gone with it, and ours came too late.
        return ""
    job = intent.plan.job
    if not _is_accepted(job, session.truth):
        with confined(campaign.within):
            submit_planned(intent.spec, intent.plan, session.truth, session.ledger, session.queue, session.config)
    return job


def _planned(run: Run, campaign: Campaign, session: Session) -> Intent:
    local = campaign.timing.timetable.local(run.at)
    occasion = Occasion.scheduled(run.campaign, local, ordered=run.ordered)
    with confined(campaign.within):
        spec, located = parse(campaign.text, path=campaign.file, folder=Path(campaign.folder), occasion=occasion)
        begun = draft(spec, located, session.config, token=run.token)
        whole = begun.completed(Desk(session.config, session.truth, may_ask=True))
    return Intent(spec=canonical(whole.spec), plan=whole.plan)


def _is_accepted(job: str, truth: Truth) -> bool:
    """Whether a job was accepted to the end. What became of it since is its user's affair: it may be cancelled."""
    if truth.store.exists(f"active/{job}"):
        return True
    try:
        return truth.is_over(job, truth.current(job).number)
    except JobNotFound:
        return False


def _one_line(error: Exception) -> str:
    return "; ".join(str(error).splitlines()) or type(error).__name__
