"""The train-vae kind: pictures become a variational autoencoder, which designs pictures like them.

One chunk, whose frames are sheets of reconstructions, samples and traversals; its products are weights, model card and
report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, Kind, Place
from jobs.kinds.learning import LearningSpec, Listed, check_previews, listed, place_or, plan_of, same_keys
from jobs.kinds.values import named
from jobs.records import FileRef, Plan
from jobs.registry import check_name
from pipeline.drawing.rooms.measures import MEASURED
from pipeline.errors import InputError
from pipeline.film import access
from pipeline.film.access import basename, read_bytes
from pipeline.models.vae.config import SIZES
from pipeline.training.material import mark, sift, skipped_in_words
from pipeline.training.schedule import Schedule
from pipeline.training.vae import labels
from pipeline.training.vae.brief import FEWEST, ROOMS, VaeBrief, VaeRecipe, most_pictures

_RECIPE, _BRIEF = VaeRecipe(), VaeBrief(name="", images=ROOMS)

_FEW = 500
_KIMG = 100.0
_WARMUP = 100
_AVERAGE = 0.999


def _check_size(value: int) -> int:
    if value not in SIZES:
        raise ValueError(f"size: {value} px; write {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]}")
    return value


class TrainVaeSpec(LearningSpec):
    """A train-vae job file."""

    switches: ClassVar[frozenset[str]] = frozenset({"mirror", "sketch", "textbook"})

    kind: Annotated[Literal["train-vae"], Field(description="what the job makes")]
    name: Annotated[
        str,
        AfterValidator(named(partial(check_name, role="designer"))),
        Field(description="what the autoencoder will be called"),
    ]
    images: Annotated[
        str,
        AfterValidator(place_or(ROOMS)),
        Field(description="folder, or s3:// prefix, of pictures to learn; rooms for those that Atelier draws"),
    ]
    labels: Annotated[
        Place | None,
        Field(description="CSV file with a column `file` and one of numbers for each attribute to edit by"),
    ] = None
    size: Annotated[
        int, AfterValidator(_check_size), Field(description="side of the pictures in pixels: 64, 128 or 256")
    ] = _RECIPE.size_px
    kimg: Annotated[float, Field(gt=0, le=100_000, description="thousands of pictures to see")] = _KIMG
    latent: Annotated[int, Field(ge=2, le=1024, description="numbers in z")] = _RECIPE.latent
    channels: Annotated[
        int, Field(ge=4, le=256, description="of both networks at their finest; half the size has twice")
    ] = _RECIPE.channels
    channels_most: Annotated[int, Field(ge=4, le=1024, description="of both networks at any size")] = (
        _RECIPE.channels_most
    )
    blocks: Annotated[int, Field(ge=1, le=8, description="residual blocks at each size")] = _RECIPE.blocks
    sketch: Annotated[bool, Field(description="whether to begin with the pictures' principal components")] = (
        _RECIPE.sketch
    )
    textbook: Annotated[
        bool, Field(description="whether the loss is mean squared error and KL alone, with a weight of 1")
    ] = _RECIPE.textbook
    kl_weight: Annotated[
        float, Field(ge=0, le=1000, description="beta: 1 is the textbook's; less is sharper, more is smoother to edit")
    ] = _RECIPE.kl_weight
    kl_warmup: Annotated[
        float, Field(ge=0, le=100_000, description="thousands of pictures over which it rises from 0")
    ] = _RECIPE.kl_warmup
    free_bits: Annotated[
        float, Field(ge=0, le=100, description="nats that each latent number may tell for nothing")
    ] = _RECIPE.free_bits
    perceptual: Annotated[
        float, Field(ge=0, le=100, description="weight of how unlike pictures look to a network; 0 for none")
    ] = _RECIPE.perceptual
    texture: Annotated[
        float, Field(ge=0, le=100, description="weight of how much more or less texture it sees; sharper, less exact")
    ] = _RECIPE.texture
    adversarial: Annotated[
        float, Field(ge=0, le=100, description="weight of a critic of patches, for sharpness; 0 for none")
    ] = _RECIPE.adversarial
    adversarial_from: Annotated[
        float, Field(ge=0, le=100_000, description="thousands of pictures before it is asked")
    ] = _RECIPE.adversarial_from
    learning_rate: Annotated[float, Field(gt=0, le=1, description="at its height; it falls along a cosine")] = (
        _BRIEF.schedule.learning_rate
    )
    mirror: Annotated[bool, Field(description="whether mirrored pictures are as good")] = _RECIPE.mirror
    crop: Annotated[
        float, Field(ge=1, le=2, description="squares are cut at random from pictures so many times as large")
    ] = _RECIPE.crop
    jitter: Annotated[
        float, Field(ge=0, le=1, description="how much brightness, warmth and contrast vary in learning")
    ] = _RECIPE.jitter
    held_out: Annotated[float, Field(gt=0, le=0.5, description="part of the pictures that only measures")] = (
        _RECIPE.held_out
    )
    count: Annotated[int, Field(ge=FEWEST, le=1_000_000, description="rooms to draw, where they are drawn")] = (
        _BRIEF.count
    )
    distance_pictures: Annotated[
        int, Field(ge=0, le=50_000, description="that each Fréchet distance is measured on; 0 measures none")
    ] = _RECIPE.distance_pictures


def plan(spec: TrainVaeSpec, settings: Settings) -> Plan:
    """Look at the pictures; one chunk of previews."""
    recipe = VaeRecipe(size_px=spec.size, **same_keys(VaeRecipe, spec))
    found, skipped = ([], ()) if spec.images == ROOMS else _pictures(spec, recipe, settings)
    files = [] if spec.labels is None else [_labels(spec.labels, spec, [name for name, _ in found], settings)]
    schedule = Schedule(
        iterations=recipe.iterations(spec.kimg),
        save_every=recipe.iterations(spec.save_every),
        preview_every=recipe.iterations(spec.preview_every),
        seed=spec.seed,
        learning_rate=spec.learning_rate,
        warmup=_WARMUP,
        average=_AVERAGE,
    )
    check_previews(spec, spec.kimg, schedule, settings)
    brief = VaeBrief(
        name=spec.name,
        images=spec.images,
        images_mark=mark(found),
        labels=basename(spec.labels) if spec.labels else "",
        count=spec.count,
        recipe=recipe,
        schedule=schedule,
        credit=spec.credit,
        licence=spec.licence,
    )
    notes = _notes(spec, len(found) - len(skipped), skipped)
    # Its previews show held-out pictures beside what it makes of them.
    return plan_of(spec, brief, kind="train-vae", origin="composed", told="report", files=files, notes=notes)


def _pictures(spec: TrainVaeSpec, recipe: VaeRecipe, settings: Settings) -> tuple[Listed, Sequence[str]]:
    """Those on this machine are looked at, and the unusable ones told; those in a store by the worker."""
    found = listed(spec.images, settings, most=most_pictures(recipe.opened_px), fewest=FEWEST)
    if access.is_remote(spec.images):
        return found, ()
    paths = [Path(spec.images) / name for name, _ in found]
    skipped = sift(paths, least_px=spec.size)
    if len(paths) - len(skipped) < FEWEST:
        left, why = len(paths) - len(skipped), skipped_in_words(skipped)
        said = f"{spec.images}: holds {left} usable pictures, and a training needs {FEWEST}; {why}"
        raise FieldProblem("images", said)
    return found, skipped


def _labels(url: str, spec: TrainVaeSpec, names: Sequence[str], settings: Settings) -> FileRef:
    if spec.images == ROOMS:
        raise FieldProblem("labels", "labels: are of a folder's pictures, and rooms are drawn; leave one of them out")
    try:
        data = read_bytes(url, settings.store_options())
        told = labels.read(data, basename(url))
        told.check_are_new(MEASURED)
        told.of(names)
        told.check_vary(names)
    except InputError as error:
        raise FieldProblem("labels", str(error)) from error
    return FileRef(name=basename(url), key=url, sha256=hashlib.sha256(data).hexdigest())


def _notes(spec: TrainVaeSpec, pictures: int, skipped: Sequence[str]) -> tuple[str, ...]:
    """`pictures`: that are usable, as far as planning can tell."""
    notes = [skipped_in_words(skipped)] if skipped else []
    if spec.images != ROOMS and pictures < _FEW:
        notes.append(f"{pictures} pictures are few; some thousand design better, and mirror, crop and jitter may help")
    return tuple(notes)


TRAIN_VAE = Kind(
    spec=TrainVaeSpec,
    plan=plan,
    separable=False,
    nestable=False,
    painter="pipeline.training.vae.painter:VaePainter",
    summary="an autoencoder that designs pictures, trained from pictures",
)
