"""How much of this machine others took while something was measured: then it would be quicker alone."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

WORTH_A_WORD = 0.15
"""Of the machine's processors; what a desktop does by itself is less."""

_STAT = Path("/proc/stat")
_IDLE = (3, 4)
"""Places of idle and iowait among a line's numbers; those from 8 on are counted in others already. See proc(5)."""
_COUNTED = 8


@dataclass(frozen=True)
class Clock:
    """The processors' time so far, in seconds of one processor each."""

    all: float
    busy: float
    ours: float
    """What we took, and those of our children that have ended."""

    @classmethod
    def now(cls) -> Clock | None:
        """Read it; None where the kernel does not tell."""
        with suppress(OSError, ValueError):
            ticks = os.sysconf("SC_CLK_TCK")
            numbers = [int(word) / ticks for word in _STAT.read_text().splitlines()[0].split()[1 : 1 + _COUNTED]]
            ours = os.times()
            busy = sum(seconds for place, seconds in enumerate(numbers) if place not in _IDLE)
            return cls(sum(numbers), busy, ours.user + ours.system + ours.children_user + ours.children_system)
        return None


def taken_by_others(before: Clock | None, after: Clock | None) -> float | None:
    """The share of the processors' time, 0 to 1, that others took in between; None if it is not known."""
    if before is None or after is None or after.all <= before.all:
        return None
    others = (after.busy - before.busy) - (after.ours - before.ours)
    return min(1.0, max(0.0, others / (after.all - before.all)))
