"""What a job kind is: the shape of its job file, how it is planned, and who paints it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationInfo

from jobs.campaigns.occasion import Occasion
from jobs.config import Settings
from jobs.confine import check_within
from jobs.desk import Desk
from jobs.kinds.keys import Keys
from jobs.kinds.label import LabelKeys, VisibleLabel, check_label
from jobs.kinds.notify import Notify, as_mapping
from jobs.kinds.schedule import Schedule
from jobs.records import Plan
from pipeline.errors import InputError, JobSpecError
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

    Raises: InputError if it begins with the name of a user that there is not, is an address of no store, or is where
    the file may not lead (confine.py).
    """
    if is_remote(value):
        return value
    value = value.removeprefix("file://")
    try:
        whole = os.path.abspath(folder / Path(value).expanduser())
    except RuntimeError as error:
        raise InputError(f"{value}: no user here has that name; write the whole path, or ~/ for your own") from error
    check_within(whole, said=value)
    return whole + "/" if value.endswith("/") else whole


Place = Annotated[str, AfterValidator(place)]
"""A path or s3:// address. Absolute once checked."""


def _filled(value: str, info: ValidationInfo) -> str:
    """An output with what its placeholders stand for, in the run that the job file is read for."""
    occasion = (info.context or {}).get("occasion") or Occasion.today("job", None)
    return occasion.fill(value)


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


class JobSpec(Keys):
    """The keys that every job file has."""

    switches: ClassVar[frozenset[str]] = frozenset({"label"})

    output: Annotated[
        str,
        AfterValidator(_filled),
        AfterValidator(place),
        Field(description="folder, or s3://bucket/prefix/, that receives the deliverables"),
    ]
    priority: Annotated[int, Field(ge=1, le=9, description="1 to 9; each step doubles the share of the workers")] = 5
    chunk: Annotated[int | None, Field(ge=1, le=100_000, description="frames a chunk; default: the settings'")] = None
    # No part of what the job is: told elsewhere, it is the same one.
    notify: Annotated[
        Notify | None,
        BeforeValidator(as_mapping, json_schema_input_type=str | Notify | None),
        Field(
            exclude=True,
            description="address that is told when the job has ended, as {url: https://…, on: [done, failed]}",
        ),
    ] = None
    # No part of the job: made by hand, a file is the same one with or without it.
    schedule: Annotated[
        Schedule | None,
        Field(
            exclude=True,
            description="when `atelier campaign add` makes it anew, as {cron: 0 6 * * mon, timezone: Europe/Berlin}",
        ),
    ] = None
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
    lacks: Callable[[Any], str | None] = lambda spec: None
    """(checked spec) → the key whose words `prepare` has not asked for yet: within another job nobody asks for them."""
