"""HEAD: what a GET would be answered with, but for the body. Download managers ask so before they begin."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Surrounds the application. Who would go on to send is told that nobody listens."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        is_over = False

        async def sending(message: Message) -> None:
            nonlocal is_over
            if message["type"] != "http.response.body":
                await send(message)
            elif not is_over:
                is_over = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                # The server says at the next `receive` that the client is gone, and streams end by that.
                await asyncio.sleep(0)

        await self._app({**scope, "method": "GET"}, receive, sending)
