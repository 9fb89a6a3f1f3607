"""Commands that steer a job: pause, resume, cancel, prioritise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.running import Workers

if TYPE_CHECKING:
    from jobs.client import Atelier

Job = Annotated[str, typer.Argument(metavar="JOB", help="A job's name, or its beginning.", show_default=False)]


def pause(job: Job) -> None:
    """Hold a job; its workers stop at the next batch of frames."""
    from jobs.cli import show

    with steering(job) as (found, atelier):
        atelier.pause(found)
        show.talk().print(f"[bold]{found}[/] is paused; `atelier resume {found}` lets it go on", soft_wrap=True)


def resume(job: Job, workers: Workers = None) -> None:
    """Let a paused job go on. Without a cluster it goes on here, as `run` does."""
    from jobs.cli import machine, show
    from jobs.cli.drive import drive
    from jobs.cli.keeping import Keeper
    from jobs.client import Atelier

    with machine.place_with_workers() as where:
        atelier = Atelier.of(where.session)
        found = atelier.find(job)
        plan = atelier.truth.plan(found)
        keeper = Keeper(where, found, go_on=f"atelier resume {found}")
        with keeper.keeping():
            atelier.resume(found)
            show.talk().print(f"[bold]{found}[/] goes on", soft_wrap=True)
            if where.is_own:
                drive(where, plan, keeper, workers=workers)


def cancel(job: Job) -> None:
    """Stop a job for good. The chunks it has stay, and submitting its file again goes on with them."""
    from jobs.cli import show

    with steering(job) as (found, atelier):
        atelier.cancel(found)
        show.talk().print(f"[bold]{found}[/] is cancelled", soft_wrap=True)


def prioritise(
    job: Job,
    priority: Annotated[
        int, typer.Argument(min=1, max=9, metavar="N", help="1 to 9; 5 is the usual.", show_default=False)
    ],
) -> None:
    """Give a job another priority; each step doubles its share of the workers, from its next chunk on."""
    from jobs.cli import show

    with steering(job) as (found, atelier):
        atelier.prioritise(found, priority)
        show.talk().print(f"[bold]{found}[/] has priority {priority}", soft_wrap=True)


@contextmanager
def steering(job: str) -> Iterator[tuple[str, Atelier]]:
    """The job's full name, and its deployment; without a ledger if nobody is at work on this machine."""
    from jobs.client import Atelier

    with Atelier.open_to_steer() as atelier:
        yield atelier.find(job), atelier
