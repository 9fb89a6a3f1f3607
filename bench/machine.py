"""What a benchmark says first: on which machine its numbers were measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version


def describe() -> str:
    """Processor, cores, and the versions that matter."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "av", "celery", "redis"))
    return f"{_processor()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, {libraries}"


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"
