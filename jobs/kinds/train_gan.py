"""The train-gan kind: pictures become a generator of pictures like them, on whatever worker takes it.

One chunk, whose frames are sheets of what the generator makes; its products are weights, model card and curves.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, Kind
from jobs.kinds.learning import LearningSpec, Listed, check_previews, listed, place_or, plan_of, same_keys
from jobs.kinds.values import named
from jobs.records import Plan
from jobs.registry import check_name
from pipeline.errors import InputError
from pipeline.film import access
from pipeline.training.gan.brief import FEWEST, PORTRAITS, SIZES, GanBrief, GanRecipe, most_pictures
from pipeline.training.material import check_photos, mark
from pipeline.training.schedule import Course

_RECIPE, _BRIEF = GanRecipe(), GanBrief(name="", images=PORTRAITS)

_FEW = 1000

_KIMG = 200.0


def _check_size(value: int) -> int:
    if value not in SIZES:
        raise ValueError(f"size: {value} px; write a power of two, {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]}")
    return value


class TrainGanSpec(LearningSpec):
    """A train-gan job file."""

    switches: ClassVar[frozenset[str]] = frozenset({"mirror", "augment", "noise"})

    kind: Annotated[Literal["train-gan"], Field(description="what the job makes")]
    name: Annotated[
        str,
        AfterValidator(named(partial(check_name, role="generator"))),
        Field(description="what the generator will be called"),
    ]
    images: Annotated[
        str,
        AfterValidator(place_or(PORTRAITS)),
        Field(description="folder, or s3:// prefix, of pictures to learn; portraits for those that Atelier draws"),
    ]
    size: Annotated[
        int, AfterValidator(_check_size), Field(description="side of the pictures in pixels: 32, 64, 128 or 256")
    ] = _RECIPE.size_px
    kimg: Annotated[float, Field(gt=0, le=100_000, description="thousands of pictures to see")] = _KIMG
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


def plan(spec: TrainGanSpec, settings: Settings) -> Plan:
    """Look at the pictures; one chunk of previews."""
    pictures = [] if spec.images == PORTRAITS else _pictures(spec, settings)
    recipe = GanRecipe(size_px=spec.size, **same_keys(GanRecipe, spec))
    schedule = Course(
        iterations=recipe.iterations(spec.kimg),
        save_every=recipe.iterations(spec.save_every),
        preview_every=recipe.iterations(spec.preview_every),
        seed=spec.seed,
    )
    check_previews(spec, spec.kimg, schedule, settings)
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
    return plan_of(spec, brief, kind="train-gan", origin="generated", told="curves", notes=_notes(spec, len(pictures)))


def _pictures(spec: TrainGanSpec, settings: Settings) -> Listed:
    """Those on this machine are looked at; those in a store by the worker that fetches them."""
    found = listed(spec.images, settings, most=most_pictures(spec.size), fewest=FEWEST)
    if not access.is_remote(spec.images):
        try:
            paths = [Path(spec.images) / name for name, _ in found]
            check_photos(paths, spec.images, fewest=FEWEST, least_px=spec.size)
        except InputError as error:
            raise FieldProblem("images", str(error)) from error
    return found


def _notes(spec: TrainGanSpec, pictures: int) -> tuple[str, ...]:
    if spec.images == PORTRAITS or pictures >= _FEW:
        return ()
    return (f"{pictures} pictures are few; some thousand make a better generator, and mirror: true may help",)


TRAIN_GAN = Kind(
    spec=TrainGanSpec,
    plan=plan,
    separable=False,
    nestable=False,
    painter="pipeline.training.gan.painter:GanPainter",
    summary="a generator of pictures, trained from pictures",
)
