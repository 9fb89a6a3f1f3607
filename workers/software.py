"""Which software a process works with, for receipts and certificates."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import av

_PACKAGES = (
    "atelier",
    "torch",
    "av",
    "numpy",
    "opencv-python-headless",
    "celery",
    "redis",
    "diffusers",
    "transformers",
)


@cache
def software() -> dict[str, str]:
    """Name → version, of Python, of the packages that paint and carry, and of FFmpeg's libraries."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {name: ".".join(map(str, numbers)) for name, numbers in av.library_versions.items()}
