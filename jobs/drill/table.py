"""Every trouble that a drill knows. Adding one is a story in troubles/ and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Literal

from jobs.drill.scene import Scene, Story
from pipeline.errors import InputError

Phase = Literal["submitting", "painting", "stitching"]

NEEDS = {
    "own-redis": "a Redis of the drill's own",
    "s3": "an S3 server with the drill's proxy before it",
    "clock": "a Redis whose clock the drill can put wrong",
}
"""What a trouble may need that not every deployment has."""


@dataclass(frozen=True)
class Trouble:
    """A row of the table."""

    story: str
    """`module:attr` of a function of a Scene."""
    does: str
    recovered: str
    """What its recovery time ends with."""
    phase: Phase = "painting"
    needs: tuple[str, ...] = ()


_CHUNK = "another attempt at that chunk has painted a frame, or the chunk is done"
_TAKEN = "a worker has taken a chunk or the stitch since, and got on with it"
_MOVES = "it is over, and a new frame or chunk is done"

TROUBLES: dict[str, Trouble] = {
    "worker-kill": Trouble(
        "jobs.drill.troubles.workers:kill_worker", "SIGKILL for the process that paints a chunk, in its middle", _CHUNK
    ),
    "celery-kill": Trouble(
        "jobs.drill.troubles.workers:kill_celery",
        "SIGKILL for the Celery process of a worker, in the middle of a chunk",
        _CHUNK,
    ),
    "machine-kill": Trouble(
        "jobs.drill.troubles.workers:kill_machine",
        "SIGKILL for all processes of a machine at once, in the middle of a chunk; another machine comes",
        _CHUNK,
    ),
    "worker-term": Trouble(
        "jobs.drill.troubles.workers:end_worker",
        "SIGTERM for a machine in the middle of a chunk; when it has ended, another machine comes",
        _CHUNK,
    ),
    "stitcher-kill": Trouble(
        "jobs.drill.troubles.workers:kill_stitcher",
        "SIGKILL for the process that stitches, in the middle",
        "another attempt at the stitch has begun, or the job is done",
        phase="stitching",
    ),
    "reconciler-kill": Trouble(
        "jobs.drill.troubles.workers:kill_reconciler",
        "SIGKILL for the reconciler; another comes",
        "the other has looked once",
    ),
    "redis-kill-aof": Trouble(
        "jobs.drill.troubles.redis:kill_and_keep",
        "SIGKILL for Redis; it comes back with its AOF",
        _TAKEN,
        needs=("own-redis",),
    ),
    "redis-kill-bare": Trouble(
        "jobs.drill.troubles.redis:kill_and_forget",
        "SIGKILL for Redis; it comes back empty, as one without AOF does",
        _TAKEN,
        needs=("own-redis",),
    ),
    "redis-flush": Trouble(
        "jobs.drill.troubles.redis:flush", "FLUSHALL, while everybody works", _TAKEN, needs=("own-redis",)
    ),
    "duplicate": Trouble(
        "jobs.drill.troubles.messages:duplicate", "some messages, waiting or taken, are delivered once more", _MOVES
    ),
    "delay": Trouble("jobs.drill.troubles.messages:delay", "the waiting messages are held back for a while", _MOVES),
    "reorder": Trouble(
        "jobs.drill.troubles.messages:reorder", "the waiting messages are put into another order", _MOVES
    ),
    "store-500": Trouble(
        "jobs.drill.troubles.store:error_500", "the store answers 500 InternalError for a while", _MOVES, needs=("s3",)
    ),
    "store-503": Trouble(
        "jobs.drill.troubles.store:error_503",
        "the store answers 503 ServiceUnavailable for a while",
        _MOVES,
        needs=("s3",),
    ),
    "store-slow-down": Trouble(
        "jobs.drill.troubles.store:slow_down", "the store answers 503 SlowDown for a while", _MOVES, needs=("s3",)
    ),
    "store-timeout": Trouble(
        "jobs.drill.troubles.store:timeout",
        "some requests get no answer for up to 2 s, and then lose their connection",
        _MOVES,
        needs=("s3",),
    ),
    "store-truncated": Trouble(
        "jobs.drill.troubles.store:truncated",
        "some answers break off in the middle, or are lost though the server did as asked",
        _MOVES,
        needs=("s3",),
    ),
    "half-multipart": Trouble(
        "jobs.drill.troubles.store:half_multipart",
        "an upload in parts is begun and never completed, and puts are cut in the middle of their bytes",
        _MOVES,
        needs=("s3",),
    ),
    "store-full": Trouble(
        "jobs.drill.troubles.store:full", "the store refuses one or two writes with 507", _MOVES, needs=("s3",)
    ),
    "disk-full": Trouble(
        "jobs.drill.troubles.disk:full",
        "a worker's process can make no file grow, until it has failed or 1.5 s are over",
        _MOVES,
    ),
    "clock-jump": Trouble(
        "jobs.drill.troubles.clock:jump",
        "Redis' clock jumps by 5 s, 45 s or an hour, forward or back, and stays there",
        _MOVES,
        needs=("own-redis", "clock"),
    ),
    "two-stitchers": Trouble(
        "jobs.drill.troubles.doubles:stitchers",
        "a stitcher loses its lease while it works, and its message is delivered once more",
        "another attempt at the stitch has begun, or the job is done",
        phase="stitching",
    ),
    "two-reconcilers": Trouble(
        "jobs.drill.troubles.doubles:reconcilers",
        "a second reconciler looks as well, from the beginning to the end",
        "it has looked once",
        phase="submitting",
    ),
    "two-submitters": Trouble(
        "jobs.drill.troubles.doubles:submitters",
        "the same job is submitted three times at the same moment",
        "all of them have their answer",
        phase="submitting",
    ),
}


def story(name: str) -> Callable[[Scene], Story]:
    """The story of a trouble."""
    entry, _, attribute = TROUBLES[name].story.partition(":")
    told: Callable[[Scene], Story] = getattr(import_module(entry), attribute)
    return told


def chosen(names: str | None) -> list[str]:
    """The troubles of a comma-separated list; all without one. Raises: InputError for one that there is not."""
    if names is None:
        return list(TROUBLES)
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in TROUBLES:
            near = get_close_matches(name, TROUBLES, n=1, cutoff=0.4)
            guess = f"did you mean {near[0]}?" if near else "`atelier drill --list` names them"
            raise InputError(f"--only: there is no trouble {name!r}; {guess}")
    if not wanted:
        raise InputError("--only: name at least one trouble, as worker-kill,redis-flush")
    return list(dict.fromkeys(wanted))


def left_out(names: list[str], lacks: Mapping[str, str]) -> dict[str, str]:
    """Those of the troubles that cannot be had here, and why not."""
    reasons = {name: [lacks[need] for need in TROUBLES[name].needs if need in lacks] for name in names}
    return {name: why[0] for name, why in reasons.items() if why}
