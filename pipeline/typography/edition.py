"""What decides how a text looks besides its words, its style and the fonts that someone gives."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import version

from pipeline.typography.shipped import FAMILIES

_REVISION = 1
"""Of our own code. It grows when the same text comes out differently."""

_LIBRARIES = ("budoux", "icu4py", "uharfbuzz")


@cache
def fingerprint() -> str:
    """Short, and another one whenever a text may come out differently: with other shapers, or other fonts of ours."""
    packages = {package.replace("_", "-") for files in FAMILIES.values() for package, _ in files}
    versions = (f"{name} {version(name)}" for name in (*_LIBRARIES, *sorted(packages)))
    return sha256("\n".join((str(_REVISION), *versions)).encode()).hexdigest()[:16]
