"""How a store misbehaves on bad days. Each fault meets some of the requests that come while it is in force."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import Protocol

from jobs.drill.proxy import Answer, Request


class Exchange(Protocol):
    """One request in the proxy's hands."""

    def ask(self, request: Request) -> Answer:
        """What the server says."""

    def ask_half(self, request: Request) -> None:
        """Send the server half a request, and hang up on it."""

    def tell(self, answer: Answer, *, only: int | None = None) -> None:
        """Answer the client."""

    def cut(self) -> None:
        """Hang up on the client."""


Act = Callable[[Exchange, Request], None]


class Fault:
    """An act, and which requests it meets."""

    def __init__(
        self, act: Act, *, share: float = 1.0, most: int | None = None, methods: str = "", seed: int = 0
    ) -> None:
        """`share` of the requests, `most` of them in all, and only of these `methods`, if any are named."""
        self.act = act
        self.met = 0
        """Requests that it has met."""
        self._share, self._most, self._methods = share, most, methods.split()
        self._rng = Random(seed)
        self._lock = threading.Lock()

    @property
    def has_more(self) -> bool:
        """Whether it would meet another request."""
        return self._most is None or self.met < self._most

    def takes(self, request: Request) -> bool:
        """Whether it meets this one, which is then counted."""
        with self._lock:
            if not self.has_more:
                return False
            if self._methods and request.method not in self._methods:
                return False
            if self._rng.random() >= self._share:
                return False
            self.met += 1
            return True


def refuse(status: int, code: str) -> Act:
    """Answer with an error of S3's, and do nothing."""
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>a drill</Message></Error>'.encode()
    answer = Answer(status, (("Content-Type", "application/xml"),), body)
    return lambda exchange, _: exchange.tell(answer)


def never_answer(seconds: float) -> Act:
    """Keep the client waiting, then hang up. Nothing reaches the server."""

    def act(exchange: Exchange, _: Request) -> None:
        time.sleep(seconds)
        exchange.cut()

    return act


def cut_answer(exchange: Exchange, request: Request) -> None:
    """Do as asked, and hang up in the middle of the answer; before it, if it is only a head."""
    answer = exchange.ask(request)
    if len(answer.body) > 1:
        exchange.tell(answer, only=len(answer.body) // 2)
    exchange.cut()


def cut_request(exchange: Exchange, request: Request) -> None:
    """Let the server have half of what it is sent, and hang up on both sides."""
    exchange.ask_half(request)
    exchange.cut()
