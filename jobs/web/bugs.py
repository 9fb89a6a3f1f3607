"""A bug is answered within what surrounds every answer: so it is counted, and has the headers that all have."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs.web.problems import bug


class Bugs:
    """Surrounds the application. Starlette's own answer to an error is outside of everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens. Raises: what the application raised, for the log."""
        has_begun = False

        async def watching(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception:
            if scope["type"] == "http" and not has_begun:
                await bug()(scope, receive, send)
            raise
