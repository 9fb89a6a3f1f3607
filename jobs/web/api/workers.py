"""Who works here."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from jobs.web.api.needs import AFarm
from jobs.web.entry import Viewer
from jobs.web.farm import Farm
from jobs.web.shape import Shape

router = APIRouter(tags=["workers"])


class Worker(Shape):
    """A worker as it last reported itself."""

    slot: str
    """Its name: host, device and place."""
    host: str
    pid: int
    device: str
    queues: list[str]
    doing: str
    """In words; `waiting` if it does nothing."""
    job: str
    """What it works at; empty if it waits."""
    chunk: int | str | None
    """Which of the job's chunks; `stitch` while it makes the deliverables."""
    model: str
    """Names of the models in its memory, the one used last first."""
    memory: int
    """Bytes that its process takes; 0 if it has not said."""
    device_memory: int
    """Bytes of its GPU's memory that are taken, by whomever; 0 without a GPU."""
    device_memory_total: int


class Workers(Shape):
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
    ledger = farm.there
    alive = [Worker.model_validate(asdict(info)) for info in ledger.workers()]
    return Workers(
        alive=alive,
        withdrawn=ledger.withdrawn(),
        schedulers=ledger.schedulers(),
        price_per_hour=farm.config.price_per_hour,
    )
