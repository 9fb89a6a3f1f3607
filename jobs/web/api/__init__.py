"""The routes below /api/v1, a module for each thing they are about. `ROUTERS` has a row for each."""

from __future__ import annotations

from fastapi import APIRouter

from jobs.web.api import events, jobs, metrics, session, steer, workers

ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    jobs.router,
    steer.router,
    events.router,
    workers.router,
    metrics.router,
)
