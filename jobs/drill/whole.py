"""Whether a finished job is what its own certificate says, in output and store: by the code of `atelier verify`."""

from __future__ import annotations

import time
from collections.abc import Iterator

from jobs import naming
from jobs.certificate import result_bytes
from jobs.config import Settings
from jobs.expected import stored
from jobs.records import Plan
from jobs.truth import Truth
from jobs.verify import verify_job
from pipeline.errors import InputError
from pipeline.storage import open_store

PATIENCE_S = 10.0
"""A stitcher that was second takes the first one's result away while it works, and then puts it back."""

_LOOK_S = 0.2


def flaws(plan: Plan, truth: Truth, config: Settings, *, patience_s: float = PATIENCE_S) -> tuple[str, ...]:
    """What stays wrong with a finished job, in words; nothing if all is whole.

    Raises: IntegrityError if the store's result is damaged; StorageUnavailable.
    """
    deadline = time.monotonic() + patience_s
    while found := tuple(_flaws(plan, truth, config)):
        if time.monotonic() >= deadline:
            break
        time.sleep(_LOOK_S)
    return found


def _flaws(plan: Plan, truth: Truth, config: Settings) -> Iterator[str]:
    try:
        verdict = verify_job(plan.job, truth, config.store_options())
    except InputError as error:
        yield f"cannot be verified: {error}"
        return
    for damage in verdict.damages:
        yield f"{damage.what} {damage.where}: {damage.why}"
    for name in verdict.surplus:
        yield f"file {name}: is none of the job's"
    result = truth.result(plan.job, 1)
    there = stored(open_store(plan.output, config.store_options()), naming.RESULT)
    if result is None or there != result_bytes(result)[0]:
        yield f"file {naming.RESULT}: is not the store's"
