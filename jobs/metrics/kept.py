"""Where counts lie in Redis: one hash, `metrics` under the ledger's prefix, a field for each series.

A field is a JSON list: the metric's name, its labels' values, and of a histogram a bucket's bound or `sum`. Scripts of
the ledger count there, too (lua/keys.lua). Like all of the ledger it is disposable: counters that begin anew are
nothing that Prometheus would mind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jobs.ledger import Ledger, reachable
from jobs.metrics.tally import Field


def key(ledger: Ledger) -> str:
    """The hash's name."""
    return f"{ledger.prefix}metrics"


def add(ledger: Ledger, counts: Mapping[Field, float]) -> None:
    """Add to what is counted: all of it, or nothing. Raises: QueueUnavailable, ConfigError.

    When Redis fell silent in the middle, nobody knows which of the two; who tries again may count twice.
    """
    with reachable():
        pipe = ledger.redis.pipeline(transaction=True)
        for field, amount in counts.items():
            pipe.hincrbyfloat(key(ledger), written(field), amount)
        pipe.execute()


def written(field: Field) -> str:
    """A field as it is called in Redis. Lua's cjson writes the same."""
    return json.dumps(field, ensure_ascii=False, separators=(",", ":"))


def parsed(row: Mapping[Any, Any]) -> dict[Field, float]:
    """The hash as fields and numbers; what no version of ours can have written is left out."""
    found = {}
    for field, amount in row.items():
        try:
            found[tuple(str(part) for part in json.loads(field))] = float(amount)
        except (ValueError, TypeError):
            continue
    return found
