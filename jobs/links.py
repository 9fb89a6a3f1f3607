"""Links to what a finished job delivered, for people who have no credentials of ours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from jobs import naming
from jobs.certificate import read
from jobs.truth import Truth
from pipeline.errors import InputError, IntegrityError
from pipeline.storage import StoreOptions, is_remote, open_store
from pipeline.stream import spread


@dataclass(frozen=True)
class Link:
    """One delivered file, and where it can be fetched."""

    name: str
    """Below the output."""
    size: int
    """Bytes."""
    sha256: str
    link: str
    """An address, or a path where the output is a folder."""
    expires: float | None
    """When the address ends, in seconds since the epoch; a path does not."""

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)


def links(job: str, truth: Truth, options: StoreOptions, *, expires_s: float) -> Iterator[Link]:
    """A link to every file that the job delivered, in the order of their names.

    Raises: JobNotFound; InputError if it is not finished, or no link lasts so long; ObjectNotFound if a file is gone
    from the output; IntegrityError; AccessDenied, StorageUnavailable.
    """
    plan, generation = truth.plan(job), truth.current(job).number
    data = truth.certificate(job, generation)
    if truth.result(job, generation) is None or data is None:
        raise InputError(f"{job} is not finished, so it has delivered nothing yet; see `atelier status {job}`")
    try:
        files = read(data, naming.CERTIFICATE).delivered()
    except IntegrityError as error:
        raise IntegrityError(f"{job}: {error}; `atelier verify {job}` tells more") from error
    store = open_store(plan.output, options)
    expires = time.time() + expires_s if is_remote(plan.output) else None

    def link(name: str) -> Link:
        size, sha256 = files[name]
        return Link(name, size, sha256, store.link(name, expires_s=expires_s), expires)

    return spread(link, sorted(files), threads=options.threads, name="links")
