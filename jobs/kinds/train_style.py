"""The train-style kind: a painting and photographs become a style, on whatever worker takes it.

One chunk, whose frames are previews; its products are the weights and their model card.
"""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from jobs.config import Settings
from jobs.features import Features, planned_features
from jobs.kinds.base import FieldProblem, JobSpec, Kind, Place, is_one_chunk, place
from jobs.kinds.values import check_alias, check_deliver, check_is_list, check_one_line, named
from jobs.pictures import picture_file, picture_size
from jobs.records import FileRef, ModelRef, Plan
from jobs.registry import check_name, registered
from pipeline.catalog import SUFFIXES as NETWORKS
from pipeline.catalog import find
from pipeline.errors import InputError
from pipeline.film import access
from pipeline.training.brief import ATELIER, NONE, TORCHVISION, WARM_START, StyleBrief
from pipeline.training.card import Credit
from pipeline.training.material import check_count, check_photos, check_size, chosen, mark
from pipeline.training.recipe import Recipe
from pipeline.training.schedule import Schedule

_RECIPE, _SCHEDULE, _CREDIT = Recipe(), Schedule(), Credit()

_OURS = "pipeline.models.style:load"
"""The only family that is trained, and so the only one to begin from."""

_DEEPEST = "features.16.weight"
"""Of the layers that the recipe compares by: relu3_4."""

_MAX_PREVIEWS = 500
"""All of them are kept until the training ends."""

_FEW_PHOTOS = 100
_PREVIEW_RATE = "4"

Deliverable = Literal["jpeg", "png", "h264", "gif", "webp"]
"""What the previews may be delivered as."""


def _check_warm_start(value: str, info: ValidationInfo) -> str:
    if value == NONE:
        return value
    style = place(value, info) if PurePosixPath(value).suffix in NETWORKS else value
    try:
        model = find(style, registered())
    except InputError as error:
        raise ValueError(f"warm_start: {error}") from error
    if model.entry != _OURS:
        raise ValueError(f"warm_start: {value} is a network of another family; give one of Atelier's own, or none")
    return style


Weight = Annotated[float, Field(ge=0, le=1000)]


class TrainStyleSpec(JobSpec):
    """A train-style job file."""

    kind: Annotated[Literal["train-style"], Field(description="what the job makes")]
    name: Annotated[str, AfterValidator(named(check_name)), Field(description="what the style will be called")]
    painting: Annotated[Place, Field(description="picture to learn from; a path or s3://")]
    photos: Annotated[
        Place, Field(description="folder, or s3:// prefix, of photographs to paint meanwhile; some hundred")
    ]
    iterations: Annotated[int, Field(ge=1, le=1_000_000, description="steps to train")] = _SCHEDULE.iterations
    content: Annotated[Weight, Field(description="more keeps the picture's shapes")] = _RECIPE.content
    style: Annotated[Weight, Field(description="more makes bolder strokes and a less faithful picture")] = _RECIPE.style
    shading: Annotated[Weight, Field(description="more keeps even areas free of the painting's dark shapes")] = (
        _RECIPE.shading
    )
    temporal: Annotated[Weight, Field(description="more flickers less")] = _RECIPE.temporal
    painting_size: Annotated[
        int, Field(ge=64, le=4096, description="the painting's longest side in pixels; smaller makes finer strokes")
    ] = _RECIPE.painting_px
    crop: Annotated[int, Field(ge=64, le=1024, description="side of the photographs' crops in pixels")] = (
        _RECIPE.crop_px
    )
    warm_start: Annotated[
        str,
        AfterValidator(_check_warm_start),
        Field(description="style to begin from, by name or path; none takes twice the iterations"),
    ] = WARM_START
    features: Features = ATELIER
    preview_every: Annotated[int, Field(ge=1, le=1_000_000, description="iterations between previews")] = (
        _SCHEDULE.preview_every
    )
    save_every: Annotated[
        int, Field(ge=1, le=1_000_000, description="iterations that a killed worker loses at most")
    ] = _SCHEDULE.save_every
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="another seed sees other crops")] = _SCHEDULE.seed
    credit: Annotated[str, Field(max_length=300, description="painter, title, year, for the model card")] = (
        _CREDIT.painting
    )
    painting_licence: Annotated[str, Field(max_length=300, description="the painting's terms, for the card")] = (
        _CREDIT.painting_licence
    )
    photos_credit: Annotated[str, Field(max_length=300, description="whose photographs, for the card")] = _CREDIT.photos
    licence: Annotated[str, Field(max_length=300, description="the trained style's own terms, for the card")] = (
        _CREDIT.licence
    )
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(check_deliver),
        Field(description="what to make of the previews; default jpeg"),
    ] = ["jpeg"]  # noqa: RUF012 - pydantic copies defaults

    _one_chunk = field_validator("chunk")(is_one_chunk)

    _one_line = field_validator("credit", "painting_licence", "photos_credit", "licence")(check_one_line)


def plan(spec: TrainStyleSpec, settings: Settings) -> Plan:
    """Look at the painting, the photographs and the features; one chunk of previews."""
    painting = _painting(spec, settings)
    photos = _photos(spec, settings)
    features = planned_features(spec.features, deepest=_DEEPEST)
    schedule = Schedule(
        iterations=spec.iterations, save_every=spec.save_every, preview_every=spec.preview_every, seed=spec.seed
    )
    if schedule.previews > min(_MAX_PREVIEWS, settings.max_frames):
        raise FieldProblem(
            "preview_every",
            f"preview_every: {spec.iterations:,} iterations would have {schedule.previews:,} previews; "
            f"at most {_MAX_PREVIEWS} are kept, so write {-(-spec.iterations // _MAX_PREVIEWS):,} or more",
        )
    begun = _begun(spec)
    brief = StyleBrief(
        name=spec.name,
        painting=painting.name,
        photos=spec.photos,
        photos_mark=mark(photos),
        features=TORCHVISION if features is None else features.name,
        warm_start=NONE if begun is None else Path(begun.name).stem,
        recipe=Recipe(
            content=spec.content,
            style=spec.style,
            shading=spec.shading,
            temporal=spec.temporal,
            painting_px=spec.painting_size,
            crop_px=spec.crop,
        ),
        schedule=schedule,
        credit=Credit(
            painting=spec.credit,
            painting_licence=spec.painting_licence,
            photos=spec.photos_credit,
            licence=spec.licence,
        ),
    )
    files = (painting,) if features is None else (painting, features)
    models = () if begun is None else (begun,)
    digests = [*(file.sha256 for file in files), *(model.sha256 for model in models), brief.photos_mark]
    return Plan(
        job="",
        kind="train-style",
        priority=spec.priority,
        queue="gpu",
        fingerprint=hashlib.sha256(" ".join(digests).encode()).hexdigest(),
        frames=schedule.previews,
        first=1,
        chunks=((0, schedule.previews),),
        models=models,
        files=files,
        style=spec.name,
        deliver=tuple(spec.deliver),
        output=spec.output,
        stem=f"{spec.name}-preview",
        rate=_PREVIEW_RATE,
        origin="composed",
        products=(f"{spec.name}.safetensors", f"{spec.name}.md"),
        inputs=brief.to_json(),
        notes=_notes(len(photos)),
    )


def _painting(spec: TrainStyleSpec, settings: Settings) -> FileRef:
    options = settings.store_options()
    try:
        file = picture_file(spec.painting, options, settings.limits())
        check_size(*picture_size(spec.painting, options), spec.painting)
    except InputError as error:
        raise FieldProblem("painting", str(error)) from error
    return file


def _photos(spec: TrainStyleSpec, settings: Settings) -> list[tuple[str, int]]:
    """Names and sizes. Those on this machine are looked at; those in a store by the worker that fetches them."""
    if not access.is_remote(spec.photos) and Path(spec.photos).is_file():
        raise FieldProblem("photos", f"{spec.photos}: is no folder; give the folder that the photographs are in")
    try:
        listed = {file.name: file.size for file in access.listing(spec.photos, settings.store_options())}
        names = chosen(listed)
        check_count(names, spec.photos)
        if not access.is_remote(spec.photos):
            check_photos([Path(spec.photos) / name for name in names], spec.photos)
    except InputError as error:
        raise FieldProblem("photos", str(error)) from error
    return [(name, listed[name]) for name in names]


def _begun(spec: TrainStyleSpec) -> ModelRef | None:
    if spec.warm_start == NONE:
        return None
    try:
        found = find(spec.warm_start, registered())
    except InputError as error:
        raise FieldProblem("warm_start", str(error)) from error
    return ModelRef(name=found.name, entry=found.entry, weights=found.weights, sha256=found.sha256)


def _notes(photos: int) -> tuple[str, ...]:
    if photos >= _FEW_PHOTOS:
        return ()
    return (f"{photos} photographs are few; a style that knows some hundred paints more kinds of pictures well",)


TRAIN_STYLE = Kind(
    spec=TrainStyleSpec,
    plan=plan,
    separable=False,
    nestable=False,
    painter="pipeline.training.painter:StylePainter",
    summary="a style, trained from a painting",
)
