"""An endpoint that writes copy, for tests: a real HTTP server that answers by a script and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.web import answering

Reply = dict[str, Any] | str | Callable[[BaseHTTPRequestHandler], None]
"""Texts by name; what the model says instead; or whatever a handler does."""


@dataclass
class Model:
    """What a server of the block was asked."""

    url: str
    """Of the endpoint, as ATELIER_COPY_URL takes it."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Each question's JSON."""
    keys: list[str | None] = field(default_factory=list)
    """Each question's Authorization."""

    def told(self, question: int, message: int = -1) -> str:
        """What a message of a question said."""
        return str(self.asked[question]["messages"][message]["content"])


@contextmanager
def model(*replies: Reply) -> Iterator[Model]:
    """A server that gives these replies, and the last one for ever."""
    waiting: list[Reply] = list(replies)
    lock = threading.Lock()
    made = Model("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                made.asked.append(question | {"path": self.path})
                made.keys.append(self.headers["Authorization"])
                reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if callable(reply):
                reply(self)
            else:
                say(self, reply if isinstance(reply, str) else json.dumps(reply))

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with answering(Handler) as address:
        made.url = f"{address}/v1"
        yield made


def say(handler: BaseHTTPRequestHandler, content: str, *, finish: str = "stop") -> None:
    """A chat completion of that content."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}
    send(handler, 200, json.dumps({"object": "chat.completion", "choices": [choice]}))


def send(
    handler: BaseHTTPRequestHandler, status: int, body: str, headers: Sequence[tuple[str, str]] = (), *, cut: int = 0
) -> None:
    """A whole answer, or one whose last `cut` bytes never come."""
    data = body.encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(data)))
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data[: len(data) - cut])


def refusing(status: int, words: str = "", *, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """An error in OpenAI's form."""
    return lambda handler: send(handler, status, json.dumps({"error": {"message": words}}), headers)
