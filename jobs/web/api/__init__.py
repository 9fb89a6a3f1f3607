"""The routes below /api/v1, a module for each thing they are about. `ROUTERS` has a row for each."""

from __future__ import annotations

from fastapi import APIRouter

from jobs.web.api import (
    campaigns,
    chunks,
    cover,
    events,
    frames,
    gallery,
    jobs,
    media,
    metrics,
    preview,
    reference,
    schema,
    session,
    steer,
    submit,
    uploads,
    values,
    wall,
    workers,
)

ROUTERS: tuple[APIRouter, ...] = (
    reference.router,
    session.router,
    jobs.router,
    steer.router,
    events.router,
    workers.router,
    metrics.router,
    wall.router,
    frames.router,
    cover.router,
    chunks.router,
    media.router,
    submit.router,
    values.router,
    uploads.router,
    schema.router,
    campaigns.router,
    preview.router,
    gallery.router,
)
