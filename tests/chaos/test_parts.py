"""What a drill is built of: a Redis that may be killed, a clock that may be wrong, processes that leave nothing."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobs.drill.children import Child, descendants, is_alive
from jobs.drill.clock import wrong_clock
from jobs.drill.film import FRAMES, draw_film
from jobs.drill.redis_server import RedisServer, impatient
from pipeline.film.probe import probe

PARENT = "import subprocess, sys, time; subprocess.Popen(['sleep', '60']); print('ready', flush=True); time.sleep(60)"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as made:
        yield Path(made)


def parent(folder: Path) -> Child:
    """A process with a child of its own."""
    child = Child([sys.executable, "-c", PARENT], log=folder / "log", env={})
    while not child.said("ready"):
        assert child.lives
        time.sleep(0.01)
    return child


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_nothing_below_a_process_outlives_it(folder: Path, end: str) -> None:
    child = parent(folder)
    below = list(descendants(child.pid))
    assert len(below) == 1
    if end == "kill":
        child.kill()
    else:
        child.stop(grace_s=0.2)
    deadline = time.monotonic() + 5
    while is_alive(below[0]) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not child.lives
    assert not is_alive(below[0])


def test_what_a_process_said_before_it_was_started_does_not_count(folder: Path) -> None:
    (folder / "log").write_text("ready\n")
    child = Child([sys.executable, "-c", "pass"], log=folder / "log", env={})
    child.process.wait()
    assert not child.said("ready")
    child.tell(signal.SIGTERM)


def test_a_killed_redis_comes_back_with_its_aof_or_without(folder: Path) -> None:
    with closing(RedisServer(folder, None)) as server, impatient(server.url) as client:
        client.set("key", "value")
        server.kill()
        assert not server.is_up
        server.start()
        assert client.get("key") == "value"
        server.kill()
        server.start(empty=True)
        assert client.get("key") is None


def test_a_clock_jumps_for_redis_and_its_keys(folder: Path) -> None:
    clock = wrong_clock(folder)
    if clock is None:
        pytest.skip("there is no C compiler")
    with closing(RedisServer(folder, clock)) as server, impatient(server.url) as client:
        client.set("lease", "1", px=10_000)
        clock.jump(3600)
        assert client.time()[0] - time.time() == pytest.approx(3600, abs=5)  # type: ignore[index]
        assert client.get("lease") is None
        clock.jump(-7200)
        assert client.time()[0] - time.time() == pytest.approx(-3600, abs=5)  # type: ignore[index]


def test_the_film_has_frames_and_sound(tmp_path: Path) -> None:
    source = probe(str(draw_film(tmp_path / "film.mp4")))
    assert (source.frames, source.audio_codec) == (FRAMES, "aac")
