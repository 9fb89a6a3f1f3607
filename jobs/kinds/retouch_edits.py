"""The edits of a retouch job as its file writes them: a list of steps of one edit each, and the files they read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
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

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, place
from jobs.kinds.keys import Keys
from jobs.kinds.values import shown
from jobs.records import FileRef
from pipeline.errors import InputError, MediaError
from pipeline.film import access
from pipeline.retouch.brief import Step
from pipeline.retouch.edit import Edit
from pipeline.retouch.edits import EDITS, edit_of

MOST_EDITS = 64

_MOST_BYTES = 512_000_000
"""Of a file that an edit reads."""


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
    return Annotated[Annotated[edit, BeforeValidator(long), AfterValidator(absolute)] | None, described], None


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


class EditFiles:
    """The files of a job's edits: read, checked, and pinned by digest."""

    def __init__(self, settings: Settings) -> None:
        self._options = settings.store_options()
        self.found: list[FileRef] = []
        self._data: dict[str, bytes] = {}

    def step(self, number: int, step: OneEdit) -> tuple[Step, Mapping[str, bytes]]:
        """An edit as the plan holds it, and what lies in its files. Raises: FieldProblem if one cannot be used."""
        edit, files = step.edit, dict(self._files(step.edit))
        try:
            read = {key: self._read(url) for key, url in files.items()}
            edit.check(read)
        except InputError as error:
            raise FieldProblem(("edits", number, step.name, *list(files)[:1]), f"{step.name}: {error}") from error
        places = {key: self._place(url) for key, url in files.items()}
        return Step(edit=step.name, keys=keys_of(edit), files=places), read

    def _files(self, edit: Edit) -> Iterator[tuple[str, str]]:
        for key in edit.files:
            if (url := getattr(edit, key)) is not None:
                yield key, url

    def _read(self, url: str) -> bytes:
        if url not in self._data:
            size = access.size(url, self._options)
            if size > _MOST_BYTES:
                raise MediaError(f"{url}: is {size / 1e6:,.0f} MB; such a file has at most {_MOST_BYTES / 1e6:.0f} MB")
            self._data[url] = access.read_bytes(url, self._options)
        return self._data[url]

    def _place(self, url: str) -> int:
        ref = FileRef(name=access.basename(url), key=url, sha256=hashlib.sha256(self._data[url]).hexdigest())
        if ref not in self.found:
            self.found.append(ref)
        return self.found.index(ref)


def keys_of(edit: Edit) -> dict[str, Any]:
    """An edit's keys as a plan holds them."""
    return edit.model_dump(mode="json", by_alias=True)
