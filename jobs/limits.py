"""What one job may take: frames, pixels, time, names and places as planned; workers' seconds and bytes as it runs.

Planning refuses what it can know; the rest is charged to the job by each attempt, in the ledger.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.ledger import Ledger
from jobs.records import Plan
from pipeline.errors import InputError
from pipeline.storage import is_remote
from pipeline.storage.keys import check_key

_LONGEST_NAME = 255
"""Bytes of a file's name, on every file system that we know."""

_OURS = frozenset(
    {
        "active",
        "cache",
        "campaigns",
        "copy",
        "due",
        "files",
        "frames",
        "index",
        "jobs",
        "leaving",
        "models",
        "uploads",
        ".probe",
    }
)
"""Folders of the store that hold what only we write."""

_LENGTHS = ("frames", "becoming", "walk", "film", "seeds", "mix", "latents", "clips")
"""Keys that say how many frames a job has."""

_NAMESAKES = ("photograph", "content", "around", "model", "clips")
"""Keys that deliverables are called after, where there is no source."""

_GB = 1e9


def check(plan: Plan, values: dict[str, Any], config: Settings) -> None:
    """Refuse a planned job that would be too large, or could not be delivered. `values`: what its file says.

    Raises: FieldProblem, at the key that has it so.
    """
    check_length(plan, values, config)
    for name in _names(plan):
        _check_name(name, next((key for key in _NAMESAKES if key in values), "source"))
    _check_output(plan.output, config)


def check_length(plan: Plan, values: dict[str, Any], config: Settings) -> None:
    """Refuse a plan of too many frames, or of too long a film. `values`: what its file says.

    Raises: FieldProblem, at the key that has it so.
    """
    longest = next((key for key in _LENGTHS if key in values), "source")
    if plan.frames > config.max_frames:
        most = f"at most {config.max_frames:,} are allowed (ATELIER_MAX_FRAMES)"
        raise FieldProblem(longest, f"the job has {plan.frames:,} frames; {most}")
    seconds = len(plan.filmed) / Fraction(plan.rate) if plan.rate else Fraction(0)
    if seconds > config.max_film_s:
        most = f"at most {config.max_film_s:,g} s are allowed (ATELIER_MAX_FILM_S)"
        raise FieldProblem(longest, f"the job's film lasts {float(seconds):,.1f} s; {most}")


def _names(plan: Plan) -> Iterator[str]:
    yield plan.stem
    yield from plan.names
    yield from plan.products


def _check_name(name: str, key: str) -> None:
    """Of what deliverables are called after: found out here, and not when all is painted."""
    right = "rename it, for deliverables are called after it"
    try:
        check_key(name)
    except InputError as error:
        raise FieldProblem(key, f"{key}: {name[:80]!r} cannot be delivered: {error}; {right}") from error
    # The frame's number, the deliverable's name and its ending come on top.
    if "/" in name or len(name.encode()) > _LONGEST_NAME - 20:
        said = "holds a slash" if "/" in name else "is too long"
        raise FieldProblem(key, f"{key}: the name {name[:80]!r} {said}; {right}")


def _check_output(output: str, config: Settings) -> None:
    inside = _within(output, config.store)
    if inside is None:
        return
    first = inside.partition("/")[0]
    if not inside or first in _OURS:
        what = "is the store itself" if not inside else f"is the store's own folder {first!r}"
        raise FieldProblem("output", f"output: {what}, where only Atelier writes; choose a folder of its own")


def _within(place: str, store: str) -> str | None:
    """The place as seen from the store: `` for the store itself, `jobs/x` for what is in it; None outside of it."""
    if is_remote(place) != is_remote(store):
        return None
    inner, outer = (_whole(each) for each in (place, store))
    if inner == outer:
        return ""
    return inner[len(outer) + 1 :] if inner.startswith(outer + "/") else None


def _whole(address: str) -> str:
    if is_remote(address):
        scheme, _, rest = address.partition("://")
        return f"{scheme}://{'/'.join(part for part in rest.split('/') if part)}"
    return os.path.realpath(os.path.expanduser(address.removeprefix("file://"))).rstrip("/")


def charge(ledger: Ledger, job: str, config: Settings, *, seconds: float, stored: int = 0) -> str:
    """Charge an attempt to its job. Why the job must end, if it has used more than it may; else empty.

    `seconds`: that a worker spent. `stored`: bytes that the receipt vouches for.
    """
    used_s, stored_bytes = ledger.spend(job, seconds, stored)
    if config.max_worker_s and used_s > config.max_worker_s:
        most = f"at most {config.max_worker_s:,g} are allowed (ATELIER_MAX_WORKER_S)"
        return f"the job has used {used_s:,.0f} worker seconds; {most}"
    if config.max_gb and stored_bytes > config.max_gb * _GB:
        most = f"at most {config.max_gb:g} are allowed (ATELIER_MAX_GB)"
        return f"the job has stored {stored_bytes / _GB:,.3f} GB; {most}"
    return ""
