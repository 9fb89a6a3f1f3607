"""What decides a picture's last bits besides what it is painted from, for the keys of the frame cache."""

from __future__ import annotations

import hashlib
import json
import platform
from typing import Any

import torch

from pipeline.painter import Easel

FAMILY_DIGITS = 32
"""Of a digest, as a key's family has them."""


def kernels(easel: Easel) -> list[Any]:
    """What chooses the networks' kernels: device and version."""
    if easel.device.type == "cuda":
        # A GPU's kernels depend on the size of a batch as well.
        name = torch.cuda.get_device_name(easel.device)
        return [torch.__version__, name, torch.version.cuda, torch.backends.cudnn.version(), easel.batch]
    able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    # How many cores there are changes nothing: a frame is painted by one thread.
    kind = sorted(f"{name} {value}" for name, value in able.items() if not name.startswith("num_"))
    return [torch.__version__, platform.machine(), torch.backends.cpu.get_cpu_capability(), *kind]


def digest_of(parts: Any) -> str:
    """SHA-256 of plain values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
