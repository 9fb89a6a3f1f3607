"""The worker's application with poison in some frames of every film: `celery -A tests.workers.poisoned worker`.

POISON in the environment says which: `17:SIGSEGV,30:hang,41:error`; `*` is all. Frames count from the source's first,
from 0.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from celery import signals

from pipeline.errors import MediaError
from workers.app import app

__all__ = ["app"]


@signals.task_prerun.connect
def _poison(**_: object) -> None:
    from pipeline.film import stylize

    if stylize.read_frames.__name__ == "poisoned":
        return

    poison = dict(item.split(":") for item in os.environ["POISON"].split(","))
    read = stylize.read_frames

    def poisoned(source: Any, start: int, stop: int, **options: Any) -> Iterator[Any]:
        for number, frame in enumerate(read(source, start, stop, **options), start):
            _work(poison.get(str(number), poison.get("*")), number)
            yield frame

    stylize.read_frames = poisoned  # type: ignore[assignment]


def _work(what: str | None, frame: int) -> None:
    match what:
        case None:
            return
        case "hang":
            time.sleep(3600)
        case "error":
            raise MediaError(f"frame {frame} is damaged")
        case "wrong":
            raise RuntimeError(f"no kernel image for frame {frame}")
        case name:
            os.kill(os.getpid(), signal.Signals[name])
            time.sleep(10)
