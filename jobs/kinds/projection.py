"""The projection kind: from a photograph to the latents whose picture is most like it, and if asked for the film of it.

One chunk: every frame grows out of the one before, and the last is the picture that was found. Its product is the
latents.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from jobs.config import Settings
from jobs.features import Features, planned_features
from jobs.kinds.base import FieldProblem, Kind, Place
from jobs.kinds.becoming import BecomingSpec, check_film, plan_of
from jobs.kinds.generators import check_class, check_model, check_noise, generator_of, has_noise
from jobs.kinds.values import check_narrowest, shown
from jobs.pictures import picture_file, picture_size
from jobs.records import FileRef, Plan
from pipeline.errors import InputError
from pipeline.portraits.projection.brief import ProjectionBrief
from pipeline.portraits.projection.face import Box, check_face, check_photograph
from pipeline.portraits.projection.recipe import ProjectionRecipe
from pipeline.training.brief import ATELIER, TORCHVISION

_RECIPE = ProjectionRecipe()

_DEEPEST = "features.14.weight"
"""Of the layers that pictures are compared by, wherever they are: relu3_3. Deeper ones are used where there are any."""


def _check_box(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(type(edge) is int for edge in value):
        said = shown(value)
        raise ValueError(f"face: {said} is no box; write left, top, right and bottom in pixels: [120, 80, 520, 480]")
    left, top, right, bottom = value
    if left >= right or top >= bottom:
        raise ValueError(f"face: {list(value)} has nothing in it; its order is left, top, right, bottom")
    return value


class ProjectionSpec(BecomingSpec):
    """A projection job file."""

    switches = frozenset({"noise"})

    kind: Annotated[Literal["projection"], Field(description="what the job makes")]
    model: Annotated[
        str,
        AfterValidator(check_model),
        Field(description="generator to find it in: one that `atelier models` lists, or a .safetensors or .pkl file"),
    ]
    photograph: Annotated[Place, Field(description="picture whose latents are looked for; a path or s3://")]
    face: Annotated[
        Annotated[Box, BeforeValidator(_check_box)] | None,
        Field(description="[left, top, right, bottom] in pixels; default: the largest square in the middle"),
    ] = None
    class_label: Annotated[
        int | None, Field(alias="class", ge=0, description="of models that know classes; from 0")
    ] = None
    steps: Annotated[int, Field(ge=1, le=100_000, description="more come closer")] = _RECIPE.steps
    plus: Annotated[
        float,
        Field(ge=0, le=1, description="part of the steps after which each layer has its own style (w+); 1: none has"),
    ] = _RECIPE.plus
    noise: Annotated[bool, Field(description="of StyleGAN2: whether its noise is found, too")] = _RECIPE.noise
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="another seed finds other latents")] = _RECIPE.seed
    features: Features = ATELIER


def plan(spec: ProjectionSpec, settings: Settings) -> Plan:
    """Look at the generator, the photograph and the features; one chunk."""
    check_film(spec, steps=spec.steps, called="steps")
    model, config = generator_of(spec.model, settings)
    check_narrowest(spec.deliver if spec.becoming else (), config.synthesis.resolution)
    check_class(spec.class_label, config.mapping.c_dim)
    if "noise" in spec.model_fields_set:
        check_noise(config)
    photograph = _photograph(spec, settings)
    features = planned_features(spec.features, deepest=_DEEPEST)
    name, stem = PurePosixPath(spec.model).stem, PurePosixPath(spec.photograph).stem
    brief = ProjectionBrief(
        model=name,
        resolution=config.synthesis.resolution,
        photograph=photograph.name,
        face=spec.face,
        label=spec.class_label,
        features=TORCHVISION if features is None else features.name,
        recipe=ProjectionRecipe(
            steps=spec.steps, plus=spec.plus, noise=spec.noise and has_noise(config), seed=spec.seed
        ),
        noisy=has_noise(config),
        frames=spec.frames,
        product=f"{stem}.npz",
    )
    return plan_of(
        spec,
        kind="projection",
        # The photograph is only looked at: no pixel of it is in the picture that is most like it.
        origin="generated",
        stem=stem,
        files=[photograph],
        features=features,
        models=[model],
        style=name,
        products=(brief.product,),
        inputs=brief.to_json(),
    )


def _photograph(spec: ProjectionSpec, settings: Settings) -> FileRef:
    options = settings.store_options()
    try:
        file = picture_file(spec.photograph, options, settings.limits())
        size = picture_size(spec.photograph, options)
        check_photograph(*size, where=spec.photograph)
    except InputError as error:
        raise FieldProblem("photograph", str(error)) from error
    try:
        if spec.face is not None:
            check_face(spec.face, *size)
    except InputError as error:
        raise FieldProblem("face", str(error)) from error
    return file


PROJECTION = Kind(
    spec=ProjectionSpec,
    plan=plan,
    separable=False,
    painter="pipeline.portraits.projection.painter:ProjectionPainter",
    summary="a photograph's latents in a generator",
)
