"""No process of ours outlives its parent: on Linux the kernel sees to it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(with_signal: signal.Signals, parent: int) -> None:
    """Ask the kernel to send this process a signal when its parent dies (prctl(2)). Does nothing elsewhere.

    `parent`: its pid. If it has died already, the signal comes at once.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), with_signal)
