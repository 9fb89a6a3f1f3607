"""Where a job file is completed before it is planned: what a kind's `prepare` may use.

Planning is pure, and `atelier check` costs nothing. What must be asked of somebody else, a language model for instance,
is asked here, once, when a job is submitted, and becomes part of the spec.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jobs.config import Settings
from jobs.truth import Truth

Report = Callable[[int, int], None]
"""Told how many questions are answered, and how many there are."""


def silent(done: int, total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Desk:
    """What completing a job file may use."""

    config: Settings
    truth: Truth
    """Where answers are kept. Nothing is written to it unless `may_ask`."""
    may_ask: bool
    """Whether anything may be asked that costs time or money; else only what was answered before is used."""
    report: Report = silent
