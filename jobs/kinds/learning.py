"""What the kinds share that learn to make pictures from pictures: their keys, and what a job of theirs is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, is_one_chunk, place
from jobs.kinds.train_style import Deliverable
from jobs.kinds.values import check_alias, check_deliver, check_is_list, check_one_line
from jobs.records import FileRef, Plan
from pipeline.errors import InputError
from pipeline.film import access
from pipeline.provenance import Origin
from pipeline.training.material import check_count, chosen
from pipeline.training.schedule import Course

MAX_PREVIEWS = 500
"""All of them are kept until the training ends."""

_PREVIEW_RATE = "4"

Listed = list[tuple[str, int]]
"""Names and sizes in bytes of pictures."""


class TrainingSpec(JobSpec):
    """The keys of every job file whose job is one piece of work and ends with a card."""

    credit: Annotated[str, Field(max_length=300, description="whose pictures, and their terms, for the card")] = ""
    licence: Annotated[str, Field(max_length=300, description="the weights' own terms, for the card")] = "not stated"

    _one_chunk = field_validator("chunk")(is_one_chunk)

    _one_line = field_validator("credit", "licence")(check_one_line)


class LearningSpec(TrainingSpec):
    """The keys of their job files that do not depend on what is learnt."""

    batch: Annotated[int, Field(ge=2, le=1024, description="pictures an iteration")] = 16
    preview_every: Annotated[float, Field(gt=0, le=100_000, description="thousands of pictures between previews")] = 5.0
    save_every: Annotated[
        float, Field(gt=0, le=100_000, description="thousands of pictures that a killed worker loses at most")
    ] = 1.0
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="another seed is another training")] = 0
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(check_deliver),
        Field(description="what to make of the previews; default jpeg"),
    ] = ["jpeg"]  # noqa: RUF012 - pydantic copies defaults


def place_or(drawn: str) -> Callable[[str, ValidationInfo], str]:
    """The check of `images`: a place, or the word for pictures that Atelier draws."""

    def checked(value: str, info: ValidationInfo) -> str:
        return value if value == drawn else place(value, info)

    return checked


def same_keys(recipe: Any, spec: LearningSpec) -> dict[str, Any]:
    """What a job file says of the fields of a recipe, a dataclass, that it calls as the recipe does."""
    keys = type(spec).model_fields
    return {field.name: getattr(spec, field.name) for field in fields(recipe) if field.name in keys}


class Brief(Protocol):
    """What the painter is told."""

    @property
    def name(self) -> str:
        """What is learnt will be called."""
        ...

    @property
    def images_mark(self) -> str:
        """Changes when the pictures do."""
        ...

    @property
    def schedule(self) -> Course:
        """How long it takes."""
        ...

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        ...


def check_previews(spec: LearningSpec, kimg: float, course: Course, settings: Settings) -> None:
    """Raises: FieldProblem if there would be too many."""
    if course.previews > min(MAX_PREVIEWS, settings.max_frames):
        raise FieldProblem(
            "preview_every",
            f"preview_every: {kimg:g} thousand pictures would have {course.previews:,} previews; "
            f"at most {MAX_PREVIEWS} are kept, so write {kimg / MAX_PREVIEWS:.3g} or more",
        )


def listed(images: str, settings: Settings, *, most: int, fewest: int) -> Listed:
    """The pictures of a folder or prefix that are learnt from: at most so many, evenly spread.

    Raises: FieldProblem if it cannot be listed, or holds fewer than `fewest`.
    """
    if not access.is_remote(images) and Path(images).is_file():
        raise FieldProblem("images", f"{images}: is no folder; give the folder that the pictures are in")
    try:
        found = {file.name: file.size for file in access.listing(images, settings.store_options())}
        names = chosen(found, most=most)
        check_count(names, images, fewest=fewest)
    except InputError as error:
        raise FieldProblem("images", str(error)) from error
    return [(name, found[name]) for name in names]


def plan_of(
    spec: LearningSpec,
    brief: Brief,
    *,
    kind: str,
    origin: Origin,
    told: str,
    files: Sequence[FileRef] = (),
    notes: Sequence[str] = (),
    also: Sequence[str] = (),
) -> Plan:
    """One chunk of previews, and as products weights, card, a picture that is called `NAME-told.png`, and `also`."""
    previews = brief.schedule.previews
    digests = [brief.images_mark, *(file.sha256 for file in files)]
    return Plan(
        job="",
        kind=kind,
        priority=spec.priority,
        queue="gpu",
        fingerprint=hashlib.sha256(" ".join(digests).encode()).hexdigest(),
        frames=previews,
        first=1,
        chunks=((0, previews),),
        files=tuple(files),
        style=brief.name,
        deliver=tuple(spec.deliver),
        output=spec.output,
        stem=f"{brief.name}-preview",
        rate=_PREVIEW_RATE,
        origin=origin,
        products=(f"{brief.name}.safetensors", f"{brief.name}.md", f"{brief.name}-{told}.png", *also),
        inputs=brief.to_json(),
        notes=tuple(notes),
    )
