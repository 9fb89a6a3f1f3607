"""What a job kind is: the shape of its job file, how it is planned, and who paints it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
)

from jobs.config import Settings
from jobs.desk import Desk
from jobs.records import Plan
from pipeline.errors import InputError, JobSpecError
from pipeline.provenance.label import LEAST_HEIGHT, LEAST_S, TEXTS, Position, text_for
from pipeline.storage import is_remote


class FieldProblem(JobSpecError):
    """What one key of a job file says cannot be done, as planning found out."""

    def __init__(self, where: str | tuple[str | int, ...], message: str) -> None:
        """`where`: a key, or keys from the outermost: `("shots", "5-7")`. A place may be absolute."""
        super().__init__(message)
        self.keys = (where,) if isinstance(where, str) else where


def place(value: str, info: ValidationInfo) -> str:
    """A path or s3:// address made absolute, relative to the job file's folder."""
    if not value.strip():
        raise ValueError("is empty; write a path or an s3:// address")
    try:
        return absolute(value, (info.context or {}).get("folder", Path.cwd()))
    except InputError as error:
        raise ValueError(str(error)) from error


def absolute(value: str, folder: Path) -> str:
    """A path made absolute, relative to a folder; an address stays as it is.

    Raises: InputError if it begins with the name of a user that there is not, or is an address of no store.
    """
    if is_remote(value):
        return value
    value = value.removeprefix("file://")
    try:
        whole = os.path.abspath(folder / Path(value).expanduser())
    except RuntimeError as error:
        raise InputError(f"{value}: no user here has that name; write the whole path, or ~/ for your own") from error
    return whole + "/" if value.endswith("/") else whole


Place = Annotated[str, AfterValidator(place)]
"""A path or s3:// address. Absolute once checked."""


def is_one_chunk(value: int | None) -> int | None:
    """Refuses to cut what cannot be cut."""
    if value is not None:
        raise ValueError("chunk: this kind of job is one piece of work; leave it out")
    return value


@dataclass(frozen=True)
class Chosen:
    """Beside a field: which keys it has depends on what the file says within it."""

    shape: Callable[[Any], type[BaseModel] | None]
    """What the file says there → the model of its keys, if that is known."""


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


def _check_text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("label.text: is one line of letters, as in AI-generated")
    return value.strip()


def _check_locale(value: str) -> str:
    if text_for(value) is None:
        raise ValueError(f"label.locale: {value[:20]!r} has no text; known are {', '.join(TEXTS)}; or write a `text`")
    return value


class LabelKeys(Keys):
    """What a label is to be."""

    locale: Annotated[
        str, AfterValidator(_check_locale), Field(description="language whose text it has, as en, de or zh")
    ] = "en"
    text: Annotated[
        str | None,
        AfterValidator(lambda value: None if value is None else _check_text(value)),
        Field(max_length=60, description="what it says; default: AI-generated, in that language"),
    ] = None
    position: Annotated[Position, Field(description="where it stands")] = "bottom-right"
    height: Annotated[
        float, Field(ge=0.02, le=0.25, description="of a letter, as a part of the picture's shorter side")
    ] = LEAST_HEIGHT
    seconds: Annotated[
        Annotated[float, Field(gt=0, le=31_536_000)] | Literal["always"],
        Field(description="for how long a film shows it, from its beginning; or always"),
    ] = LEAST_S


def check_label(value: object) -> object:
    """True and false are on and off, as YAML reads these two words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is not None and value not in ("on", "off") and not isinstance(value, Mapping | LabelKeys):
        raise ValueError("label: write on, off, or what it is to be: {text: AI-generated, position: bottom-right}")
    return value


def _form(value: object) -> str:
    return "(keys)" if isinstance(value, Mapping | LabelKeys) else "(word)"


VisibleLabel = Annotated[
    Annotated[LabelKeys, Tag("(keys)")] | Annotated[Literal["on", "off"], Tag("(word)")], Discriminator(_form)
]
"""What a label is to be, or whether there is one."""


class JobSpec(Keys):
    """The keys that every job file has."""

    switches: ClassVar[frozenset[str]] = frozenset({"label"})

    output: Annotated[Place, Field(description="folder, or s3://bucket/prefix/, that receives the deliverables")]
    priority: Annotated[int, Field(ge=1, le=9, description="1 to 9; each step doubles the share of the workers")] = 5
    chunk: Annotated[int | None, Field(ge=1, le=100_000, description="frames a chunk; default: the settings'")] = None
    label: Annotated[
        VisibleLabel | None,
        BeforeValidator(check_label, json_schema_input_type=LabelKeys | Literal["on", "off"] | bool | None),
        Field(description="what says, to be seen, that a model made it: on, off, or {text: …}; default: the settings'"),
    ] = None


@dataclass(frozen=True)
class Kind:
    """One row of KINDS."""

    spec: type[JobSpec]
    plan: Callable[[Any, Settings], Plan]
    """(checked spec, settings) → plan, its `job` still empty. Deterministic; reads the source, writes nothing.
    Raises FieldProblem for what only the source can tell."""
    painter: str
    """`module:attr` of a pipeline.painter.Painter, which workers call as `painter(inputs, easel, deep=…)`."""
    summary: str
    """One line for people."""
    noun: str = "frame"
    """What people call one frame of it."""
    separable: bool = True
    """Whether a frame can be painted without the others: one that cannot be painted at all is done without."""
    nestable: bool = True
    """Whether its pictures can be a poster's background; a training's only show how it goes."""
    paced: Callable[[Any, Fraction, Fraction], Any] | None = None
    """(checked spec, seconds, frames a second) → the spec whose film lasts so long, at that rate, unless its file says
    another. Of kinds whose films may have any length; others' are played faster or slower where they must."""
    prepare: Callable[[Any, Desk], JobSpec] | None = None
    """(checked spec, desk) → the spec with what must be asked of others, where a kind has such things; before `plan`.
    With a desk that may not ask it takes what is known, and plans must be possible all the same.
    Raises FieldProblem, and what those raise who are asked."""
