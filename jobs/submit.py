"""Submission: a checked job file becomes an accepted job, or nothing at all."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from jobs import limits, tracing
from jobs.config import Settings
from jobs.confine import bounds
from jobs.control import check_output, publish, resubmit
from jobs.expiry import accept
from jobs.kinds import kind
from jobs.kinds.base import FieldProblem, JobSpec
from jobs.ledger import Ledger
from jobs.marks import marked
from jobs.queue import Queue
from jobs.records import FileRef, Hook, ModelRef, Plan
from jobs.spec import Located, at_fields, canonical
from jobs.truth import Truth
from jobs.webhooks import reach
from jobs.webhooks.outbox import Outbox
from pipeline.catalog import ASSETS, digest
from pipeline.errors import JobSpecError, ObjectNotFound
from pipeline.film.access import is_remote, local_copy, read_bytes
from pipeline.storage import open_store
from pipeline.storage.base import Store

_BLOCK = 1 << 22
"""Bytes that are digested at a time."""


@dataclass(frozen=True)
class Submission:
    """What became of a job file."""

    plan: Plan
    created: bool
    """False if the same spec was submitted before: then this is that job."""


def plan_job(spec: JobSpec, located: Located, config: Settings, *, token: str = "") -> Plan:
    """The plan of a job file, its id included. Reads the source; writes nothing.

    Raises: JobSpecProblems at the line that is wrong; StorageUnavailable.
    """
    name = str(located.values["kind"])
    try:
        plan = kind(name).plan(spec, config)
        limits.check(plan, located.values, config)
        reach.check(spec.notify, config)
        plan = marked(plan, spec, config)
    except FieldProblem as problem:
        raise at_fields(problem, located) from problem
    hook = Hook(url=spec.notify.url, on=spec.notify.on) if spec.notify else None
    return plan.model_copy(update={"job": job_id(spec, plan, token), "notify": hook})


def job_id(spec: JobSpec, plan: Plan, token: str) -> str:
    """`film-` and 10 characters of the hash of spec, source, model and client token: the same job has the same id."""
    text = json.dumps([canonical(spec), plan.fingerprint, token], sort_keys=True)
    return f"{plan.kind}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def submit(spec: JobSpec, plan: Plan, truth: Truth, ledger: Ledger, queue: Queue, config: Settings) -> Submission:
    """Accept a planned job and publish its first chunks. A job that failed or was cancelled goes on where it stopped.

    Raises: QueueUnavailable before anything is written; AccessDenied, StorageUnavailable; InputError if another
    unfinished job writes to the same output.
    """
    return submit_planned(canonical(spec), plan, truth, ledger, queue, config)


def submit_planned(
    spec: dict[str, Any], plan: Plan, truth: Truth, ledger: Ledger, queue: Queue, config: Settings
) -> Submission:
    """The same of a job that was planned before: `spec` is as `canonical` gives it. Raises: as `submit`."""
    begun = time.time()
    ledger.ping()
    check_output(plan.job, plan.output, truth)
    _check_writable(plan, config)
    local, plan = plan, _publish(plan, truth.store, config)
    created = accept(plan, spec, truth)
    if not all(truth.store.exists(key) for key in plan.shared):
        # A sweep removed, just before our job named it, what no job named.
        _publish(local, truth.store, config)
    if created:
        ledger.create(plan, generation=1, done=[False] * len(plan.chunks), submitted=time.time())
    else:
        if plan.notify is not None and plan.notify != truth.plan(plan.job).notify:
            Outbox(truth).add_hook(plan.job, plan.notify)
        resubmit(plan.job, truth, ledger)
    publish(plan.job, truth, ledger, queue, ahead=config.window)
    if tracing.is_on():
        generation = 1 if created else truth.current(plan.job).number
        tracing.told("submit", plan.job, generation, begun, kind=plan.kind, frames=plan.frames, chunks=len(plan.chunks))
    # A job that was there keeps its first plan: settings may have changed since.
    return Submission(plan if created else truth.plan(plan.job), created)


def _check_writable(plan: Plan, config: Settings) -> None:
    """A folder or bucket that we may not write to is found now, not after a night of rendering."""
    probe = f".atelier-{plan.job}"
    target = open_store(plan.output, config.store_options())
    target.put(probe, b"")
    target.delete(probe)


def _publish(plan: Plan, store: Store, config: Settings) -> Plan:
    """Put the networks' weights and the user's files where every worker can read them, under their digests.

    Shipped ones too: a job keeps its models when Atelier is upgraded under it.
    """
    models = [_publish_model(model, store, config) for model in plan.models]
    files = [_publish_file(file, store, config) for file in plan.files]
    return plan.model_copy(update={"models": tuple(models), "files": tuple(files)})


def _is_whole(store: Store, key: str, sha256: str) -> bool:
    """Whether the store has it, undamaged: a job that failed for a damaged copy may be submitted again."""
    found = hashlib.sha256()
    try:
        with store.open(key) as reader:
            # A diffusion model's weights would not fit into memory twice.
            while block := reader.read(_BLOCK):
                found.update(block)
    except ObjectNotFound:
        return False
    return found.hexdigest() == sha256


def _publish_model(model: ModelRef, store: Store, config: Settings) -> ModelRef:
    if model.parts:
        parts = [
            part.model_copy(update={"key": _publish_weights(part.key, part.sha256, store, config)})
            for part in model.parts
        ]
        return model.model_copy(update={"parts": tuple(parts)})
    return model.model_copy(update={"weights": _publish_weights(model.weights, model.sha256, store, config)})


def _publish_weights(weights: str, sha256: str, store: Store, config: Settings) -> str:
    """Put a model's file into the store, if it is not there; gives its key."""
    key = f"models/{sha256}{PurePosixPath(weights).suffix}"
    if not _is_whole(store, key, sha256):
        place = weights if is_remote(weights) else str(ASSETS / weights)
        with local_copy(place, config.store_options(), bounds()) as path:
            if digest(path) != sha256:
                raise JobSpecError(f"{place}: the checkpoint changed while the job was planned; submit again")
            store.upload(path, key)
    return key


def _publish_file(file: FileRef, store: Store, config: Settings) -> FileRef:
    key = f"files/{file.sha256}{PurePosixPath(file.key).suffix.lower()}"
    if not _is_whole(store, key, file.sha256):
        data = read_bytes(file.key, config.store_options())
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise JobSpecError(f"{file.key}: changed while the job was planned; submit again")
        store.put(key, data)
    return file.model_copy(update={"key": key})
