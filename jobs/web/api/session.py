"""Who one is, and a browser's session."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from jobs.tokens import Role
from jobs.web.entry import Gate, Viewer, check_site
from jobs.web.shape import Shape

router = APIRouter(tags=["session"])


class Me(Shape):
    """Whoever asks."""

    name: str
    role: Role


class Login(Shape):
    """A token, as somebody types it."""

    token: Annotated[str, Field(max_length=1024, examples=["3f0c9b5e7d21468ab90c5f7e"])]


@router.get("/me", operation_id="get_me")
def me(holder: Viewer) -> Me:
    """Who one is, and what one may do."""
    return Me(name=holder.name, role=holder.role)


@router.post("/session", operation_id="log_in")
def log_in(login: Login, request: Request, response: Response) -> Me:
    """Give a browser a cookie that stands for the token."""
    check_site(request)
    gate: Gate = request.app.state.gate
    holder = gate.holder(login.token.strip(), request)
    gate.remember(holder, request, response)
    return Me(name=holder.name, role=holder.role)


@router.delete("/session", operation_id="log_out", status_code=HTTPStatus.NO_CONTENT)
def log_out(request: Request, response: Response) -> None:
    """Take the cookie away."""
    check_site(request)
    gate: Gate = request.app.state.gate
    gate.forget(response)
