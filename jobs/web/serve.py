"""The process that serves the dashboard: `python -m jobs.web.serve`, which `atelier web` becomes."""

from __future__ import annotations

import errno
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Iterable
from typing import Any

import uvicorn
from fastapi import FastAPI

from jobs import tracing
from jobs.config import Settings, settings
from jobs.logs.setup import set_up_logs
from jobs.metrics.flush import Flusher
from jobs.metrics.storage import count_storage
from jobs.web.app import make_app
from jobs.web.protocol import LARGEST_HEAD, Protocol
from pipeline.errors import AtelierError, ConfigError

_GRACE_S = 2
"""How long requests may take to end when the process is told to stop. Viewers' streams end at once."""

_LAST_S = 4.5
"""After that we are gone, whoever still waits for a storage that does not answer."""

_IDLE_S = 15
"""For how long a connection is kept on which nothing is asked."""

_BACKLOG = 512


class Server(uvicorn.Server):
    """Serves the application until it is told to stop; then lets its viewers go."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._site = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        await self._site.state.hub.close()
        await super().shutdown(sockets)


def server(app: FastAPI, config: Settings) -> Server:
    """What serves the application. It is given its sockets when it runs."""
    serving = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(config.web_proxies),
        forwarded_allow_ips=config.web_proxies or "",
        h11_max_incomplete_event_size=LARGEST_HEAD,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return Server(serving, app)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises: ConfigError if it cannot."""
    try:
        # Of a name that has addresses of both families, the one that more clients try.
        found = sorted(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))
        return _listening(found[0][0], found[0][4])
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        right = "; is another dashboard there? choose another port (ATELIER_WEB_PORT)" if is_taken else ""
        raise ConfigError(f"cannot listen at {host}, port {port}: {error.strerror}{right}") from error


def _listening(family: int, address: Any) -> socket.socket:
    # asyncio sends what it has at once on sockets that say that they are TCP's: else an answer waits 40 ms.
    heard = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        heard.bind(address)
        heard.listen(_BACKLOG)
    except OSError:
        heard.close()
        raise
    return heard


def main() -> int:
    """Serve until SIGTERM or Ctrl-C. The exit code."""
    try:
        config = settings()
        set_up_logs("web")
        count_storage()
        app = make_app(config)
        heard = listen(config.web_host, config.web_port)
    except AtelierError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    _allow_many_connections(config.web_streams)
    _hear((signal.SIGTERM, signal.SIGINT))
    host, port = heard.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"the dashboard is at http://{shown}:{port}", file=sys.stderr, flush=True)  # noqa: T201
    with Flusher(lambda: app.state.farm.ledger):
        server(app, config).run(sockets=[heard])
    tracing.flush()
    return 0


def _hear(signals: Iterable[signal.Signals]) -> None:
    """uvicorn raises the signal that ended it once more, in the end: then it is for us, and no failure."""
    for number in signals:
        signal.signal(number, _end_soon)


def _end_soon(number: int, frame: object) -> None:
    # A thread that waits for a storage without an answer would keep the process.
    last = threading.Timer(_LAST_S - _GRACE_S, os._exit, (0,))
    last.daemon = True
    last.start()


def _allow_many_connections(streams: int) -> None:
    """Viewers are connections, and those are open files; as many as this system lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = streams + 1024
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    sys.exit(main())
