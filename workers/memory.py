"""The most memory that this process has held, as the kernel and the GPU's allocator counted it."""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path

import torch

_STATUS, _PEAKS = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_FORGET_PEAKS = "5"
"""See proc(5)."""


def held() -> int:
    """Bytes of this machine's memory, at the most, since the process began or `forget` was called."""
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def held_by_device(device: torch.device) -> int:
    """Bytes of a GPU's memory that tensors took, at the most; 0 on CPUs."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0


def forget(device: torch.device) -> None:
    """Count anew from now on. Where the kernel does not offer that, nothing happens."""
    with suppress(OSError):
        _PEAKS.write_text(_FORGET_PEAKS)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
