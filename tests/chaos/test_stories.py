"""Stories meet what they did not expect, and go on: a Redis that is away, a process that just died."""

from __future__ import annotations

import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from jobs.drill.children import Child
from jobs.drill.farm import Farm
from jobs.drill.messages import Messages
from jobs.drill.proxy import Proxy
from jobs.drill.redis_server import impatient
from jobs.drill.troubles.disk import full
from jobs.drill.troubles.workers import end_worker
from pipeline.errors import QueueUnavailable
from tests.chaos.stage import Stage

SLEEP = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"]


def sleeping(log: Path) -> Child:
    child = Child(SLEEP, log=log, env={})
    while not child.said("ready"):
        assert child.lives
        time.sleep(0.01)
    return child


def dead() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return process.pid


class Loading(socketserver.StreamRequestHandler):
    """What Redis says while it reads its AOF, whatever it is asked."""

    def handle(self) -> None:
        while self.rfile.readline():
            self.wfile.write(b"-LOADING Redis is loading the dataset in memory\r\n")


@pytest.fixture
def loading() -> Iterator[str]:
    """The address of a Redis that never comes to the end of it."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Loading) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("trouble", ["duplicate", "delay", "reorder", "redis-flush"])
def test_a_trouble_waits_for_a_redis_that_is_away(stage: Stage, trouble: str) -> None:
    performance = stage.performance(trouble)
    stage.server.kill()
    performance.step()
    assert not performance.ended
    assert performance.scene.struck is None
    stage.server.start()
    performance.step()
    assert performance.scene.struck is not None
    performance.end()


def test_messages_held_back_are_lost_with_redis(stage: Stage) -> None:
    performance = stage.performance("delay")
    performance.step()
    stage.server.kill()
    performance.end()
    assert "lost with Redis" in performance.scene.what


def test_a_redis_that_reads_its_aof_is_away(loading: str) -> None:
    with closing(impatient(loading)) as client, pytest.raises(QueueUnavailable):
        Messages(client, "test:", "ours").everywhere()
    with closing(impatient(loading)) as client, pytest.raises(QueueUnavailable):
        Messages(client, "test:", "ours").shuffle("gpu", Random(1))


def test_no_room_for_a_process_that_just_died_is_for_the_next_one(stage: Stage) -> None:
    child = sleeping(stage.folder / "log")
    stage.painters = [dead(), child.pid]
    stage.paint(0, frames=5)
    scene = stage.scene()
    story = full(scene)
    next(story)
    assert scene.struck is None
    next(story)
    assert scene.struck is not None
    story.close()
    child.kill()


@pytest.mark.parametrize("trouble", ["store-500", "store-full"])
def test_a_fault_that_met_no_request_has_not_struck(stage: Stage, trouble: str) -> None:
    with closing(Proxy("http://127.0.0.1:9")) as stage.proxy:
        performance = stage.performance(trouble)
        performance.step()
        stage.watch.over = True
        performance.step()
    assert performance.ended
    told = performance.told(0.0, is_done=True)
    assert told.at_s is None
    assert "0 " in told.what


def test_a_machine_that_has_ended_is_replaced_while_the_job_stands_still(stage: Stage) -> None:
    leaving = sleeping(stage.folder / "log")
    stage.machines.append(leaving)
    stage.paint(0, frames=5)
    story = end_worker(stage.scene())
    deadline = time.monotonic() + 10
    while not stage.came:
        assert time.monotonic() < deadline, "no other machine came"
        next(story)
        time.sleep(0.01)
    assert stage.came == [0]
    story.close()


def test_a_machine_that_does_not_end_is_not_left_behind(stage: Stage) -> None:
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    leaving = Child([sys.executable, "-c", script], log=stage.folder / "log", env={})
    while not leaving.said("ready"):
        time.sleep(0.01)
    stage.machines.append(leaving)
    stage.paint(0, frames=5)
    story = end_worker(stage.scene())
    next(story)
    assert leaving.lives
    story.close()
    assert not leaving.lives


def test_a_place_that_is_taken_gets_no_second_machine(stage: Stage) -> None:
    stage.machines.append(sleeping(stage.folder / "log"))
    Farm.start_machine(stage, 0)
    assert not (stage.folder / "worker-0.log").exists()
