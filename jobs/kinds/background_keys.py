"""What `background` may say in a job file: the user's own files, or what another kind of job makes.

    background: harbour.jpg
    background: [harbour.jpg, waves.mp4]
    background: {files: [waves.mp4], play: loop}
    background: {kind: portraits, model: portraits, seeds: 0-9, walk: true}

The keys of another kind are those of its own job file, checked by its own spec. How it is planned is backgrounds.py's.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from jobs.kinds import KINDS, kind
from jobs.kinds.base import Chosen, JobSpec, Keys, Place
from jobs.kinds.values import check_source, shown
from pipeline.backgrounds.brief import Play

_NOWHERE = "/dev/null/"
"""What a nested job delivers to, for its spec must say it: no file can lie there, none is written."""

_OUTER = frozenset({*JobSpec.model_fields, "deliver", "schedule", "on_error"})
"""Keys that say something of a whole job: here they are the poster's."""

_MADE = "made"
"""The field that holds what another kind makes. Job files have no such key."""

_EXAMPLE = "{kind: portraits, model: portraits, seeds: 0-9}"


def nestable_kinds() -> list[str]:
    """The kinds whose pictures can be backgrounds."""
    return [name for name in KINDS if kind(name).nestable]


def _problem(key: str, value: object, said: str) -> ValidationError:
    """One at a key within the background."""
    # As a parameter, for braces in the sentence are no places to fill in.
    error = PydanticCustomError("value_error", "{said}", {"said": said})
    return ValidationError.from_exception_data("background", [InitErrorDetails(type=error, loc=(key,), input=value)])


def _check_made(values: Any, info: ValidationInfo) -> JobSpec:
    """The keys of another kind, by its own spec. Raises: ValidationError, with places within the background."""
    if isinstance(values, JobSpec):
        return values
    name = values["kind"]
    if not isinstance(name, str) or name not in KINDS:
        near = get_close_matches(str(name).lower(), KINDS, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        right = f"{guess}known are {', '.join(nestable_kinds())}"
        raise _problem("kind", name, f"background: unknown kind {shown(name)}; {right}")
    if not kind(name).nestable:
        right = f"kinds that can are {', '.join(nestable_kinds())}"
        raise _problem("kind", name, f"background: {name} makes no pictures that could be one; {right}")
    for key in values:
        if key in _OUTER:
            raise _problem(key, values[key], f"{key}: is the whole job's, and not its background's; leave it out here")
    return kind(name).spec.model_validate({**values, "output": _NOWHERE}, context=info.context)


def _shape(values: Any) -> type[BaseModel] | None:
    name = values.get("kind") if isinstance(values, dict) else None
    return kind(name).spec if name in KINDS else None


def _said(spec: JobSpec | None) -> dict[str, Any] | None:
    """What decides its pictures, as plain JSON."""
    return None if spec is None else spec.model_dump(mode="json", by_alias=True, exclude=set(_OUTER))


def _check_is_there(value: str) -> str:
    try:
        return check_source(value)
    except ValueError as error:
        name = value.rpartition("/")[2]
        hint = f"; of a kind of job write background: {{kind: {name}, …}}" if name in KINDS else ""
        raise ValueError(f"background: {error}{hint}") from error


class Background(Keys):
    """What lies behind everything else."""

    switches: ClassVar[frozenset[str]] = frozenset({"blend", "upscale"})

    files: Annotated[
        tuple[Annotated[Place, AfterValidator(_check_is_there)], ...],
        Field(description="pictures, films, sequences or folders of them, which variants take by turns"),
    ] = ()
    made: Annotated[
        JobSpec | None,
        PlainValidator(_check_made),
        PlainSerializer(_said),
        WithJsonSchema({"type": "object", "description": "the keys of another kind of job"}),
        Chosen(_shape),
    ] = None
    play: Annotated[
        Play | None,
        Field(
            description="how a film becomes as long as the poster: `loop`, `stretch`, `hold` its last frame, or "
            "`bounce` forth and back; default what suits it"
        ),
    ] = None
    blend: Annotated[bool, Field(description="whether moments between two frames show both")] = False
    upscale: Annotated[
        bool | None,
        Field(
            description="whether a network enlarges small pictures; default those less than a third as large as "
            "the poster"
        ),
    ] = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """As job files write it, in any of its forms; each kind's keys are in the schema of that kind."""
        own = handler.resolve_ref_schema(handler(core))["properties"]
        kinds = {"enum": nestable_kinds(), "description": "kind of job whose keys follow, but for its `output`"}
        mapping = {"kind": kinds, **{key: own[key] for key in own if key != _MADE}}
        return {
            "description": "path of a picture, film or folder; several; or the keys of another kind of job",
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                {"type": "object", "properties": mapping},
            ],
        }

    @model_validator(mode="before")
    @classmethod
    def _from_any_form(cls, value: Any) -> Any:
        """A path, a list of them, or a mapping, of a kind of job or of our own keys."""
        return from_any_form(value)


def from_any_form(value: Any) -> Any:
    """A background as `Background` takes it. Raises: ValueError if it is none."""
    if isinstance(value, str):
        return {"files": [value]}
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return {"files": value}
    if not isinstance(value, Mapping):
        said = f"background: {shown(value)} is none; write a picture or film, a list of them, or {_EXAMPLE}"
        raise ValueError(said)
    if not all(isinstance(key, str) for key in value):
        raise ValueError("background: within braces a comma ends a value; write seeds: [3, 7]")
    if "kind" not in value:
        return _without_kind(value)
    own = {key: value[key] for key in ("play", "blend", "upscale") if key in value}
    return {**own, _MADE: {key: value[key] for key in value if key not in own}}


def _without_kind(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(value.get(_MADE), JobSpec):
        return value
    files = value.get("files")
    if _MADE in value or not files:
        raise ValueError(f"background: says neither `files` nor a kind; write a picture or film, or {_EXAMPLE}")
    return {**value, "files": [files] if isinstance(files, str) else files}
