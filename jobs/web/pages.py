"""The HTML pages. They hold no data: their scripts ask the API."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates

router = APIRouter(include_in_schema=False)

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_templates = Jinja2Templates(_HERE / "templates")


@router.get("/login")
def login(request: Request) -> Response:
    """Where a browser gives its token."""
    return _templates.TemplateResponse(request, "login.html")


@router.get("/")
def jobs(request: Request) -> Response:
    """The jobs."""
    return _page(request, "jobs.html")


def _page(request: Request, template: str) -> Response:
    if "atelier" not in request.cookies:
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    return _templates.TemplateResponse(request, template)
