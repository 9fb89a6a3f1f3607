"""The train-gan kind: pictures become a generator of pictures like them, on whatever worker takes it.

One chunk, whose frames are sheets of what the generator makes; its products are weights, model card and curves.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, Kind, is_one_chunk, place
from jobs.kinds.train_style import Deliverable
from jobs.kinds.values import check_alias, check_deliver, check_is_list, check_one_line
from jobs.records import Plan
from jobs.registry import check_name
from pipeline.errors import InputError
from pipeline.film import access
from pipeline.training.gan.brief import FEWEST, PORTRAITS, SIZES, GanBrief, GanRecipe, most_pictures
from pipeline.training.material import check_count, check_photos, chosen, mark
from pipeline.training.schedule import Course

_RECIPE, _BRIEF = GanRecipe(), GanBrief(name="", images=PORTRAITS)

_MAX_PREVIEWS = 500
"""All of them are kept until the training ends."""

_FEW = 1000
_PREVIEW_RATE = "4"

_KIMG = 200.0
_SAVE_KIMG = 1.0
_PREVIEW_KIMG = 5.0


def _check_name(value: str) -> str:
    try:
        check_name(value, "generator")
    except InputError as error:
        raise ValueError(f"name: {error}") from error
    return value


def _check_images(value: str, info: ValidationInfo) -> str:
    return value if value == PORTRAITS else place(value, info)


def _check_size(value: int) -> int:
    if value not in SIZES:
        raise ValueError(f"size: {value} px; write a power of two, {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]}")
    return value


class TrainGanSpec(JobSpec):
    """A train-gan job file."""

    switches: ClassVar[frozenset[str]] = frozenset({"mirror", "augment", "noise"})

    kind: Annotated[Literal["train-gan"], Field(description="what the job makes")]
    name: Annotated[str, AfterValidator(_check_name), Field(description="what the generator will be called")]
    images: Annotated[
        str,
        AfterValidator(_check_images),
        Field(description="folder, or s3:// prefix, of pictures to learn; portraits for those that Atelier draws"),
    ]
    size: Annotated[
        int, AfterValidator(_check_size), Field(description="side of the pictures in pixels: 32, 64, 128 or 256")
    ] = _RECIPE.size_px
    kimg: Annotated[float, Field(gt=0, le=100_000, description="thousands of pictures to see")] = _KIMG
    batch: Annotated[int, Field(ge=2, le=1024, description="pictures an iteration")] = _RECIPE.batch
    channels: Annotated[int, Field(ge=4, le=512, description="of both networks at full size; half of it has twice")] = (
        _RECIPE.channels
    )
    channels_most: Annotated[int, Field(ge=4, le=512, description="of both networks at any size")] = (
        _RECIPE.channels_most
    )
    latent: Annotated[int, Field(ge=4, le=512, description="numbers in z and in w")] = _RECIPE.latent
    noise: Annotated[
        bool, Field(description="whether layers add noise, for grain and single hairs; drawings have none")
    ] = _RECIPE.noise
    gamma: Annotated[
        float, Field(ge=0, le=1000, description="weight of R1; more is steadier and slower; 0 takes a rule of thumb")
    ] = _RECIPE.gamma
    path_weight: Annotated[
        float, Field(ge=0, le=100, description="more makes latents change pictures evenly; 2 is usual; costs time")
    ] = _RECIPE.path_weight
    learning_rate: Annotated[float, Field(gt=0, le=1, description="of both networks")] = _RECIPE.learning_rate
    augment: Annotated[bool, Field(description="whether to augment when the pictures are learnt by heart")] = (
        _RECIPE.augment
    )
    mirror: Annotated[bool, Field(description="whether mirrored pictures are as good")] = _RECIPE.mirror
    count: Annotated[int, Field(ge=FEWEST, le=1_000_000, description="portraits to draw, where they are drawn")] = (
        _BRIEF.count
    )
    distance_pictures: Annotated[
        int, Field(ge=0, le=50_000, description="that each Fréchet distance is measured on; 0 measures none")
    ] = _RECIPE.distance_pictures
    preview_every: Annotated[float, Field(gt=0, le=100_000, description="thousands of pictures between previews")] = (
        _PREVIEW_KIMG
    )
    save_every: Annotated[
        float, Field(gt=0, le=100_000, description="thousands of pictures that a killed worker loses at most")
    ] = _SAVE_KIMG
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="another seed is another training")] = 0
    credit: Annotated[str, Field(max_length=300, description="whose pictures, and their terms, for the card")] = (
        _BRIEF.credit
    )
    licence: Annotated[str, Field(max_length=300, description="the generator's own terms, for the card")] = (
        _BRIEF.licence
    )
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(check_deliver),
        Field(description="what to make of the previews; default jpeg"),
    ] = ["jpeg"]  # noqa: RUF012 - pydantic copies defaults

    _one_chunk = field_validator("chunk")(is_one_chunk)

    _one_line = field_validator("credit", "licence")(check_one_line)


def plan(spec: TrainGanSpec, settings: Settings) -> Plan:
    """Look at the pictures; one chunk of previews."""
    pictures = [] if spec.images == PORTRAITS else _pictures(spec, settings)
    recipe = _recipe(spec)
    schedule = Course(
        iterations=recipe.iterations(spec.kimg),
        save_every=recipe.iterations(spec.save_every),
        preview_every=recipe.iterations(spec.preview_every),
        seed=spec.seed,
    )
    if schedule.previews > min(_MAX_PREVIEWS, settings.max_frames):
        raise FieldProblem(
            "preview_every",
            f"preview_every: {spec.kimg:g} thousand pictures would have {schedule.previews:,} previews; "
            f"at most {_MAX_PREVIEWS} are kept, so write {spec.kimg / _MAX_PREVIEWS:.3g} or more",
        )
    brief = GanBrief(
        name=spec.name,
        images=spec.images,
        images_mark=mark(pictures),
        count=spec.count,
        recipe=recipe,
        schedule=schedule,
        credit=spec.credit,
        licence=spec.licence,
    )
    return Plan(
        job="",
        kind="train-gan",
        priority=spec.priority,
        queue="gpu",
        fingerprint=hashlib.sha256(brief.images_mark.encode()).hexdigest(),
        frames=schedule.previews,
        first=1,
        chunks=((0, schedule.previews),),
        style=spec.name,
        deliver=tuple(spec.deliver),
        output=spec.output,
        stem=f"{spec.name}-preview",
        rate=_PREVIEW_RATE,
        products=(f"{spec.name}.safetensors", f"{spec.name}.md", f"{spec.name}-curves.png"),
        inputs=brief.to_json(),
        notes=_notes(spec, len(pictures)),
    )


def _recipe(spec: TrainGanSpec) -> GanRecipe:
    same = (
        "batch",
        "channels",
        "channels_most",
        "latent",
        "noise",
        "gamma",
        "path_weight",
        "learning_rate",
        "augment",
        "mirror",
    )
    values = {name: getattr(spec, name) for name in (*same, "distance_pictures")}
    return GanRecipe(size_px=spec.size, **values)


def _pictures(spec: TrainGanSpec, settings: Settings) -> list[tuple[str, int]]:
    """Names and sizes. Those on this machine are looked at; those in a store by the worker that fetches them."""
    if not access.is_remote(spec.images) and Path(spec.images).is_file():
        raise FieldProblem("images", f"{spec.images}: is no folder; give the folder that the pictures are in")
    try:
        listed = {file.name: file.size for file in access.listing(spec.images, settings.store_options())}
        names = chosen(listed, most=most_pictures(spec.size))
        check_count(names, spec.images, fewest=FEWEST)
        if not access.is_remote(spec.images):
            paths = [Path(spec.images) / name for name in names]
            check_photos(paths, spec.images, fewest=FEWEST, least_px=spec.size)
    except InputError as error:
        raise FieldProblem("images", str(error)) from error
    return [(name, listed[name]) for name in names]


def _notes(spec: TrainGanSpec, pictures: int) -> tuple[str, ...]:
    if spec.images == PORTRAITS or pictures >= _FEW:
        return ()
    return (f"{pictures} pictures are few; some thousand make a better generator, and mirror: true may help",)


TRAIN_GAN = Kind(
    spec=TrainGanSpec,
    plan=plan,
    separable=False,
    painter="pipeline.training.gan.painter:GanPainter",
    summary="a generator of pictures, trained from pictures",
)
