"""The token is looked at first: whoever may not ask learns nothing, and has nothing of theirs read or parsed."""

from __future__ import annotations

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from jobs.web.bodies import has_body
from jobs.web.entry import admitted
from jobs.web.problems import Refusal, answer

_OPEN = frozenset({"/api/v1/session", "/api/v1/openapi.json", "/api/v1/docs"})
"""What strangers may ask of the API: to be let in, and what it is."""


class Guard:
    """Surrounds the application. Pages see to themselves who looks: they lead strangers to the login."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "http" and _is_guarded(scope["path"]):
            try:
                admitted(Request(scope))
            except Refusal as refusal:
                # Nobody reads the rest of a stranger's body.
                closing = {"Connection": "close"} if has_body(dict(scope["headers"])) else {}
                refused = answer(refusal.status, refusal.detail, headers=refusal.headers | closing)
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_guarded(path: str) -> bool:
    return path == "/metrics" or (path.startswith("/api/") and path not in _OPEN)
