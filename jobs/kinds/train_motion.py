"""The train-motion kind: recordings of motion and their labels become a generator of motions like them.

One chunk, whose frames are sheets of what the generator makes; its products are weights, model card, curves and a table
of all that was measured.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, Kind, Place
from jobs.kinds.learning import MAX_PREVIEWS, LearningSpec, plan_of, same_keys
from jobs.kinds.values import named
from jobs.records import FileRef, Plan
from jobs.registry import check_name
from pipeline.errors import InputError
from pipeline.film.access import basename, is_remote, read_bytes
from pipeline.models.motion.config import STEP_FRAMES
from pipeline.motion import dataset, labels
from pipeline.training.material import mark
from pipeline.training.motion import recordings
from pipeline.training.motion.brief import MEASURED_FRAMES, RATES, MotionBrief, MotionRecipe
from pipeline.training.motion.parting import parted

_RECIPE, _SCHEDULE = MotionRecipe(), MotionBrief(name="", data="").schedule


def _check_rate(value: int) -> int:
    if value not in RATES:
        raise ValueError(f"rate: {value} frames a second; write {', '.join(map(str, RATES[:-1]))} or {RATES[-1]}")
    return value


def _check_window(value: int) -> int:
    if value % (2 * STEP_FRAMES):
        raise ValueError(f"window: {value} frames; write a multiple of {2 * STEP_FRAMES}, as {_RECIPE.window}")
    return value


class TrainMotionSpec(LearningSpec):
    """A train-motion job file."""

    switches: ClassVar[frozenset[str]] = frozenset({"mirror"})

    kind: Annotated[Literal["train-motion"], Field(description="what the job makes")]
    name: Annotated[
        str,
        AfterValidator(named(partial(check_name, role="mover"))),
        Field(description="what the generator will be called"),
    ]
    data: Annotated[Place, Field(description="folder, or s3:// prefix, of recordings: BVH, or AMC with their ASF")]
    labels: Annotated[
        Place, Field(description="CSV file with the columns file and action and, if wanted, start, end and fps")
    ]
    rate: Annotated[
        int, AfterValidator(_check_rate), Field(description="frames a second that all are brought to: 15, 30 or 60")
    ] = _RECIPE.rate
    iterations: Annotated[int, Field(ge=1, le=1_000_000, description="steps to train")] = _SCHEDULE.iterations
    window: Annotated[
        int,
        AfterValidator(_check_window),
        Field(ge=MEASURED_FRAMES, le=512, description="frames that are learnt at a time, a multiple of 16"),
    ] = _RECIPE.window
    noise: Annotated[int, Field(ge=1, le=256, description="numbers of noise for each eight frames")] = _RECIPE.noise
    width: Annotated[int, Field(ge=8, le=1024, description="channels of the generator")] = _RECIPE.width
    blocks: Annotated[int, Field(ge=1, le=8, description="residual blocks at each of its four rates")] = _RECIPE.blocks
    critic_width: Annotated[int, Field(ge=8, le=1024, description="channels of the critics and the encoder")] = (
        _RECIPE.critic_width
    )
    batch: Annotated[int, Field(ge=2, le=1024, description="windows an iteration")] = _RECIPE.batch
    places: Annotated[
        float, Field(ge=0, le=1000, description="weight of how far joints are off in copies; a metre as 1")
    ] = _RECIPE.places
    kl: Annotated[float, Field(ge=0, le=10, description="more makes chance alone the better, and copies the worse")] = (
        _RECIPE.kl
    )
    adversarial: Annotated[float, Field(ge=0, le=100, description="weight of the critics; 0 for none")] = (
        _RECIPE.adversarial
    )
    adversarial_from: Annotated[int, Field(ge=0, description="iterations before they are asked")] = (
        _RECIPE.adversarial_from
    )
    gamma: Annotated[float, Field(ge=0, le=1000, description="weight of R1; more is steadier and slower")] = (
        _RECIPE.gamma
    )
    contact: Annotated[float, Field(ge=0, le=100, description="more makes feet on the floor stand stiller")] = (
        _RECIPE.contact
    )
    smooth: Annotated[float, Field(ge=0, le=100, description="more twitches less")] = _RECIPE.smooth
    stretch: Annotated[
        float, Field(ge=0, le=0.4, description="part of their speed by which motions are learnt slower and faster, too")
    ] = _RECIPE.stretch
    mirror: Annotated[bool, Field(description="whether a motion in a mirror is as good")] = _RECIPE.mirror
    loop: Annotated[
        float, Field(ge=0, le=60, description="seconds that short cycles, as two strides, are repeated for; 0 for none")
    ] = _RECIPE.loop
    held_out: Annotated[float, Field(ge=0, le=0.5, description="part of each class that only measures")] = (
        _RECIPE.held_out
    )
    measured_clips: Annotated[
        int, Field(ge=0, le=1000, description="of each class, by which the generator is measured; 0 measures nothing")
    ] = _RECIPE.measured_clips
    learning_rate: Annotated[float, Field(gt=0, le=1, description="at its height; it falls along a cosine")] = (
        _SCHEDULE.learning_rate
    )
    preview_every: Annotated[int, Field(ge=1, le=1_000_000, description="iterations between previews")] = (
        _SCHEDULE.preview_every
    )
    save_every: Annotated[
        int, Field(ge=1, le=1_000_000, description="iterations that a killed worker loses at most")
    ] = _SCHEDULE.save_every


def plan(spec: TrainMotionSpec, settings: Settings) -> Plan:
    """Look at the labels and the recordings; one chunk of previews."""
    recipe = MotionRecipe(**same_keys(MotionRecipe, spec))
    schedule = replace(
        _SCHEDULE,
        iterations=spec.iterations,
        learning_rate=spec.learning_rate,
        save_every=spec.save_every,
        preview_every=spec.preview_every,
        seed=spec.seed,
    )
    if schedule.previews > min(MAX_PREVIEWS, settings.max_frames):
        raise FieldProblem(
            "preview_every",
            f"preview_every: {spec.iterations:,} iterations would have {schedule.previews:,} previews; "
            f"at most {MAX_PREVIEWS} are kept, so write {-(-spec.iterations // MAX_PREVIEWS):,} or more",
        )
    file, told, files = _labels(spec, settings)
    brief = MotionBrief(
        name=spec.name,
        data=spec.data,
        data_mark=mark(files.items()),
        labels=file.name,
        recipe=recipe,
        schedule=schedule,
        credit=spec.credit,
        licence=spec.licence,
    )
    notes = () if is_remote(spec.data) else _looked_at(spec, told, brief)
    return plan_of(
        spec,
        brief,
        kind="train-motion",
        origin="generated",
        told="report",
        files=[file],
        notes=notes,
        also=[f"{spec.name}.json"],
    )


def _labels(spec: TrainMotionSpec, settings: Settings) -> tuple[FileRef, labels.Labels, dict[str, int]]:
    options, name = settings.store_options(), basename(spec.labels)
    try:
        data = read_bytes(spec.labels, options)
        told = labels.read(data, name)
        files = recordings.listed(spec.data, told, options)
    except InputError as error:
        key = "data" if str(error).startswith(spec.data.rstrip("/")) else "labels"
        raise FieldProblem(key, str(error)) from error
    return FileRef(name=name, key=spec.labels, sha256=hashlib.sha256(data).hexdigest()), told, files


def _looked_at(spec: TrainMotionSpec, told: labels.Labels, brief: MotionBrief) -> tuple[str, ...]:
    """Recordings on this machine are read, so that what is wrong is said before anybody trains; what is left out."""
    try:
        motions = dataset.load(Path(spec.data), told, rate=brief.rate)
        parted(motions, brief.recipe)
    except InputError as error:
        raise FieldProblem("data", str(error)) from error
    return (f"left out: {dataset.in_words(motions.problems)}",) if motions.problems else ()


TRAIN_MOTION = Kind(
    spec=TrainMotionSpec,
    plan=plan,
    separable=False,
    nestable=False,
    painter="pipeline.training.motion.painter:MotionPainter",
    summary="a generator of motions, trained from motion capture",
)
