"""What routes ask for by the types of their arguments."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Request

from jobs.web.farm import Farm
from jobs.web.hub import Hub
from jobs.web.problems import Refusal
from pipeline.errors import InputError, JobNotFound


async def _farm(request: Request) -> Farm:
    farm: Farm = request.app.state.farm
    return farm


async def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


AFarm = Annotated[Farm, Depends(_farm)]
"""The records, ledger and queue."""

AHub = Annotated[Hub, Depends(_hub)]
"""The topics that viewers follow."""


def _job(farm: AFarm, job: Annotated[str, Path(max_length=100, description="A job's name, or its beginning.")]) -> str:
    try:
        return farm.roster.find(job)
    except JobNotFound:
        raise
    except InputError as error:
        # Several begin so: none of them has that name.
        raise Refusal(HTTPStatus.NOT_FOUND, str(error)) from error


AJob = Annotated[str, Depends(_job)]
"""The full name of the job in the path. A name that is none is answered with 404."""
