"""What one machine shares among the `atelier run`s of a user, and what it does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from jobs import config, local


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short one, because a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        monkeypatch.setattr("jobs.local.HOME", Path(folder))
        yield Path(folder)


def until(is_so: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _socket(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Path:
    for name, value in variables.items():
        monkeypatch.setenv(f"ATELIER_{name.upper()}", value)
    config.settings.cache_clear()
    return local.socket_path()


def test_each_store_has_a_redis_of_its_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = [str(home / "a"), str(home / "b"), "s3://films/jobs", "s3://films"]
    sockets = [_socket(monkeypatch, store=store) for store in stores]
    sockets.append(_socket(monkeypatch, s3_endpoint="http://elsewhere:8333"))
    assert len({path.parent for path in sockets}) == 5
    assert all(home in path.parents for path in sockets)


def test_store_is_the_same_however_it_is_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    (home / "link").symlink_to(home)
    spellings = [str(home / "a"), f"file://{home}/a", "a/", f"{home}/link/a"]
    assert len({_socket(monkeypatch, store=store) for store in spellings}) == 1


def test_socket_of_a_deep_home_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.local.HOME", Path("/" + "deep/" * 30))
    one, other = (_socket(monkeypatch, store=store) for store in ("/a", "/b"))
    assert one != other
    assert len(str(one)) < 100


def test_two_stores_run_beside_each_other(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_STORE", str(home / "a"))
    with local.own_redis() as first:
        _socket(monkeypatch, store=str(home / "b"))
        assert local.running_url() is None
        with local.own_redis() as second:
            assert first != second
        _socket(monkeypatch, store=str(home / "a"))
        assert local.running_url() == first
    assert local.running_url() is None


def test_redis_ends_though_its_user_is_killed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = _socket(monkeypatch, store=str(home / "a"))
    code = "import time; from jobs.local import own_redis\nwith own_redis(): print('there', flush=True); time.sleep(60)"
    user = subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"ATELIER_HOME": str(home)}, stdout=subprocess.PIPE
    )
    assert user.stdout is not None
    assert user.stdout.readline() == b"there\n"
    assert local.running_url() is not None
    user.kill()
    user.wait()
    user.stdout.close()
    until(lambda: not socket.exists())


def test_redis_is_kept_for_who_comes_while_it_is_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _socket(monkeypatch, store=str(home / "a"))
    with local.own_redis() as first:
        with local.own_redis() as second:
            assert first == second
        assert not local.revive_redis()
    assert local.running_url() is None


def test_a_redis_that_died_is_started_anew(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _socket(monkeypatch, store=str(home / "a"))
    with local.own_redis() as url:
        with redis.Redis(unix_socket_path=str(path)) as client:
            os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
        until(lambda: local.running_url() is None)
        assert local.revive_redis()
        assert local.running_url() == url


def test_a_redis_that_hangs_is_not_replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _socket(monkeypatch, store=str(home / "a"))
    with local.own_redis() as url:
        with redis.Redis(unix_socket_path=str(path)) as client:
            pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGSTOP)
        try:
            assert not local.revive_redis()
        finally:
            os.kill(pid, signal.SIGCONT)
        assert local.running_url() == url


def test_interrupt_while_workers_start_leaves_none_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def child(*_: object) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(["sleep", "60"]))
        signal.raise_signal(signal.SIGINT)
        return started[-1]

    monkeypatch.setattr(local, "child_of", child)
    with pytest.raises(KeyboardInterrupt), local.own_workers("unix:///x", concurrency=1, log=tmp_path / "log"):
        pytest.fail("the interrupt was lost")
    assert [process.poll() for process in started] == [-signal.SIGTERM, -signal.SIGTERM]
