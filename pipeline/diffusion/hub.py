"""Models that were downloaded from the Hugging Face hub before, in its cache on this machine. Torch-free.

Nothing here asks the network.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pipeline.errors import ModelError

_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
"""`owner/name`."""


def is_id(value: str) -> bool:
    """Whether a word may name a model on the hub."""
    return _ID.fullmatch(value) is not None and ".." not in value


def cache() -> Path:
    """Where the hub's own client keeps what it downloaded."""
    if named := os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE"):
        return Path(named).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "huggingface/hub"


def snapshot(name: str) -> Path:
    """The folder of a model that was downloaded. Raises: ModelError if it was not."""
    folder = cache() / f"models--{name.replace('/', '--')}"
    try:
        commit = (folder / "refs/main").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        commit = ""
    found = folder / "snapshots" / commit
    if not re.fullmatch(r"[0-9a-f]{6,64}", commit) or not found.is_dir():
        raise ModelError(
            f"{name}: is no folder here, and was not downloaded from the hub; `hf download {name}` does that, "
            "for Atelier asks no network for models"
        )
    return found
