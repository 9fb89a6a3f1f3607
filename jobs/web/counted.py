"""Counts requests by the route that answered them, and how long that took."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobs.metrics.tally import count, observe

_API = "/api/v1"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Counted:
    """Surrounds the application. Of a stream, it is the time until it began."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, is_counted = time.perf_counter(), False

        async def counting(message: Message) -> None:
            nonlocal is_counted
            if message["type"] == "http.response.start" and not is_counted:
                is_counted = True
                _count(scope, message["status"], time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, counting)


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    method = scope["method"] if scope["method"] in _METHODS else "other"
    count("atelier_http_requests_total", route=route, method=method, status=status)
    observe("atelier_http_request_seconds", seconds, route=route)


def _route(scope: Scope) -> str:
    """The route's template: addresses themselves have no end."""
    route = scope.get("route")
    if route is not None:
        # Some versions of FastAPI tell a router's route without the router's prefix.
        is_below = scope["path"].startswith(f"{_API}/") and not route.path.startswith(f"{_API}/")
        return f"{_API}{route.path}" if is_below else str(route.path)
    return "/static" if scope["path"].startswith("/static/") else "none"
