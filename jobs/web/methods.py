"""Which methods a path takes, as `Allow` tells who asks with another one: of several routes a router names one."""

from __future__ import annotations

import re
from functools import lru_cache

from fastapi import FastAPI


def methods_of(path: str, app: FastAPI) -> list[str]:
    """The methods of the documented routes that a path leads to."""
    return sorted({method for pattern, methods in _routes(app) if pattern.fullmatch(path) for method in methods})


@lru_cache(maxsize=8)
def _routes(app: FastAPI) -> list[tuple[re.Pattern[str], list[str]]]:
    return [(_pattern(path), [method.upper() for method in rows]) for path, rows in app.openapi()["paths"].items()]


def _pattern(path: str) -> re.Pattern[str]:
    """`/jobs/{job}/files/{path}`, as an expression; what is called a path may have several parts."""
    parts = (".+" if part == "{path}" else "[^/]+" if part[:1] == "{" else re.escape(part) for part in path.split("/"))
    return re.compile("/".join(parts))
