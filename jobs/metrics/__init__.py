"""Numbers of the farm, for Prometheus. Workers open no port: they count, and tell Redis with each heartbeat.

    table.py     every metric there is
    tally.py     what a process has counted and not told yet
    flush.py     … and how it is told
    kept.py      where counts lie in Redis
    reading.py   what the ledger says of the farm
    scrape.py    both in Prometheus' text format

Torch-free, and prometheus_client is imported only by who is scraped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.ledger import Ledger

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of what `exposition` gives."""


def exposition(ledger: Ledger | None) -> bytes:
    """All metrics as Prometheus reads them: two questions to Redis, and none to the store.

    Without a ledger, or if Redis does not answer, `atelier_redis_up` is 0 and only this process' own are there.
    """
    from jobs.metrics.scrape import expose

    return expose(ledger)
