"""One try to deliver a notice: when it is due, who makes it, and what an answer means."""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import datetime

from jobs.config import Settings
from jobs.logs import work
from jobs.metrics.tally import count
from jobs.records import Notice, NoticeAnswer, NoticeTry
from jobs.truth import Truth, now
from jobs.webhooks.outbox import Outbox, Tried
from jobs.webhooks.reach import reach
from jobs.webhooks.sign import header
from pipeline.addresses import shown
from pipeline.errors import InputError, ServiceUnavailable
from pipeline.post import post

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 6 * 3600.0
_JITTER = 0.5
"""Share of a pause that differs from notice to notice: many that failed together do not come again together."""

_GRACE_S = 5.0
"""By how much a try without an answer may outlast its timeout, before another one is begun."""

_GONE = 410
"""A server says so of an address that it wants to be told nothing at any more."""


def due_at(notice: Notice, last: Tried | None, config: Settings) -> float:
    """When the next try is due, in seconds since the epoch; infinite if there is none."""
    if last is None:
        return 0.0
    if last.answer is not None and last.answer.is_final:
        return float("inf")
    pause_s = pause(notice, last.number, config)
    if last.answer is None:
        pause_s = max(pause_s, config.webhook_timeout_s + _GRACE_S)
    return datetime.fromisoformat(last.begun.at).timestamp() + pause_s


def pause(notice: Notice, number: int, config: Settings) -> float:
    """Seconds between that try and the next: doubled each time, less a part that is the notice's own."""
    whole_s = min(_LONGEST_PAUSE_S, config.webhook_pause_s * 2 ** (number - 1))
    share = hashlib.sha256(f"{notice.delivery} {number}".encode()).digest()[0] / 255
    return whole_s * (1 - _JITTER * share)


class Courier:
    """Delivers notices, one try at a time. Safe among threads, and beside any number of others."""

    def __init__(self, truth: Truth, config: Settings, *, by: str) -> None:
        """`by`: who we are, as records say it."""
        self.outbox = Outbox(truth)
        self._config, self._by = config, by

    def deliver(self, notice: Notice, *, timeout_s: float | None = None, early: bool = False) -> NoticeAnswer | None:
        """Try once, if a try is due (or `early`: if there is another one to make), and nobody else makes it.

        None if there was nothing to do. A try that fails raises nothing.
        Raises: StorageUnavailable and the like, of the job store.
        """
        last = self.outbox.last(notice)
        when = due_at(notice, last, self._config)
        if when == float("inf"):
            self.outbox.settle(notice.job, notice.name)
            return None
        is_under_way = last is not None and last.answer is None
        if when > time.time() and (is_under_way or not early):
            return None
        number = last.number + 1 if last is not None else 1
        if not self.outbox.begin(notice, number, NoticeTry(at=now(), by=self._by)):
            return None
        answer = self._tried(notice, number, min(timeout_s or float("inf"), self._config.webhook_timeout_s))
        self.outbox.end(notice, number, answer)
        if answer.is_final:
            self.outbox.settle(notice.job, notice.name)
        _log(notice, number, answer)
        return answer

    def _tried(self, notice: Notice, number: int, timeout_s: float) -> NoticeAnswer:
        began = time.monotonic()
        status, error = None, ""
        is_hopeless = number >= self._config.webhook_tries
        try:
            status = self._sent(notice, timeout_s)
        except ServiceUnavailable as failure:
            error = str(failure)
        except InputError as failure:
            error, is_hopeless = str(failure), True
        is_delivered = status is not None and 200 <= status < 300
        if status is not None and not is_delivered:
            error = f"{shown(notice.url)}: answers {status}"
        return NoticeAnswer(
            at=now(),
            status=status,
            error=error,
            is_final=is_delivered or is_hopeless or status == _GONE,
            seconds=round(time.monotonic() - began, 3),
        )

    def _sent(self, notice: Notice, timeout_s: float) -> int:
        body = notice.body.encode()
        headers = {
            "Content-Type": "application/json",
            "Atelier-Event": notice.event,
            "Atelier-Delivery": notice.delivery,
            **header(self._config, body, int(time.time())),
        }
        # What it answers besides the status is its own affair, and never read.
        return post(
            notice.url,
            body,
            headers,
            timeout_s=timeout_s,
            most_bytes=0,
            may_reach=reach(notice.url, self._config),
        ).status


def _log(notice: Notice, number: int, answer: NoticeAnswer) -> None:
    outcome = "told" if not answer.error else "given_up" if answer.is_final else "put_off"
    count("atelier_notices_total", event=notice.event, outcome=outcome)
    # Whoever tells it may be at another job meanwhile.
    with work.at(notice.job):
        if not answer.error:
            log.info("%s: told %s that it is %s", notice.job, shown(notice.url), notice.event)
        elif answer.is_final:
            log.error("%s: %s; given up after %d tries", notice.job, answer.error, number)
        else:
            log.warning("%s: %s; tried again later", notice.job, answer.error)
