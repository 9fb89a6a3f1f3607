"""What processes log: as JSON with what they are at, and as lines that people find with the job."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.ledger import Ledger
from jobs.logs import lines, work
from jobs.logs.lines import LONGEST, MOST_WAITING, Lines
from pipeline.errors import QueueUnavailable

ROOT = Path(__file__).parents[2]
SCRIPT = """
import logging, threading
from jobs.logs import work
from jobs.logs.setup import set_up_logs
set_up_logs("cpu-0@here")
log = logging.getLogger("workers.x")
log.info("idle")
with work.process_at("film-1", 3, 17):
    thread = threading.Thread(target=log.info, args=("two\\nlines %d", 2), name="decoder")
    thread.start()
    thread.join()
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")
"""


def written(**settings: str) -> list[str]:
    """What a process writes that logs three lines."""
    environment = os.environ | {f"ATELIER_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stderr.splitlines()


def test_json_lines_say_what_they_are_about() -> None:
    idle, painting, failed = map(json.loads, written(log_format="json"))
    assert idle["message"] == "idle"
    assert not {"job", "chunk", "attempt"} & idle.keys()
    assert painting["message"] == "two\nlines 2"
    known = {"job": "film-1", "chunk": 3, "attempt": 17, "worker": "cpu-0@here", "level": "INFO"}
    assert known.items() <= painting.items()
    assert painting["logger"] == "workers.x"
    assert painting["time"].endswith("+00:00")
    assert "ZeroDivisionError" in failed["error"]


def test_text_is_what_is_written_unless_somebody_wants_json() -> None:
    assert written()[0].endswith("INFO    MainProcess workers.x: idle")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """A logger whose lines about jobs are kept."""
    handler, log = Lines("cpu-0@a"), logging.getLogger("test.lines")
    monkeypatch.setattr(lines, "_handler", handler)
    monkeypatch.setattr(log, "propagate", False)
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
    yield log
    log.removeHandler(handler)


def test_lines_about_a_job_are_found_with_it(kept: logging.Logger, ledger: Ledger) -> None:
    kept.info("about nothing")
    with work.process_at("film-1", 3, 17):
        kept.debug("too much")
        kept.info("film-1 chunk 3: begins")
        with work.at("film-2"):
            kept.warning("another job, from a thread of its own mind")
    with work.process_at("film-1", "stitch", 18):
        kept.error("it broke: %s", "why")
    lines.send(ledger)
    first, last = ledger.log_lines("film-1")
    assert (first.text, first.chunk, first.attempt, first.level) == ("begins", 3, 17, "INFO")
    assert (last.text, last.chunk, last.level, last.worker) == ("it broke: why", "stitch", "ERROR", "cpu-0@a")
    assert ledger.log_lines("film-1", chunk=3) == [first]
    assert ledger.log_lines("film-1", after=first.id) == [last]
    assert ledger.log_lines("film-1", after=last.id) == []
    assert [line.chunk for line in ledger.log_lines("film-2")] == [None]
    assert ledger.log_lines("film-3") == []


def test_lines_expire(kept: logging.Logger, ledger: Ledger) -> None:
    with work.at("film-1"):
        kept.info("once")
    lines.send(ledger)
    assert 0 < ledger.redis.ttl("test:job:film-1:log") <= 86_400  # type: ignore[operator]


def test_redis_keeps_the_last_lines_of_a_job(ledger: Ledger) -> None:
    body = json.dumps({"at": 1.0, "level": "INFO", "text": "x", "chunk": 0, "attempt": 1, "worker": "a"})
    for _ in range(5):
        ledger.add_lines([("film-1", body)] * 1_000)
    # Whole nodes of a hundred entries leave at a time.
    assert 2_000 <= len(ledger.log_lines("film-1")) <= 2_100


def test_lines_wait_for_redis_as_far_as_there_is_room(kept: logging.Logger, ledger: Ledger) -> None:
    with work.at("film-1"):
        for number in range(MOST_WAITING):
            kept.info("line %d", number)
        with pytest.raises(QueueUnavailable):
            lines.send(Ledger("redis://127.0.0.1:1", timeout_s=0.2))
        kept.info("the last one")
    lines.send(ledger)
    told = [line.text for line in ledger.log_lines("film-1")]
    assert (told[0], told[-1], len(told)) == ("line 1", "the last one", MOST_WAITING)


def test_a_line_is_one_line_and_no_page(kept: logging.Logger, ledger: Ledger) -> None:
    with work.at("film-1"):
        kept.info("a\nb%s", "c" * 5_000)
    lines.send(ledger)
    [line] = ledger.log_lines("film-1")
    assert line.text.startswith("a bccc")
    assert len(line.text) == LONGEST


def test_what_a_thread_is_at_ends_with_its_block() -> None:
    seen: list[work.Work | None] = []
    with work.process_at("film-1", 0, 1):
        thread = threading.Thread(target=lambda: seen.append(work.current()))
        thread.start()
        thread.join()
    assert [each.job for each in seen if each] == ["film-1"]
    assert work.current() is None
