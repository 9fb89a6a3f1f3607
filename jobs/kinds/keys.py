"""What a mapping in a job file may say: the file's own keys, or those within one of its keys."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Keys(BaseModel):
    """Keys and what they may say: a job file's, or those within one of its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    switches: ClassVar[frozenset[str]] = frozenset()
    """Keys that true and false are right for, besides those of the classes that this one is made of."""

    @field_validator("*", mode="before")
    @classmethod
    def no_truth(cls, value: object, info: ValidationInfo) -> object:
        """Refuses what YAML took for a yes or a no under any other key; true would pass for the number 1."""
        name = info.field_name or ""
        if not isinstance(value, bool) or any(name in vars(base).get("switches", ()) for base in cls.__mro__):
            return value
        said = "true" if value else "false"
        named = cls.model_fields[name].alias or name
        raise ValueError(f"{named}: is {said}, as YAML reads it; {_instead(cls.model_fields[name].annotation, value)}")


def _instead(annotation: Any, value: bool) -> str:
    """What to write where YAML read a yes or a no."""
    kinds = list(_alternatives(annotation))
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    if not value and "none" in words:
        return "write none"
    if words:
        return f"write {' or '.join(words)}"
    return "quote the value if it is a word" if str in kinds or not {int, float} & set(kinds) else "write a number"


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The types that a value of this type may have."""
    match get_origin(annotation):
        case origin if origin is Union or origin is UnionType:
            for part in get_args(annotation):
                yield from _alternatives(part)
        case origin if origin is Annotated:
            yield from _alternatives(get_args(annotation)[0])
        case _:
            yield annotation
