"""What kinds share whose job is one picture and, if asked for, the film of how it comes into being.

One chunk: every frame grows out of the one before, and the last is the picture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from jobs.kinds.base import FieldProblem, JobSpec, is_one_chunk
from jobs.kinds.values import (
    Deliverable,
    check_alias,
    check_deliver,
    check_is_list,
    check_rate,
    movies,
    wants_deep_pictures,
)
from jobs.records import FileRef, ModelRef, Plan
from pipeline.training.brief import TORCHVISION

_RATE = 24


class BecomingSpec(JobSpec):
    """The keys of its job file that say what is delivered."""

    becoming: Annotated[
        int | None, Field(ge=2, le=10_000, description="frames of a film of the picture coming into being")
    ] = None
    fps: Annotated[
        str | int | float,
        AfterValidator(check_rate),
        Field(description="frame rate of that film"),
    ] = _RATE
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(check_deliver),
        Field(description="what to make; default png"),
    ] = ["png"]  # noqa: RUF012 - pydantic copies defaults

    _one_chunk = field_validator("chunk")(is_one_chunk)

    @property
    def frames(self) -> int:
        """Of the film; the picture alone is one."""
        return self.becoming or 1


def check_film(spec: BecomingSpec, *, steps: int, called: str) -> None:
    """Movies are made of the picture's becoming, which shows at most its beginning and each of its steps.

    `called`: what people call the steps. Raises: FieldProblem.
    """
    moving = movies(spec.deliver)
    if spec.becoming is None:
        if moving:
            said = f"deliver: {', '.join(moving)} shows the picture coming into being; add `becoming: 120`"
            raise FieldProblem("deliver", said)
        if "fps" in spec.model_fields_set:
            raise FieldProblem("fps", "fps: is of a film; add `becoming: 120`, or leave it out for a picture alone")
    elif spec.becoming > steps + 1:
        said = f"becoming: {spec.becoming} frames need as many {called}; write {steps + 1} or less"
        raise FieldProblem("becoming", said)


def plan_of(
    spec: BecomingSpec,
    *,
    stem: str,
    files: Sequence[FileRef],
    features: FileRef | None,
    models: Sequence[ModelRef] = (),
    **told: Any,
) -> Plan:
    """The plan of the one chunk. `stem`: what the picture is called. `features`: the file that it is compared by, which
    comes after the others; None for torchvision's."""
    frames = spec.frames
    every = files if features is None else (*files, features)
    digests = [*(model.sha256 for model in models), *(file.sha256 for file in every)]
    return Plan(
        job="",
        priority=spec.priority,
        queue="gpu",
        fingerprint=hashlib.sha256(" ".join(digests).encode()).hexdigest(),
        frames=frames,
        first=1,
        chunks=((0, frames),),
        models=tuple(models),
        files=tuple(every),
        deliver=tuple(spec.deliver),
        output=spec.output,
        stem=stem,
        names=(*(f"{stem}.{frame:04d}" for frame in range(1, frames)), stem),
        pictures=(frames - 1,),
        rate=str(Fraction(spec.fps)) if spec.becoming else None,
        deep=wants_deep_pictures(spec.deliver),
        notes=(f"pictures are compared by {TORCHVISION if features is None else features.name}",),
        **told,
    )
