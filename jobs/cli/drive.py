"""Staying with a job until it ends: with workers of our own, or only watching."""

from __future__ import annotations

import time

import typer

from jobs.cli import guard, machine, show
from jobs.cli.follow import follow
from jobs.cli.keeping import Keeper
from jobs.cli.results import tell_end
from jobs.cli.views import view_for
from jobs.kinds import noun
from jobs.ledger import Ledger
from jobs.records import Plan
from jobs.session import Session
from jobs.status import Status, status_of
from jobs.truth import Truth


def drive(where: machine.Place, plan: Plan, keeper: Keeper, *, workers: int | None) -> None:
    """Stay with a job until it ends, with workers of our own if the place is ours. Exits with 1 if it does not succeed.

    Ctrl-C pauses the job if the workers are ours, for nobody else would go on with it.
    """
    session = where.session
    before = status_of(plan.job, session.truth, session.ledger)
    if before.is_final:
        some = f"some {noun(plan.kind)}s"
        show.talk().print(f"[dim]it is finished already; `--again` makes it anew, `atelier redo` {some} of it[/]")
        tell_end(before)
    elif where.is_own:
        began = time.monotonic()
        # The inner one pauses while the workers are still there to hear of it; the outer one is for their coming.
        with keeper.keeping(), machine.workers(where, count=workers, queue=plan.queue) as startup, keeper.keeping():
            status = _follow(plan, session, startup)
            elapsed_s = time.monotonic() - began
        tell_end(status, elapsed_s=elapsed_s, frames=status.frames - before.frames_done)
    else:
        watch_only(plan, session.truth, session.ledger)


def watch_only(plan: Plan, truth: Truth, ledger: Ledger) -> None:
    """Watch a job until it ends, or until the watcher leaves. Exits with 1 if the job does not succeed."""
    try:
        with view_for(plan, show.talk(), advice="Ctrl-C leaves; the job goes on") as view:
            status = follow(plan, truth, ledger, view)
    except KeyboardInterrupt:
        show.talk().print(f"the job goes on; watch again with `atelier watch {plan.job}`", soft_wrap=True)
        raise typer.Exit(guard.OK) from None
    tell_end(status)


def _follow(plan: Plan, session: Session, startup: machine.Startup) -> Status:
    with view_for(plan, show.talk(), advice="Ctrl-C pauses the job") as view:
        return follow(plan, session.truth, session.ledger, view, check=startup.check)
