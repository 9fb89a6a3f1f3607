"""A worker like empty_worker.py's that counts and logs nothing, to compare with.

Run by bench/observing.py as `celery -A bench.silent_worker worker`.
"""

from __future__ import annotations

from typing import Any

import workers.app
from bench.empty_worker import app
from jobs.logs import lines
from jobs.metrics.tally import Tally

__all__ = ["app"]


def _nothing(*_: Any, **__: Any) -> None:
    """In place of what is not to be measured."""


Tally._add = _nothing  # type: ignore[method-assign]
workers.app.count_storage = _nothing
lines.keep = _nothing
