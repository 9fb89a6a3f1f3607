"""What clients may send, and how slowly: bounded bodies, and deadlines for those who send or read by the drop.

A slow request head is the protocol's matter (protocol.py).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs.web.problems import Refusal, answer

log = logging.getLogger(__name__)

MOST = 1_100_000
"""Bytes that a body may have, but for uploads: a job file of the largest size, within JSON."""

UPLOADS = "/api/v1/uploads/"
"""Where bodies are read as they come, and bounded by who reads them."""

_PATIENCE_S = 20.0
"""For how long nothing may come, or be taken."""
_PACE = 2_000
"""Bytes a second that must come in the end, whatever comes between."""


class Bodies:
    """Surrounds the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, taken = _Body(receive), _Taken(send)
        headers = dict(scope["headers"])
        if scope["path"].startswith(UPLOADS) or not has_body(headers):
            await taken.by(self._app, scope, body.receive if has_body(headers) else receive)
            return
        try:
            check_length(headers, MOST)
            whole = await _read(body)
        except Refusal as refusal:
            await answer(refusal.status, refusal.detail, headers={"Connection": "close"})(scope, receive, send)
            return
        if whole is not None:
            await taken.by(self._app, scope, _again(whole, receive))


class _Body:
    """A body as it comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._began = time.monotonic()
        self._size = 0
        self._is_whole = False

    async def receive(self) -> Message:
        """The next piece. Raises: Refusal if it takes too long."""
        if self._is_whole:
            return await self._receive()
        allowed = self._began + _PATIENCE_S + self._size / _PACE - time.monotonic()
        try:
            message = await asyncio.wait_for(self._receive(), min(_PATIENCE_S, allowed))
        except TimeoutError:
            raise Refusal(
                HTTPStatus.REQUEST_TIMEOUT,
                f"the body came too slowly; send {_PACE:,} bytes a second or more",
                {"Connection": "close"},
            ) from None
        self._size += len(message.get("body", b""))
        self._is_whole = message["type"] == "http.request" and not message.get("more_body", False)
        return message


def has_body(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request with these headers has a body."""
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def check_length(headers: Mapping[bytes, bytes], most: int) -> None:
    """Raises: Refusal if more is declared than may come. h11 has seen to it that it is a number."""
    _check(int(headers.get(b"content-length", b"0")), most)


def _check(size: int, most: int) -> None:
    if size > most:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body may have {most:,} bytes here; files are sent to {UPLOADS}NAME",
        )


async def _read(body: _Body) -> bytes | None:
    """The whole body; None if its sender left. Raises: Refusal."""
    whole = bytearray()
    while True:
        message = await body.receive()
        if message["type"] == "http.disconnect":
            return None
        whole += message.get("body", b"")
        _check(len(whole), MOST)
        if not message.get("more_body", False):
            return bytes(whole)


def _again(whole: bytes, receive: Receive) -> Receive:
    """Gives a body that was read."""
    is_given = False

    async def give() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": whole, "more_body": False}

    return give


class _Taken:
    """An answer as it is taken. A client that takes nothing any more is given up."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_stuck = False

    async def by(self, app: ASGIApp, scope: Scope, receive: Receive) -> None:
        """Let the application answer."""
        try:
            await app(scope, receive, self._sending)
        except Exception:
            if not self._is_stuck:
                raise
            log.info("%s does not take what it asked for", scope["path"])

    async def _sending(self, message: Message) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._send(message)
        except TimeoutError:
            self._is_stuck = True
            raise
