"""The HTML pages. They hold no data: their scripts ask the API."""

from __future__ import annotations

import os
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.types import Scope

from jobs.kinds import KINDS
from jobs.tokens import Holder
from jobs.web import wording
from jobs.web.entry import admitted
from jobs.web.problems import Refusal

router = APIRouter(include_in_schema=False)

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_templates = Jinja2Templates(_HERE / "templates")
_THEMES = ("dark", "light")


class Loads(StaticFiles):
    """What pages load. A browser asks each time whether its copy is still right, so that an upgrade shows at once; but
    not for fonts, whose coming late moves the page."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        is_font = str(full_path).endswith(".woff2")
        response.headers["Cache-Control"] = "max-age=604800" if is_font else "no-cache"
        return response


def _reader(request: Request) -> Holder | None:
    """Who looks at a page; None if they have to log in first."""
    try:
        return admitted(request)
    except Refusal as refusal:
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            return None
        raise


Reader = Annotated[Holder | None, Depends(_reader)]


@router.get("/login")
def login(request: Request) -> Response:
    """Where a browser gives its token."""
    return _render(request, "login", None)


@router.get("/")
def jobs(request: Request, reader: Reader) -> Response:
    """The jobs."""
    return _page(request, "jobs", reader)


@router.get("/jobs/{job}")
def job(request: Request, reader: Reader, job: str) -> Response:
    """One job."""
    return _page(request, "job", reader, "wall", job=job)


@router.get("/workers")
def workers(request: Request, reader: Reader) -> Response:
    """Who works."""
    return _page(request, "workers", reader)


@router.get("/campaigns")
def campaigns(request: Request, reader: Reader) -> Response:
    """What is made again and again."""
    return _page(request, "campaigns", reader)


@router.get("/gallery")
def gallery(request: Request, reader: Reader) -> Response:
    """What was made."""
    return _page(request, "gallery", reader)


@router.get("/submit")
def submit(request: Request, reader: Reader) -> Response:
    """Order a job."""
    return _page(request, "submit", reader, meanings=wording.for_script(wording.meanings(_language(request))))


def _page(request: Request, name: str, reader: Holder | None, *rooms: str, **values: str) -> Response:
    """A page for whoever is logged in; others log in first, and come back to it."""
    if reader is None:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        way = "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='/')}"
        return RedirectResponse(way, HTTPStatus.SEE_OTHER)
    return _render(request, name, reader, *rooms, **values)


def _render(request: Request, name: str, reader: Holder | None, *rooms: str, **values: str) -> Response:
    language = _language(request)
    t = wording.Wording(language)
    theme = request.cookies.get("theme")
    context = {
        "t": t,
        "words": t.data(name, *rooms),
        "page": name,
        "language": language,
        "languages": wording.LANGUAGES,
        "theme": theme if theme in _THEMES else "",
        "kinds": tuple(KINDS),
        "reader": reader,
    }
    headers = {"Content-Language": language, "Vary": "Cookie, Accept-Language", "Cache-Control": "no-cache, private"}
    return _templates.TemplateResponse(request, f"{name}.html", context | values, headers=headers)


def _language(request: Request) -> str:
    return wording.language_of(request.cookies.get(wording.COOKIE), request.headers.get("accept-language"))
