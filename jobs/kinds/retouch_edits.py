"""The edits of a retouch job as its file writes them: a list of steps of one edit each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from jobs.kinds.base import FieldProblem, place
from jobs.kinds.keys import Keys
from jobs.kinds.retouch_files import EditFiles
from jobs.kinds.values import shown
from pipeline.errors import InputError
from pipeline.retouch.brief import Step
from pipeline.retouch.edit import Edit
from pipeline.retouch.edits import EDITS, edit_of

MOST_EDITS = 64


class OneEdit(Keys):
    """A step: one key, which is the edit's name."""

    @field_validator("*", mode="before")
    @classmethod
    def no_truth(cls, value: object, info: ValidationInfo) -> object:
        """See Keys: no edit is done or not done."""
        if isinstance(value, bool):
            name = info.field_name or ""
            said = str(value).lower()
            raise ValueError(f"{name}: is {said}, as YAML reads it; write {edit_of(name).like}")
        return value

    @model_validator(mode="after")
    def _is_one(self) -> OneEdit:
        given = [name for name in EDITS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"edits: {' and '.join(given)} are two edits in one; begin each with a dash")
        if not given:
            written = [name for name in EDITS if name in self.model_fields_set]
            like = edit_of(written[0]).like if written else "exposure: 0.5"
            raise ValueError(f"edits: a step says nothing; write {like}")
        return self

    @property
    def name(self) -> str:
        """The edit's, in EDITS."""
        return next(name for name in EDITS if getattr(self, name) is not None)

    @property
    def edit(self) -> Edit:
        """The edit with its keys."""
        return getattr(self, self.name)


def _field(name: str) -> tuple[Any, Any]:
    """A step's key for one edit."""
    edit = edit_of(name)

    def long(value: object) -> object:
        if value is None or isinstance(value, Mapping | Edit):
            return value
        try:
            return edit.written(value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error

    def absolute(value: Edit, info: ValidationInfo) -> Edit:
        paths = {key: getattr(value, key) for key in edit.files}
        return value.model_copy(update={key: place(path, info) for key, path in paths.items() if path is not None})

    told = (edit.__doc__ or "").strip().splitlines()[0].rstrip(".")
    described = Field(description=f"{told[:1].lower()}{told[1:]}, as {edit.like}")
    # Editors are told of both ways.
    way = BeforeValidator(long, json_schema_input_type=edit | float | str | list)
    return Annotated[Annotated[edit, way, AfterValidator(absolute)] | None, described], None


_FIELDS: dict[str, Any] = {name: _field(name) for name in EDITS}

AnyEdit = create_model("AnyEdit", __base__=OneEdit, __module__=__name__, **_FIELDS)
"""A step of any edit that there is."""


def check_edits(value: object) -> object:
    """A list of steps. A name by itself is that edit as it comes."""
    if isinstance(value, Mapping):
        raise ValueError("edits: is a list, done from top to bottom; begin each edit with a dash, as - exposure: 0.5")
    if not isinstance(value, list):
        raise ValueError(f"edits: {shown(value)} is no list of edits; begin each with a dash, as - exposure: 0.5")
    if len(value) > MOST_EDITS:
        raise ValueError(f"edits: are {len(value):,}; at most {MOST_EDITS} are done")
    return [{item: {}} if isinstance(item, str) else item for item in value]


def step_of(number: int, step: OneEdit, files: EditFiles) -> tuple[Step, Mapping[str, bytes]]:
    """An edit as the plan holds it, and what lies in its files. Raises: FieldProblem if one cannot be used."""
    edit = step.edit
    try:
        read, places = files.of(edit)
    except InputError as error:
        raise FieldProblem(("edits", number, step.name, *edit.files[:1]), f"{step.name}: {error}") from error
    return Step(edit=step.name, keys=keys_of(edit), files=dict(places)), read


def keys_of(edit: Edit) -> dict[str, Any]:
    """An edit's keys as a plan holds them."""
    return edit.model_dump(mode="json", by_alias=True)
