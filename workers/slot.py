"""Which worker this is. A slot is one device of one machine, and has one process at a time."""

from __future__ import annotations

import os
from dataclasses import dataclass

from jobs.config import host_name


@dataclass(frozen=True)
class Slot:
    """A place where one worker works."""

    name: str
    """`render-0@host`: a lease held under this name by an earlier process is a dead one's."""
    host: str
    queues: tuple[str, ...]


def this() -> Slot:
    """The slot that the supervisor gave this process by its environment."""
    name = os.environ.get("ATELIER_SLOT", f"worker-{os.getppid()}@{host_name()}")
    queues = tuple(os.environ.get("ATELIER_QUEUES", "gpu,cpu").split(","))
    return Slot(name, host_name(), queues)
