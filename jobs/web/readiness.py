"""Whether Redis and the storage answer, as anybody may ask: looked at seldom, and what is wrong is for the log only."""

from __future__ import annotations

import asyncio
import logging
import time
from http import HTTPStatus

from fastapi.responses import JSONResponse

from jobs.web import problems
from jobs.web.farm import Farm
from pipeline.errors import AtelierError

log = logging.getLogger(__name__)

_LASTS_S = 2.0


class Readiness:
    """What was found a moment ago. Used on the event loop only; of all who ask at the same time one thread looks."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._trouble = ""
        self._looked = -_LASTS_S
        self._looking: asyncio.Task[None] | None = None

    async def answer(self) -> JSONResponse:
        """200, or 503 without a word of what is wrong: who asks may be a stranger."""
        if time.monotonic() - self._looked >= _LASTS_S:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look(), name="readiness")
            await asyncio.shield(self._looking)
        if self._trouble:
            return problems.answer(HTTPStatus.SERVICE_UNAVAILABLE, "not ready; the dashboard's log says why")
        return JSONResponse({"status": "ready"})

    async def _look(self) -> None:
        trouble = await asyncio.to_thread(_trouble, self._farm)
        if trouble and trouble != self._trouble:
            log.warning("not ready: %s", trouble)
        self._trouble, self._looked = trouble, time.monotonic()


def _trouble(farm: Farm) -> str:
    """What is wrong; empty if nothing is."""
    trouble = farm.absence()
    try:
        farm.truth.store.exists("index/none")
    except AtelierError as error:
        trouble = trouble or str(error)
    return trouble
