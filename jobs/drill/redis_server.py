"""The drill's own Redis: with AOF, on a socket that only we may open, and it may be killed."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.drill.children import Child, wait_for
from jobs.drill.clock import WrongClock
from jobs.local import redis_binary

_START_S = 15.0


class RedisServer:
    """One Redis that dies and comes back. It keeps what it wrote to its AOF, unless that is taken away."""

    def __init__(self, folder: Path, clock: WrongClock | None) -> None:
        """Start it. Raises: ConfigError without a redis-server; AtelierError if it does not come up."""
        self._folder = folder / "redis"
        self._socket = folder / "redis.sock"
        self._log = folder / "redis.log"
        self.clock = clock
        self.url = f"unix://{self._socket}"
        self._child: Child | None = None
        self.start()

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self._child is not None and self._child.lives

    def start(self, *, empty: bool = False) -> None:
        """Start it, if it does not run; `empty` takes its memory away first."""
        if self.is_up:
            return
        if empty:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(exist_ok=True)
        self._socket.unlink(missing_ok=True)
        options = {"port": "0", "unixsocket": str(self._socket), "unixsocketperm": "700", "dir": str(self._folder)}
        options |= {"save": "", "appendonly": "yes", "appendfsync": "everysec"}
        command = [redis_binary(), *(part for name, value in options.items() for part in (f"--{name}", value))]
        environment = os.environ | (self.clock.environment if self.clock else {})
        self._child = Child(command, log=self._log, env=environment, ends_by=signal.SIGKILL)
        wait_for(self._answers(), self._child, "redis-server")

    def kill(self) -> None:
        """SIGKILL, as when its machine dies."""
        if self._child is not None:
            self._child.kill()

    def close(self) -> None:
        """End it for good."""
        self.kill()

    def _answers(self) -> bool:
        deadline = time.monotonic() + _START_S
        with impatient(self.url) as client:
            while time.monotonic() < deadline and self.is_up:
                try:
                    return bool(client.ping())
                except redis.RedisError:
                    time.sleep(0.01)
        return False


def impatient(url: str) -> redis.Redis:
    """A client that says at once when Redis is gone: redis-py's own retries take four seconds to believe it."""
    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=3, socket_connect_timeout=3, retry=Retry(NoBackoff(), 0)
    )
