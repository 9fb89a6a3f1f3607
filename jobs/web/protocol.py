"""HTTP/1.1 as uvicorn and h11 speak it, and a deadline for the head of a request.

uvicorn waits for ever for the rest of a head that has begun, so a few thousand clients who send a byte a minute would
take every connection. Bodies have deadlines of their own (bodies.py).
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""For how long a client may send the head of a request."""

LARGEST_HEAD = 32_768
"""Bytes."""


class Protocol(H11Protocol):
    """One connection."""

    head_s = HEAD_S
    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """The client has sent something."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._await_head()
        else:
            self._have_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._have_head()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or has too large a head."""
        self._refuse(HTTPStatus.BAD_REQUEST, "this is no request that HTTP/1.1 knows, or its head is too large")

    def _await_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(self.head_s, self._give_up)

    def _have_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._head = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            detail = f"the head of the request did not come in {self.head_s:g} seconds"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, detail)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer before there is a request, and close."""
        if self.conn.our_state is h11.IDLE or self.conn.our_state is h11.SEND_RESPONSE:
            problem = {"title": status.phrase, "status": status, "detail": detail, "errors": []}
            body = json.dumps(problem).encode()
            headers = [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ]
            reason = status.phrase.encode()
            for event in (
                h11.Response(status_code=status, headers=headers, reason=reason),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
