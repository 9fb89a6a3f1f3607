"""A job has ended, or stands still: what its addresses are to be told becomes notices.

Of an end this is called before the job leaves `active/`, by whoever ends it. Should he die in between, the reconciler
finds the job there and calls it again: the same end gives the same notices.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from jobs.config import Settings
from jobs.kinds.notify import TOLD
from jobs.records import Hook, Notice, Plan, Result
from jobs.truth import Truth, now
from jobs.webhooks.outbox import Outbox
from pipeline.errors import IntegrityError, JobNotFound

log = logging.getLogger(__name__)

VERSION = 1
"""Of the body. It grows with a key that is taken away or means something else, not with one that is added."""


def announce(job: str, generation: int, truth: Truth, config: Settings) -> None:
    """Write down what is to be told of how that generation of the job ended; nothing if it has not.

    A job whose records are damaged is told of to nobody: its end must not fail for that.
    Raises: StorageUnavailable, AccessDenied, StorageFull.
    """
    try:
        end = truth.result(job, generation) or truth.ending(job, generation)
        if isinstance(end, Result):
            tell(job, generation, "done", end.finished_at, truth, config, ended_at=end.finished_at, **_done(end))
        elif end is not None:
            tell(job, generation, end.state, end.at, truth, config, ended_at=end.at, reason=end.reason)
    except (JobNotFound, IntegrityError) as error:
        log.error("%s: nobody is told of its end: %s", job, error)


def announce_stall(
    job: str, generation: int, since: str, truth: Truth, config: Settings, *, state: str, reason: str
) -> None:
    """Write down that a job has made no progress since then. The same moment is told once, whoever says it.

    Raises: JobNotFound, IntegrityError; StorageUnavailable, AccessDenied, StorageFull.
    """
    tell(job, generation, "stalled", since, truth, config, state=state, stalled_since=since, reason=reason)


def tell(
    job: str,
    generation: int,
    event: str,
    moment: str,
    truth: Truth,
    config: Settings,
    *,
    state: str = "",
    **facts: Any,
) -> None:
    """Write down what is to be told of something that happened to a job, for each address that wants to hear of it.

    `moment`: when it happened: the same event of the same moment is told once. `state`: the job's, if the event does
    not say it. `facts`: what else stands in the body. Nobody is told of a canary, which is no job of theirs.
    Raises: JobNotFound, IntegrityError; StorageUnavailable, AccessDenied, StorageFull.
    """
    plan, outbox = truth.plan(job), Outbox(truth)
    if plan.canary:
        return
    for url in _addresses(plan, event, outbox, config):
        # A job may fail, go on, and fail again, all in one generation.
        which = hashlib.sha256(f"{url} {moment}".encode()).hexdigest()[:10]
        name = f"{generation:04d}-{event}-{which}"
        body = {
            "version": VERSION,
            "delivery": f"{job}.{name}",
            "event": event,
            "job": job,
            "kind": plan.kind,
            "state": state or event,
            "generation": generation,
            "output": plan.output,
            "frames": plan.frames,
            "chunks": len(plan.chunks),
            "submitted_at": truth.submitted_at(job),
            **facts,
        }
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        outbox.put(Notice(job=job, name=name, event=event, url=url, body=text, made_at=now()))


def _addresses(plan: Plan, event: str, outbox: Outbox, config: Settings) -> list[str]:
    """Who wants to hear of the event, each once."""
    named = outbox.hooks(plan)
    if config.webhook_url is not None:
        named.append(Hook(url=config.webhook_url, on=TOLD))
    return list(dict.fromkeys(hook.url for hook in named if event in hook.on))


def _done(result: Result) -> dict[str, Any]:
    """What only a finished job has."""
    return {
        "compute_s": result.compute_s,
        "frames_sha256": result.frames_sha256,
        "certificate": result.certificate,
        "bad_frames": len(result.bad),
        "deliverables": [row.model_dump(mode="json") for row in result.deliverables],
    }
