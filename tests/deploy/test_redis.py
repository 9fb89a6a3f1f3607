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
    """A short path, for a unix socket, with `redis-server` in bin/ and the password in a file."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as name:
        try:
            binary = redis_binary()
        except ConfigError as error:
            pytest.skip(str(error))
        (Path(name) / "bin").mkdir()
        (Path(name) / "bin/redis-server").symlink_to(binary)
        (Path(name) / "password").write_text(PASSWORD + "\n")
        yield Path(name)


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen]:
    """What the container runs, on a unix socket."""
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "TMPDIR": str(folder)}
    env["REDIS_PASSWORD_FILE"] = str(folder / "password")
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


def test_the_password_is_on_no_command_line_and_in_no_environment(folder: Path) -> None:
    with started(folder) as process:
        shown = Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        shown += Path(f"/proc/{process.pid}/environ").read_text()
        mode = (folder / "redis.conf").stat().st_mode & 0o777
    assert "redis-server" in shown
    assert PASSWORD not in shown
    assert mode == 0o600


@pytest.mark.parametrize(
    ("named", "said"), [("", "deploy/secrets.sh makes one"), ("empty", "write the password"), ("none", "No such file")]
)
def test_redis_does_not_start_without_a_password(folder: Path, named: str, said: str) -> None:
    (folder / "empty").write_text("")
    command = ["sh", str(ROOT / "deploy/redis/start.sh")]
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "TMPDIR": str(folder)}
    env |= {"REDIS_PASSWORD_FILE": str(folder / named)} if named else {}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert said in ended.stderr


def test_the_health_check_asks_with_the_password(folder: Path) -> None:
    asking = Path(redis_binary()).with_name("redis-cli")
    if not asking.exists():
        pytest.skip("there is no redis-cli beside redis-server")
    (folder / "bin/redis-cli").symlink_to(asking)
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "REDIS_PASSWORD_FILE": str(folder / "password")}
    ask = ["sh", str(ROOT / "deploy/redis/ping.sh"), "-s", str(folder / "sock")]
    with started(folder):
        assert subprocess.run(ask, env=env, check=False).returncode == 0
        (folder / "password").write_text("wrong")
        assert subprocess.run(ask, env=env, capture_output=True, check=False).returncode != 0
    assert subprocess.run(ask, env=env, capture_output=True, check=False).returncode != 0


def test_redis_logs_every_write_and_evicts_nothing(folder: Path) -> None:
    with started(folder), client(folder) as asked:
        assert asked.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert asked.config_get("appendonly") == {"appendonly": "yes"}
        assert asked.config_get("appendfsync") == {"appendfsync": "everysec"}
