"""The shots of a source, looked for once: what was found in a long film is kept beside the store of this machine."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from jobs.config import HOME
from pipeline.film.shots import find_shots
from pipeline.film.source import Source

log = logging.getLogger(__name__)

FOLDER = HOME / "cuts"
"""Where found shots are kept, a small file for each source and range."""

KEPT_FROM = 500
"""Frames. Fewer are looked at again before anybody notices."""

_METHOD = 1
"""To be raised when pipeline.film.shots finds other cuts than before."""

Report = Callable[[int, int], None]
"""Is told how many frames were looked at, and of how many."""

_listener: ContextVar[Report] = ContextVar("_listener", default=lambda done, total: None)


@contextmanager
def reported(report: Report) -> Iterator[None]:
    """Have `report` told of every look that is taken in the block, however far down: looking decodes the film."""
    token = _listener.set(report)
    try:
        yield
    finally:
        _listener.reset(token)


def shots_of(source: Source, start: int, stop: int, options: Any = None) -> tuple[int, ...]:
    """The first frame of each shot within [start, stop) of the source, counted from `start`; 0 first.

    Raises: MediaError if the source is damaged; TransientError if a store fails.
    """
    path = FOLDER / f"{_key(source, start, stop)}.json"
    known = _read(path, stop - start)
    if known is not None:
        return known
    tell = _listener.get()
    found = find_shots(source, start, stop, options=options, report=lambda done: tell(done, stop - start))
    shots = tuple(frame - start for frame in found)
    if stop - start >= KEPT_FROM and source.kind != "folder":
        _write(path, shots)
    return shots


def _key(source: Source, start: int, stop: int) -> str:
    text = f"{_METHOD} {start} {stop} {source.model_dump_json()}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _read(path: Path, frames: int) -> tuple[int, ...] | None:
    """What was kept; None if nothing was, or it is no row of shots."""
    try:
        shots = TypeAdapter(tuple[int, ...]).validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    is_whole = shots[:1] == (0,) and list(shots) == sorted(set(shots)) and shots[-1] < frames
    return shots if is_whole else None


def _write(path: Path, shots: tuple[int, ...]) -> None:
    """Keep them, all at once. A home that cannot be written to costs a second look, and no job."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "w") as file:
                json.dump(shots, file)
            os.replace(part, path)
        except OSError:
            os.unlink(part)
            raise
    except OSError as error:
        log.info("%s: the shots that were found are not kept: %s", path, error.strerror)
