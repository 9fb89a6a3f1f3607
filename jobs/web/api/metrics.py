"""Numbers for machines: what Prometheus scrapes, and what an autoscaler asks."""

from __future__ import annotations

from fastapi import APIRouter, Response

from jobs.ledger import QUEUES
from jobs.metrics import CONTENT_TYPE, exposition
from jobs.metrics.reading import read
from jobs.metrics.tally import show
from jobs.web.api.needs import AFarm, AHub
from jobs.web.entry import Viewer
from jobs.web.shape import Shape

router = APIRouter(tags=["metrics"])

scraped = APIRouter(tags=["metrics"])
"""What lies where Prometheus looks, and not below /api/v1."""


class Waiting(Shape):
    """What a queue has to do, and who serves it."""

    chunks: int
    """Chunks that are not done, of jobs that run, and stitches that are due."""
    workers: int
    """Workers that are alive."""


@router.get("/backlog", operation_id="get_backlog")
def backlog(farm: AFarm, viewer: Viewer) -> dict[str, Waiting]:
    """What there is to do, by queue: what an autoscaler goes by. A worker that serves two queues is in both rows."""
    seen = read(farm.there)
    return {queue: Waiting(chunks=seen.backlog[queue], workers=seen.serving[queue]) for queue in QUEUES}


@scraped.get(
    "/metrics", operation_id="get_metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
def metrics(farm: AFarm, hub: AHub, viewer: Viewer) -> Response:
    """All metrics in Prometheus' text format. That Redis is away is one of them, `atelier_redis_up`."""
    show("atelier_web_streams", hub.viewers)
    # A Redis may begin to hang behind the question whether it answers; the ledger would ask it for longer than
    # Prometheus waits.
    return Response(exposition(farm.probe if farm.readable else None), media_type=CONTENT_TYPE)
