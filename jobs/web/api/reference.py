"""The API's description as a page for people: every route, what it takes and what it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.templating import Jinja2Templates

router = APIRouter(include_in_schema=False)

_templates = Jinja2Templates(Path(__file__).parents[1] / "templates")


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a model."""

    name: str
    type: str
    model: str
    """The model that its type names, if it does."""
    is_needed: bool
    text: str


@dataclass(frozen=True)
class Route:
    """A route."""

    method: str
    path: str
    id: str
    text: str
    parameters: tuple[Field, ...]
    takes: Field | None
    gives: Field | None


@router.get("/docs")
def reference(request: Request) -> Response:
    """Every route."""
    groups, models = _read(request.app)
    return _templates.TemplateResponse(request, "reference.html", {"groups": groups, "models": models})


@cache
def _read(app: FastAPI) -> tuple[dict[str, list[Route]], dict[str, tuple[str, tuple[Field, ...]]]]:
    """The routes by what they are about, and the models by name: what it is, and its fields."""
    described = app.openapi()
    groups: dict[str, list[Route]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_route(method, path, operation))
    schemas = described["components"]["schemas"].items()
    return groups, {name: (_first(schema), tuple(_fields(schema))) for name, schema in schemas}


def _route(method: str, path: str, operation: dict[str, Any]) -> Route:
    parameters = (
        Field(each["name"], *_type(each["schema"]), each["required"], each.get("description", ""))
        for each in operation.get("parameters", ())
    )
    given = next((told for status, told in operation["responses"].items() if status.startswith("2")), dict[str, Any]())
    return Route(
        method=method.upper(),
        path=path,
        id=operation["operationId"],
        text=operation["description"],
        parameters=tuple(parameters),
        takes=_body(operation.get("requestBody", {})),
        gives=_body(given),
    )


def _body(told: dict[str, Any]) -> Field | None:
    for kind, content in told.get("content", {}).items():
        return Field(kind, *_type(content.get("schema", {})), True, "")
    return None


def _fields(schema: dict[str, Any]) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield Field(name, *_type(field), name in needed, field.get("description", ""))


def _type(schema: dict[str, Any]) -> tuple[str, str]:
    """A schema in a few words, and the model that it names."""
    if reference := schema.get("$ref", "").rpartition("/")[2]:
        return reference, reference
    if choices := [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]:
        return " | ".join(str(choice) or "“”" for choice in choices), ""
    if either := schema.get("anyOf"):
        said = [_type(each) for each in either]
        return " | ".join(text for text, _ in said), next((model for _, model in said if model), "")
    if schema.get("type") == "array":
        text, model = _type(schema.get("items", {}))
        return f"[{text}]", model
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        text, model = _type(schema["additionalProperties"])
        return f"{{name: {text}}}", model
    return str(schema.get("title") if schema.get("properties") else schema.get("type", "anything")), ""


def _first(schema: dict[str, Any]) -> str:
    return str(schema.get("description", "")).partition("\n")[0]
