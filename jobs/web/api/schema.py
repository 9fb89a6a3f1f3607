"""What there is to make, and of what: kinds and their job files' keys, models, posters' templates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path

from jobs import registry
from jobs.kinds import KINDS, kind
from jobs.posters import templates as posters
from jobs.spec import json_schema
from jobs.web.entry import Viewer
from jobs.web.problems import Refusal
from jobs.web.shape import Shape
from pipeline.catalog import MODELS

router = APIRouter(tags=["making"])


class KindRow(Shape):
    """A kind of job."""

    kind: str
    """As job files name it."""
    title: str
    """What it makes, in a line."""
    noun: str
    """What one frame of it is called."""
    deliver: list[str]
    """What it can deliver."""


class ModelRow(Shape):
    """A network that job files can name."""

    name: str
    title: str
    kind: str
    """What it does: style, generator, designer …"""
    credit: str
    """After what or whom."""
    licence: str
    sha256: str
    bytes: int | None
    """Null: its file is missing."""
    ships: bool
    """Whether it came with Atelier, rather than being registered on the dashboard's machine."""


class Template(Shape):
    """A poster's template."""

    name: str
    title: str
    about: str
    duration_s: float | None
    loop: bool
    palettes: dict[str, dict[str, str]]
    palette: str | None
    variables: dict[str, dict[str, Any]]
    """What can be filled in, by name."""


@router.get("/kinds", operation_id="list_kinds")
def list_kinds(viewer: Viewer) -> list[KindRow]:
    """The kinds of jobs that there are."""
    return _kinds()


@cache
def _kinds() -> list[KindRow]:
    return [
        KindRow(kind=name, title=kind(name).summary, noun=kind(name).noun, deliver=list(_deliverables(name)))
        for name in KINDS
    ]


@router.get("/schema/{kind}", operation_id="get_schema")
def get_schema(viewer: Viewer, kind: Annotated[str, Path(max_length=50, examples=["film"])]) -> dict[str, Any]:
    """The JSON Schema of a kind's job files."""
    if kind not in KINDS:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{kind!r} is no kind of job; there are {', '.join(KINDS)}")
    return _schema(kind)


@router.get("/models", operation_id="list_models")
def list_models(viewer: Viewer) -> list[ModelRow]:
    """The networks that job files can name: those that ship, and those registered on the dashboard's machine."""
    found = [*MODELS.values(), *registry.models()]
    return [ModelRow.model_validate(registry.described(model)) for model in found]


@router.get("/templates", operation_id="list_templates")
def list_templates(viewer: Viewer) -> list[Template]:
    """The posters' templates that ship."""
    return _templates()


@cache
def _templates() -> list[Template]:
    return [Template.model_validate(posters.described(posters.find(name))) for name in posters.shipped()]


@cache
def _schema(name: str) -> dict[str, Any]:
    return json_schema(name)


def _deliverables(name: str) -> Iterator[str]:
    """What may stand under `deliver`."""
    schema = _schema(name)
    seen = dict.fromkeys(_choices(schema.get("properties", {}).get("deliver", {}), schema))
    yield from (choice for choice in seen if isinstance(choice, str))


def _choices(part: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """Every value that a part of a schema lists."""
    if isinstance(part, dict):
        yield from part.get("enum", ())
        if "const" in part:
            yield part["const"]
        if reference := part.get("$ref"):
            yield from _choices(schema.get("$defs", {}).get(reference.rpartition("/")[2]), schema)
        for key in ("items", "anyOf", "oneOf", "allOf", "prefixItems"):
            yield from _choices(part.get(key), schema)
    elif isinstance(part, list):
        for each in part:
            yield from _choices(each, schema)
