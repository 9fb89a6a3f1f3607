"""Threads that take more of a machine than is theirs are put back into the row.

SVT-AV1, run by root, makes itself and the thread that opens it real-time (SCHED_FIFO). Whatever that thread starts
later is real-time too: operations that spin for a moment would then keep every other process from running, Redis
included.
"""

from __future__ import annotations

import os
from contextlib import suppress

_REAL_TIME = {getattr(os, name) for name in ("SCHED_FIFO", "SCHED_RR") if hasattr(os, name)}


def share_the_machine() -> None:
    """Give every real-time thread of this process ordinary priority. Does nothing where there are no such things."""
    if not _REAL_TIME or not os.path.isdir("/proc/self/task"):
        return
    for thread in map(int, os.listdir("/proc/self/task")):
        # It may have ended since.
        with suppress(ProcessLookupError):
            if os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK in _REAL_TIME:
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
