"""deploy/redis starts a Redis that keeps what it has, wants its password, and does not show it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.local import redis_binary
from pipeline.errors import ConfigError
from tests.deploy.compose import ROOT
from tests.processes import running, wait_for_answer

PASSWORD = r'as "open" as \n and $HOME'


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, for a unix socket, with `redis-server` in bin/."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as name:
        try:
            binary = redis_binary()
        except ConfigError as error:
            pytest.skip(str(error))
        (Path(name) / "bin").mkdir()
        (Path(name) / "bin/redis-server").symlink_to(binary)
        yield Path(name)


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen]:
    """What the container runs, on a unix socket."""
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "TMPDIR": str(folder), "REDISCLI_AUTH": PASSWORD}
    socket = folder / "sock"
    command = ["sh", str(ROOT / "deploy/redis/start.sh"), "--dir", str(folder), "--port", "0"]
    with running([*command, "--unixsocket", str(socket)], log=folder / "log", env=env) as process:
        wait_for_answer(socket, process, log=folder / "log")
        yield process


def client(folder: Path, password: str | None = PASSWORD) -> redis.Redis:
    """A client of the Redis in this folder."""
    # redis-py takes a refused password for a passing fault and tries again for seconds.
    return redis.Redis(unix_socket_path=str(folder / "sock"), password=password, retry=Retry(NoBackoff(), 0))


def test_what_was_written_outlives_a_kill(folder: Path) -> None:
    with started(folder) as process:
        with client(folder) as written:
            written.set("chunk", "17")
        process.kill()
        process.wait()
    (folder / "sock").unlink()
    with started(folder), client(folder) as read:
        assert read.get("chunk") == b"17"


def test_nobody_enters_without_the_password(folder: Path) -> None:
    with started(folder), client(folder, None) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.get("chunk")


def test_the_password_is_on_no_command_line(folder: Path) -> None:
    with started(folder) as process:
        shown = Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        mode = (folder / "redis.conf").stat().st_mode & 0o777
    assert "redis-server" in shown
    assert PASSWORD not in shown
    assert mode == 0o600


def test_redis_does_not_start_without_a_password(folder: Path) -> None:
    command = ["sh", str(ROOT / "deploy/redis/start.sh")]
    ended = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "set ATELIER_REDIS_PASSWORD" in ended.stderr


def test_redis_logs_every_write_and_evicts_nothing(folder: Path) -> None:
    with started(folder), client(folder) as asked:
        assert asked.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert asked.config_get("appendonly") == {"appendonly": "yes"}
        assert asked.config_get("appendfsync") == {"appendfsync": "everysec"}
