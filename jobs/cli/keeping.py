"""A job of our own, which nobody else would go on with: to leave it before it has ended is to pause it, and say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.markup import escape

from jobs.cli import guard, show
from jobs.cli.machine import Place
from jobs.cli.results import tell_end
from jobs.control import pause
from jobs.status import status_of
from pipeline.errors import AtelierError, InputError, JobNotFound, QueueUnavailable


class Keeper:
    """Keeps one job from being left running in storage with nobody at work on it. Does nothing on a cluster."""

    def __init__(self, where: Place, job: str, *, go_on: str) -> None:
        """`go_on`: the command that goes on with the job, as it is typed."""
        self._where, self._job, self._go_on = where, job, go_on
        self._is_left = not where.is_own

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Pause the job when the block is interrupted or fails. Blocks may be nested: the innermost one does it.

        An interrupt becomes exit code 130, or what an ended job exits with.
        """
        try:
            yield
        except KeyboardInterrupt:
            if self._leave():
                raise typer.Exit(guard.INTERRUPTED) from None
            self._tell_end()
            raise
        except typer.Exit:
            raise
        except Exception:
            self._leave()
            raise

    def _leave(self) -> bool:
        """Whether the job was there to be left: accepted, not ended, and not left by an inner block."""
        if self._is_left:
            return False
        self._is_left = True
        session = self._where.session
        try:
            pause(self._job, session.truth, session.ledger)
        except InputError:
            return False
        except QueueUnavailable:
            # Storage was told first, and without our own Redis nobody is at work.
            pass
        except AtelierError as error:
            self._tell(
                f"[yellow]left running[/] in storage: {self._job}, for it cannot be paused: {escape(str(error))}"
            )
            return True
        self._tell(f"[yellow]paused[/] {self._job}")
        return True

    def _tell_end(self) -> None:
        """If the job ended while we were being interrupted, end the command as if we had stayed."""
        session = self._where.session
        try:
            status = status_of(self._job, session.truth, None)
        except JobNotFound:
            return
        if self._where.is_own and status.is_final:
            tell_end(status)
            raise typer.Exit(guard.OK)

    def _tell(self, what: str) -> None:
        advice = f"`{escape(self._go_on)}` goes on with what is done, `atelier cancel {self._job}` drops it"
        show.talk().print(f"{what}; {advice}", soft_wrap=True)
