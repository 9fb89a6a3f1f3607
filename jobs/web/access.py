"""A line in the log for each request: who asked for what, and what came of it. Queries are left out."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs.tokens import Holder

log = logging.getLogger(__name__)

_QUIET = ("/healthz", "/readyz", "/static/", "/metrics")
"""What is asked all the time, and by machines: told at DEBUG only."""


class Access:
    """Surrounds the application. Of a stream, the time is until it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception:
            status = status or 500
            raise
        finally:
            _tell(scope, status, time.monotonic() - began)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    path = scope["path"]
    level = logging.DEBUG if path.startswith(_QUIET) and status < 400 else logging.INFO
    holder: Holder | None = scope.get("state", {}).get("holder")
    who = holder.name if holder else "-"
    address = scope["client"][0] if scope.get("client") else "-"
    # As Python writes it: a line break in a path is none in the log.
    shown = path if path.isprintable() and path.isascii() else ascii(path)
    log.log(level, "%s %s %s %s %s %.3f s", address, who, scope["method"], shown[:300], status or "left", seconds)
