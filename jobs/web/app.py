"""The application: which routes there are, and what surrounds them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from jobs.config import Settings
from jobs.tokens import holders
from jobs.web import pages, problems
from jobs.web.access import Access
from jobs.web.api import ROUTERS
from jobs.web.api.metrics import scraped
from jobs.web.bodies import Bodies
from jobs.web.bugs import Bugs
from jobs.web.counted import Counted
from jobs.web.entry import Gate
from jobs.web.farm import Farm
from jobs.web.guard import Guard
from jobs.web.headers import Headers
from jobs.web.heads import Heads
from jobs.web.hub import Hub
from jobs.web.readiness import Readiness
from pipeline.errors import ConfigError


def make_app(config: Settings) -> FastAPI:
    """The dashboard of a deployment.

    Raises: ConfigError without a Redis or without tokens; AccessDenied, StorageUnavailable.
    """
    known = holders(config.web_tokens.get_secret_value()) if config.web_tokens else ()
    if not known:
        raise ConfigError(
            "nobody may use the dashboard: set ATELIER_WEB_TOKENS to `operator NAME TOKEN`; "
            "`openssl rand -hex 24` makes a token"
        )
    farm, hub = Farm.open(config), Hub(limit=config.web_streams)

    @asynccontextmanager
    async def open_and_close(app: FastAPI) -> AsyncIterator[None]:
        yield
        await hub.close()
        farm.close()

    app = FastAPI(
        title="Atelier",
        version="1",
        summary="Jobs, frames, workers and campaigns of one farm.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=open_and_close,
        responses=problems.DOCUMENTED,
    )
    app.state.farm, app.state.hub = farm, hub
    app.state.readiness = Readiness(farm)
    app.state.gate = Gate(known, per_minute=config.web_requests, store=farm.truth.store.url)
    problems.install(app)
    # The last one is the outermost.
    for surrounding in (Bodies, Guard, Bugs, Heads, Headers, Counted, Access):
        app.add_middleware(surrounding)
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(scraped)
    app.include_router(pages.router)
    app.mount("/static", pages.Loads(directory=pages.STATIC), name="static")
    app.add_api_route("/healthz", _alive, include_in_schema=False)
    app.add_api_route("/readyz", _ready, include_in_schema=False)
    return app


async def _alive() -> dict[str, str]:
    """Whether this process lives."""
    return {"status": "alive"}


async def _ready(request: Request) -> JSONResponse:
    """Whether Redis and the storage answer."""
    readiness: Readiness = request.app.state.readiness
    return await readiness.answer()
