"""Commands that serve a cluster: worker, reconcile, scheduler, web. Each becomes another process."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

Concurrency = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Workers on a machine without GPUs; default 1.", show_default=False),
]
Queues = Annotated[
    str | None,
    typer.Option(help="Queues to serve, as gpu,cpu; default gpu on GPUs, both elsewhere.", show_default=False),
]


def worker(concurrency: Concurrency = None, queues: Queues = None) -> None:
    """Work for the cluster: one process for each GPU, started again if it dies."""
    from jobs.config import settings

    signing = settings().signing()
    if signing is not None:
        # Before it becomes another process, which would end with a page.
        signing.check()
    arguments = ["--concurrency", str(concurrency)] if concurrency is not None else []
    arguments += ["--queues", _checked(queues)] if queues is not None else []
    # What starts it, be it systemd or Kubernetes, would start it again.
    _become("workers.supervisor", "--stay", *arguments)


def reconcile() -> None:
    """Keep storage and Redis in agreement: give out again what got lost. Run one or more in a cluster."""
    _become("workers.reconcile")


def scheduler() -> None:
    """Fire campaigns at their times. Run one or more in a cluster; each run is fired once."""
    _become("workers.scheduler")


def web(
    host: Annotated[str | None, typer.Option(help="Address to listen at.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="Port; 0 takes a free one.")] = None,
) -> None:
    """Serve the dashboard and its API. Run one or more in a cluster."""
    if host is not None:
        os.environ["ATELIER_WEB_HOST"] = host
    if port is not None:
        os.environ["ATELIER_WEB_PORT"] = str(port)
    _become("jobs.web.serve")


def _checked(queues: str) -> str:
    from jobs.ledger import QUEUES

    names = [name.strip() for name in queues.split(",")]
    unknown = [name for name in names if name not in QUEUES]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is no queue; there are {', '.join(QUEUES)}", param_hint="--queues")
    return ",".join(names)


def _become(module: str, *arguments: str) -> NoReturn:
    from jobs.config import settings
    from jobs.session import redis_url

    # Without a configured Redis we join the `atelier run` of this machine; the settings say it if there is none.
    joined = None if settings().redis_url else redis_url()
    if joined is None:
        settings().authenticated_redis_url()
    else:
        os.environ["ATELIER_REDIS_URL"] = joined
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])
