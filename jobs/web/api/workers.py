"""Who works here, and what waits for workers."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from jobs.ledger import WorkerInfo
from jobs.web.api.needs import AFarm
from jobs.web.entry import Viewer
from jobs.web.farm import Farm

router = APIRouter(tags=["workers"])

_AT = re.compile(r"(\S+-[0-9a-f]{10}) (?:chunk (\d+)|(\w+))")
"""What a worker says it is doing, where that is a job's chunk or stitch."""


class Worker(BaseModel):
    """A worker as it last reported itself."""

    # What else workers report of themselves is told, too.
    model_config = ConfigDict(extra="allow")

    slot: str
    """Its name: host, device and place."""
    host: str
    pid: int
    device: str
    queues: list[str]
    doing: str
    """In words."""
    job: str | None = None
    chunk: int | str | None = None
    """Its number, or `stitch`."""


class Workers(BaseModel):
    """Everybody who works here."""

    alive: list[Worker]
    withdrawn: dict[str, str]
    """Those that took themselves out in the last day, and why."""
    schedulers: list[str]
    """The schedulers of campaigns that are alive."""
    price_per_hour: float
    """What one worker costs, as the setting of that name has it; 0 if nobody said."""


@router.get("/workers", operation_id="list_workers")
def list_workers(farm: AFarm, viewer: Viewer) -> Workers:
    """The workers that are alive, and those that took themselves out."""
    return workers(farm)


def workers(farm: Farm) -> Workers:
    """The same, for whoever follows it. Raises: QueueUnavailable."""
    ledger = farm.ledger
    alive = [Worker.model_validate(_told(info)) for info in ledger.workers()]
    return Workers(
        alive=alive,
        withdrawn=ledger.withdrawn(),
        schedulers=ledger.schedulers(),
        price_per_hour=farm.config.price_per_hour,
    )


def _told(info: WorkerInfo) -> dict[str, Any]:
    found = _AT.match(info.doing)
    at = {} if found is None else {"job": found[1], "chunk": int(found[2]) if found[2] else found[3]}
    return asdict(info) | at
