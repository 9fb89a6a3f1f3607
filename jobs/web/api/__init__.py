"""The routes below /api/v1, a module for each thing they are about. `ROUTERS` has a row for each."""

from __future__ import annotations

from fastapi import APIRouter

from jobs.web.api import chunks, events, frames, jobs, media, metrics, preview, session, steer, wall, workers

ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    jobs.router,
    steer.router,
    events.router,
    workers.router,
    metrics.router,
    wall.router,
    frames.router,
    chunks.router,
    media.router,
    preview.router,
)
