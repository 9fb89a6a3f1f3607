"""Schedulers as processes: beats that are killed, doubled and stopped, and a Redis that forgets."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jobs.campaigns.book import Book
from jobs.campaigns.enlist import enlist
from jobs.campaigns.records import Run
from tests.jobs.campaigning import every_seconds
from tests.jobs.files import write_checkpoint, write_sequence
from tests.processes import running
from tests.workers.farm import TIMEOUT_S, Farm, farm

EVERY_S = 2

SCHEDULER = [sys.executable, "-m", "workers.scheduler"]
BEAT = [sys.executable, "-m", "celery", "--quiet", "-A", "workers.app", "beat"]

JOB = """\
kind: film
source: shots/shot.%04d.png
style: {style}
deliver: [png]
output: out/{{campaign}}/{{date}}/{{time}}/
schedule: {{cron: "{cron}", timezone: Europe/Berlin}}
"""


def campaign_file(folder: Path, style: Path, *, cron: str) -> str:
    """A job file of two tiny pictures."""
    write_sequence(folder / "shots", 2)
    path = folder / "autumn.yaml"
    path.write_text(JOB.format(style=style, cron=cron))
    return str(path)


@contextmanager
def schedulers(made: Farm, *commands: list[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that fire the farm's campaigns."""
    with ExitStack() as opened:
        yield [
            opened.enter_context(running(command, log=made.folder / f"{time.time_ns()}.log", env=made.environment))
            for command in commands
        ]


def wait_until(true: Callable[[], bool], what: str, made: Farm) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not true():
        assert time.monotonic() < deadline, f"{what} has not come true\n{made.log()}"
        time.sleep(0.05)


def fired(book: Book) -> dict[Run, str]:
    """The job of each run that has ended."""
    ended = ((run, book.ended(run)) for run in book.runs("often"))
    return {run: end.job for run, end in ended if end is not None}


def test_one_of_two_schedulers_dies_redis_forgets_and_every_run_is_one_job(tmp_path: Path) -> None:
    with farm(tmp_path, campaigns_s="0.5", lease_s="2") as made:
        book = Book(made.truth)
        file = campaign_file(tmp_path, write_checkpoint(tmp_path / "my.safetensors"), cron="@yearly")
        yearly = enlist(file, "yearly", book, made.config, datetime.now(UTC)).campaign
        often = yearly.model_copy(update={"name": "often"})
        book.add(every_seconds(often, EVERY_S, catch_up="all"), "often")
        with schedulers(made, SCHEDULER, SCHEDULER) as (dies, lives):
            wait_until(lambda: len(fired(book)) >= 2 and len(made.ledger.schedulers()) == 2, "both are at it", made)
            dies.send_signal(signal.SIGKILL)
            made.kill_redis()
            made.start_redis()
            killed = datetime.now(UTC)

            def is_caught_up() -> bool:
                done = fired(book)
                return max(done).at > killed and all(run in done for run in book.runs("often") if run.at <= killed)

            wait_until(is_caught_up, "every run that the dead one had is fired", made)
            assert len(made.ledger.schedulers()) == 1
            lives.send_signal(signal.SIGTERM)
            assert lives.wait(20) == 0, made.log()
            assert made.ledger.schedulers() == []
        runs, jobs = list(book.runs("often")), fired(book)
        assert [run.at for run in runs] == [runs[0].at + n * timedelta(seconds=EVERY_S) for n in range(len(runs))]
        # What it was told to stop at is left open, for others.
        assert set(runs) - set(jobs) <= set(book.open())
        assert set(jobs.values()) <= set(made.truth.active())
        outputs = [made.truth.plan(job).output for job in made.truth.active()]
        assert len(jobs) <= len(outputs) == len(set(outputs)) <= len(runs)


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_two_schedulers_fire_a_campaign_each_minute_once(tmp_path: Path, media: Path) -> None:
    """Three minutes by the real clock. After two of them everything but the store is killed, and begins again."""
    with farm(tmp_path) as made:
        book = Book(made.truth)
        file = campaign_file(tmp_path, media / "fast.safetensors", cron="* * * * *")
        first = enlist(file, "often", book, made.config, datetime.now(UTC)).first
        # One by Celery's own command line.
        with schedulers(made, SCHEDULER, BEAT) as both, made.workers() as supervisor:
            wait_until(lambda: len(fired(book)) == 2, "the second minute", made)
            assert len(made.ledger.schedulers()) == 2
            for process in (*both, supervisor):
                process.send_signal(signal.SIGKILL)
            made.kill_redis()
        made.start_redis()
        with schedulers(made, SCHEDULER, BEAT), made.workers():
            wait_until(lambda: len(fired(book)) == 3, "the third minute", made)
            jobs = fired(book)
            assert [run.at for run in jobs] == [first + n * timedelta(minutes=1) for n in range(3)]
            for job in jobs.values():
                wait_until(lambda job=job: made.truth.is_over(job, 1), f"{job} is done", made)
                assert made.truth.result(job, 1) is not None
        berlin = [run.at.astimezone(ZoneInfo("Europe/Berlin")) for run in jobs]
        assert sorted(str(path.parent.relative_to(tmp_path)) for path in tmp_path.glob("out/**/result.json")) == [
            f"out/often/{at:%Y-%m-%d}/{at:%H%M}" for at in berlin
        ]
        assert sorted(made.truth.jobs()) == sorted(jobs.values())
