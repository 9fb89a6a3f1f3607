"""A training's state in a folder: in files of at most 15 MB each, so that it travels where large files do not.

`state.json` names the files and their digest, and is replaced last; so there is always one whole state.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import torch

from pipeline.errors import ModelError
from pipeline.training.style import replace

_PART_BYTES = 15_000_000
_INDEX = "state.json"


def keep_state(folder: Path, state: dict[str, Any]) -> None:
    """Write a state, whole or not at all; an earlier one goes."""
    file = io.BytesIO()
    torch.save(state, file)
    data = file.getvalue()
    names = []
    for number, at in enumerate(range(0, len(data), _PART_BYTES)):
        names.append(f"state-{state['iteration']:07d}.{number}")
        replace(folder / names[-1], data[at : at + _PART_BYTES])
    index = {"iteration": state["iteration"], "files": names, "sha256": hashlib.sha256(data).hexdigest()}
    replace(folder / _INDEX, json.dumps(index, indent=1).encode())
    for path in folder.glob("state-*"):
        if path.name not in names:
            path.unlink()


def kept_state(folder: Path) -> dict[str, Any] | None:
    """The state in a folder, or None if there is none. Raises: ModelError if it is damaged, or files are missing."""
    index = folder / _INDEX
    if not index.exists():
        return None
    try:
        said = json.loads(index.read_bytes())
        data = b"".join((folder / Path(name).name).read_bytes() for name in said["files"])
        if hashlib.sha256(data).hexdigest() != said["sha256"]:
            raise ValueError("its bytes have changed")
        state: dict[str, Any] = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # whatever JSON, the file system and torch raise for what is no state
        raise ModelError(f"{index}: is no whole state of a training ({error}); remove it to start anew") from error
    return state
