"""A run that people order, beside the schedule."""

from __future__ import annotations

import os
import uuid
from datetime import datetime

from jobs.campaigns.book import Book
from jobs.campaigns.firing import fire
from jobs.campaigns.records import Run
from jobs.config import host_name
from jobs.session import Session
from pipeline.errors import AtelierError, ConfigError, InputError, TransientError, Untimely


def order(name: str, session: Session, at: datetime) -> str:
    """Fire a campaign now, paused or not; gives the job.

    Raises: InputError if there is no such campaign, or it cannot be planned; TransientError, after which a scheduler
    tries it again.
    """
    book = Book(session.truth)
    campaign = book.campaign(name)
    run = Run(name, at.replace(microsecond=0), ordered=True)
    us = f"{host_name()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
    if not book.claim(run, version=campaign.number, by=us, at=at):
        raise Untimely(f"campaign {name} was fired by somebody else in this very second; look at `atelier jobs`")
    try:
        ended = fire(run, campaign.number, book, session)
    except (TransientError, ConfigError) as error:
        _leave_to_schedulers(run, error, book)
        raise type(error)(f"{error}; a scheduler tries this run again") from error
    book.close(run)
    if not ended.job:
        raise InputError(ended.error)
    return ended.job


def _leave_to_schedulers(run: Run, error: AtelierError, book: Book) -> None:
    attempt = book.attempt(run)
    if attempt is not None:
        book.put_attempt(run, attempt.model_copy(update={"number": 1, "error": str(error)}))
