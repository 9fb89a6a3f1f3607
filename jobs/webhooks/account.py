"""What became of a job's notices, as people and scripts want to know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jobs.config import Settings
from jobs.records import Notice
from jobs.status import seconds
from jobs.truth import Truth
from jobs.webhooks.courier import due_at
from jobs.webhooks.outbox import Outbox, Tried
from pipeline.addresses import shown

_SAID = {"done": "is done", "failed": "failed", "stalled": "makes no progress", "cancelled": "was cancelled"}
"""Event → what people say of the job."""


@dataclass(frozen=True)
class Delivery:
    """One notice, and how it went."""

    delivery: str
    event: str
    url: str
    """Without its query, which may be a secret."""
    state: str
    """`waiting`, `trying`, `delivered` or `given up`."""
    tries: int
    status: int | None
    """What the server answered last; None if it did not, or was not asked."""
    error: str
    """Why the last try failed; empty if it did not."""
    made_at: float
    """Seconds since the epoch, as all times here."""
    tried_at: float | None
    next_at: float | None
    """When it is tried again, if it is."""

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return dict(vars(self))

    @property
    def sentence(self) -> str:
        """For people: what was told to whom, and what came of it."""
        what = f"told that it {_SAID.get(self.event, self.event)}"
        times = "once" if self.tries == 1 else f"{self.tries} times"
        match self.state:
            case "delivered":
                return f"{self.url} was {what}, at try {self.tries}."
            case "given up":
                return f"{self.url} could not be {what}, was tried {times} and given up: {self.error}."
            case "trying":
                return f"{self.url} is being {what}."
            case _ if not self.tries:
                return f"{self.url} is to be {what}."
        return f"{self.url} could not be {what}, was tried {times} so far: {self.error}."


def deliveries(job: str, truth: Truth, config: Settings) -> list[Delivery]:
    """Every notice of a job. Raises: StorageUnavailable, IntegrityError."""
    outbox = Outbox(truth)
    return [_delivery(notice, outbox.last(notice), config) for notice in outbox.notices(job)]


def _delivery(notice: Notice, last: Tried | None, config: Settings) -> Delivery:
    answer = last.answer if last is not None else None
    next_at = due_at(notice, last, config)
    return Delivery(
        delivery=notice.delivery,
        event=notice.event,
        url=shown(notice.url),
        state=_state(last),
        tries=last.number if last is not None else 0,
        status=answer.status if answer is not None else None,
        error=answer.error.removeprefix(f"{shown(notice.url)}: ") if answer is not None else "",
        made_at=seconds(notice.made_at),
        tried_at=seconds(last.begun.at) if last is not None else None,
        next_at=None if next_at == float("inf") else next_at,
    )


def _state(last: Tried | None) -> str:
    if last is None:
        return "waiting"
    if last.answer is None:
        return "trying"
    if not last.answer.is_final:
        return "waiting"
    return "given up" if last.answer.error else "delivered"
