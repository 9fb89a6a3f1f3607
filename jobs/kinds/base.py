"""What a job kind is: the shape of its job file, how it is planned, and who paints it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from jobs.config import Settings
from jobs.records import Plan
from pipeline.errors import InputError, JobSpecError
from pipeline.storage import is_remote


class FieldProblem(JobSpecError):
    """What one key of a job file says cannot be done, as planning found out. A key within a key is `shots.5-7`."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def place(value: str, info: ValidationInfo) -> str:
    """A path or s3:// address made absolute, relative to the job file's folder."""
    if not value.strip():
        raise ValueError("is empty; write a path or an s3:// address")
    try:
        if is_remote(value):
            return value
    except InputError as error:
        raise ValueError(str(error)) from error
    value = value.removeprefix("file://")
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    absolute = os.path.abspath(folder / Path(value).expanduser())
    return absolute + "/" if value.endswith("/") else absolute


Place = Annotated[str, AfterValidator(place)]
"""A path or s3:// address. Absolute once checked."""


def no_truth(value: object, info: ValidationInfo) -> object:
    """Refuses what YAML took for a yes or a no; true would pass for the number 1."""
    if isinstance(value, bool):
        said = "true" if value else "false"
        raise ValueError(f"{info.field_name}: is {said}, as YAML reads it; quote the value if it is a word")
    return value


def is_one_chunk(value: int | None) -> int | None:
    """Refuses to cut what cannot be cut."""
    if value is not None:
        raise ValueError("chunk: this kind of job is one piece of work; leave it out")
    return value


class JobSpec(BaseModel):
    """The keys that every job file has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    output: Annotated[Place, Field(description="folder, or s3://bucket/prefix/, that receives the deliverables")]
    priority: Annotated[int, Field(ge=1, le=9, description="1 to 9; each step doubles the share of the workers")] = 5
    chunk: Annotated[int | None, Field(ge=1, le=100_000, description="frames a chunk; default: the settings'")] = None

    switches: ClassVar[frozenset[str]] = frozenset()
    """Keys that true and false are right for."""

    @field_validator("*", mode="before")
    @classmethod
    def no_truth(cls, value: object, info: ValidationInfo) -> object:
        """No other key is a yes or a no."""
        return value if info.field_name in cls.switches else no_truth(value, info)


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
