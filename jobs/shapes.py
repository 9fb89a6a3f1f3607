"""Which model's keys a place in a file has, and which steps of pydantic's way there are no keys of the file.

Where a value may be one of several models, pydantic's place of an error names the one that was taken, as in
`layers.1.text.size`: a step that looks like a key and is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jobs.kinds.base import Chosen

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Way:
    """How a place is reached."""

    keys: Steps
    """Without the names of models that were taken."""
    shape: type[BaseModel]
    """The model that the last key is one of."""


def way(shape: type[BaseModel], steps: Steps, values: Any) -> Way:
    """The way to a place; `values`: what the file says."""
    keys: list[str | int] = []
    annotation: Any = shape
    holder = shape
    for step in steps:
        # A step that is no key of the file stays where it was.
        values = _within(values, step)
        member = None if isinstance(annotation, type) else _taken(annotation, step)
        if member is not None:
            annotation = shape = member
            continue
        keys.append(step)
        holder, annotation = shape, _below(annotation, step, values)
        shape = next(_models(annotation), shape)
    return Way(tuple(keys), holder)


def _below(annotation: Any, step: str | int, values: Any) -> Any:
    """The type of what lies under a step; the type itself where it has none of that name."""
    for model in _models(annotation):
        field = model.model_fields.get(str(step)) or _aliased(model, str(step))
        if field is not None:
            chosen = next((each.shape(values) for each in field.metadata if isinstance(each, Chosen)), None)
            tagged = Annotated[field.annotation, field] if field.discriminator else field.annotation
            return chosen or tagged
    return annotation


def _aliased(model: type[BaseModel], name: str) -> FieldInfo | None:
    return next((field for field in model.model_fields.values() if field.alias == name), None)


def _taken(annotation: Any, step: str | int) -> type[BaseModel] | None:
    """The model that a discriminator's value chooses, if the type has a discriminator and the step is such a value."""
    if get_origin(annotation) is Annotated:
        inner, *told = get_args(annotation)
        name = next((each.discriminator for each in told if isinstance(each, FieldInfo) and each.discriminator), None)
        if isinstance(name, str):
            return next((model for model in _models(inner) if step in _literals(model, name)), None)
    return next(filter(None, (_taken(part, step) for part in get_args(annotation))), None)


def _literals(model: type[BaseModel], name: str) -> tuple[Any, ...]:
    field = model.model_fields.get(name)
    annotation = None if field is None else field.annotation
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a value of this type may be, or hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _within(values: Any, key: str | int) -> Any:
    """What a file's values say under a key; themselves if they have no such key."""
    if isinstance(values, list) and isinstance(key, int) and key < len(values):
        return values[key]
    return values.get(key, values) if isinstance(values, dict) else values
