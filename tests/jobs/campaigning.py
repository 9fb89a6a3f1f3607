"""Campaigns in tests: schedulers that share a store and a clock which tests turn, and do as they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobs.campaigns.book import Book
from jobs.campaigns.enlist import enlist
from jobs.campaigns.records import Campaign, Run, Timing
from jobs.campaigns.rounds import Rounds
from jobs.session import Session
from tests.jobs.deployment import Deployment
from tests.jobs.files import job_text, write_checkpoint, write_sequence

BEGIN = datetime(2026, 12, 4, 12, tzinfo=UTC)
"""A Friday noon, when campaigns are added."""

WEEKLY = "0 6 * * mon"
FIRST = datetime(2026, 12, 7, 5, tzinfo=UTC)
"""Monday, six o'clock in Berlin."""

WEEK = timedelta(days=7)


@dataclass
class Clock:
    """What time it is, and how long it has been."""

    at: datetime = BEGIN
    passed: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.passed

    def go_to(self, at: datetime) -> None:
        """Let the time pass until then."""
        self.passed += (at - self.at).total_seconds()
        self.at = at

    def wait(self, seconds: float) -> None:
        """Let some seconds pass."""
        self.go_to(self.at + timedelta(seconds=seconds))


@dataclass
class Scheduler:
    """One of several."""

    rounds: Rounds
    given: list[Run] = field(default_factory=list)
    """Runs that wait to be fired."""

    def look(self) -> list[str]:
        """What it has to fire after a look, by their keys."""
        self.rounds.look(self.given.append)
        return [run.key for run in self.given]

    def fire(self) -> None:
        """Fire what waits."""
        for run in self.given:
            self.rounds.fire(run)
        self.given.clear()

    def work(self) -> list[str]:
        """Look, and fire."""
        found = self.look()
        self.fire()
        return found


@dataclass
class Office:
    """A store with campaigns, and whoever fires them."""

    deployment: Deployment
    folder: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def session(self) -> Session:
        made = self.deployment
        return Session(made.settings, made.truth, made.ledger, made.queue)

    @property
    def book(self) -> Book:
        return Book(self.deployment.truth)

    def file(self, name: str = "autumn", *, cron: str = WEEKLY, catch_up: str = "once", **changes: object) -> str:
        """A job file with a schedule."""
        write_sequence(self.folder / "shots", 2)
        write_checkpoint(self.folder / "my.safetensors")
        schedule = f"{{cron: '{cron}', timezone: Europe/Berlin, catch_up: {catch_up}}}"
        keys = {"output": "out/{campaign}/{date}/{time}/", "deliver": "[png]", "schedule": schedule, **changes}
        path = self.folder / f"{name}.yaml"
        path.write_text(job_text(**keys))
        return str(path)

    def add(self, name: str = "autumn", **changes: object) -> Campaign:
        """Add a campaign of such a file."""
        file = self.file(name, **changes)  # type: ignore[arg-type]
        return enlist(file, None, self.book, self.deployment.settings, self.clock.at).campaign

    def scheduler(self, us: str = "a", *, session: Session | None = None) -> Scheduler:
        """One that has just been started."""
        return Scheduler(Rounds(session or self.session, us=us, clock=self.clock.now, monotonic=self.clock.monotonic))

    def jobs(self) -> list[str]:
        """The jobs that there are, by what their outputs are called after."""
        truth = self.deployment.truth
        return sorted("/".join(truth.plan(job).output.rstrip("/").rsplit("/", 3)[1:]) for job in truth.jobs())

    def finish(self) -> None:
        """End every job, so that another may write where it did."""
        truth = self.deployment.truth
        for job in truth.active():
            self.deployment.publish_result(truth.plan(job))
            truth.retire(job, 1)


def every_seconds(campaign: Campaign, seconds: int, *, catch_up: str) -> Callable[[int], Campaign]:
    """The campaign anew, firing more often than a job file may say: for tests that have no minutes to wait."""
    timing = Timing(
        cron=f"*/{seconds} * * * * *",
        timezone="Europe/Berlin",
        start=None,
        end=None,
        catch_up=catch_up,  # type: ignore[arg-type]
    )
    return lambda number: campaign.model_copy(update={"number": number, "life": number, "timing": timing})
