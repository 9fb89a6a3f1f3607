"""Commands that steer a job: pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.running import Workers

if TYPE_CHECKING:
    from jobs.ledger import Ledger
    from jobs.truth import Truth

Job = Annotated[str, typer.Argument(metavar="JOB", help="A job's name, or its beginning.", show_default=False)]


def pause(job: Job) -> None:
    """Hold a job; its workers stop at the next batch of frames."""
    from jobs.cli import show
    from jobs.control import pause as order

    with steering(job) as (found, truth, ledger):
        order(found, truth, ledger)
        show.talk().print(f"[bold]{found}[/] is paused; `atelier resume {found}` lets it go on", soft_wrap=True)


def resume(job: Job, workers: Workers = None) -> None:
    """Let a paused job go on. Without a cluster it goes on here, as `run` does."""
    from jobs.cli import machine, show
    from jobs.cli.drive import drive
    from jobs.cli.keeping import Keeper
    from jobs.control import resume as order
    from jobs.find import find_job

    with machine.place_with_workers() as where:
        session = where.session
        found = find_job(job, session.truth)
        plan = session.truth.plan(found)
        keeper = Keeper(where, found, go_on=f"atelier resume {found}")
        with keeper.keeping():
            order(found, session.truth, session.ledger, session.queue, ahead=session.config.window)
            show.talk().print(f"[bold]{found}[/] goes on", soft_wrap=True)
            if where.is_own:
                drive(where, plan, keeper, workers=workers)


def cancel(job: Job) -> None:
    """Stop a job for good. The chunks it has stay, and submitting its file again goes on with them."""
    from jobs.cli import show
    from jobs.control import cancel as order

    with steering(job) as (found, truth, ledger):
        order(found, truth, ledger)
        show.talk().print(f"[bold]{found}[/] is cancelled", soft_wrap=True)


@contextmanager
def steering(job: str) -> Iterator[tuple[str, Truth, Ledger | None]]:
    """The job's full name, the records, and the ledger; none if nobody is at work on this machine."""
    from jobs.find import find_job
    from jobs.session import connected, redis_url, viewing

    if redis_url() is not None:
        with connected() as session:
            yield find_job(job, session.truth), session.truth, session.ledger
    else:
        with viewing() as view:
            yield find_job(job, view.truth), view.truth, None
