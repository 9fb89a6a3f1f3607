"""A receiver of webhooks, for tests: a real HTTP server that answers by a script and keeps what it was told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.web import answering

Reply = int | Callable[[BaseHTTPRequestHandler], None]
"""A status; or whatever a handler does."""


@dataclass
class Receiver:
    """What a server of the block was told."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def told(self, number: int = -1) -> dict[str, Any]:
        """What stood in a webhook."""
        return dict(json.loads(self.bodies[number]))


@contextmanager
def receiving(*replies: Reply) -> Iterator[Receiver]:
    """A server that gives these replies, and the last one for ever."""
    waiting: list[Reply] = list(replies or (204,))
    lock = threading.Lock()
    made = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                made.bodies.append(body)
                made.headers.append(dict(self.headers))
                reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if callable(reply):
                reply(self)
                return
            self.send_response(reply)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with answering(Handler) as address:
        made.url = f"{address}/hook"
        yield made
