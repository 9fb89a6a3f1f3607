"""Finding a job by the beginning of its name, as people type it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from jobs.truth import Truth
from pipeline.errors import InputError, JobNotFound

_SHOWN = 5


def find_job(name: str, truth: Truth) -> str:
    """The job of that id, or the only one whose id (with or without its kind) begins so.

    Raises: JobNotFound naming the nearest; InputError if several begin so.
    """
    return find_among(name, truth.jobs(), truth.store.url)


def find_among(name: str, jobs: Sequence[str], store: str) -> str:
    """The same among jobs that are known. `store`: their address, for messages."""
    if name in jobs:
        return name
    matching = [job for job in jobs if name and (job.startswith(name) or job.partition("-")[2].startswith(name))]
    if len(matching) == 1:
        return matching[0]
    if matching:
        some = ", ".join(matching[:_SHOWN]) + (", …" if len(matching) > _SHOWN else "")
        raise InputError(f"{name!r} begins {len(matching)} jobs: {some}; write more of it")
    if not jobs:
        raise JobNotFound(f"no job {name!r}: {store} holds no job yet; `atelier run FILE` makes one")
    near = get_close_matches(name, jobs, n=1, cutoff=0.6)
    guess = f"did you mean {near[0]}?" if near else "`atelier jobs --all` lists them"
    raise JobNotFound(f"no job {name!r} in {store}; {guess}")
