"""The train-attributes kind: pictures that somebody gave numbers to become attributes that designs are edited by.

One chunk of one frame, a sheet of the mean design along each attribute; its products are directions and card.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, Kind, Place
from jobs.kinds.designers import check_designer, designer_of
from jobs.kinds.learning import Listed, TrainingSpec, listed
from jobs.kinds.values import check_alias, check_deliver, check_is_list, named
from jobs.records import FileRef, ModelRef, Plan
from jobs.registry import check_word
from pipeline.errors import AccessDenied, InputError, MediaError
from pipeline.film import access
from pipeline.film.access import basename, read_bytes
from pipeline.models.vae.config import VaeConfig
from pipeline.training.attributes.brief import MOST, AttributesBrief, check_columns, check_usable
from pipeline.training.attributes.looking import looked_at
from pipeline.training.material import mark, skipped_in_words
from pipeline.training.vae import labels
from pipeline.training.vae.labels import FEWEST, Labels

_ANY = 10_000_000
"""Pictures of the folder, labelled or not."""

_FEW = 40


class TrainAttributesSpec(TrainingSpec):
    """A train-attributes job file."""

    kind: Annotated[Literal["train-attributes"], Field(description="what the job makes")]
    model: Annotated[
        str,
        AfterValidator(check_designer),
        Field(description="designer that `atelier models` lists, or a .safetensors file; a path, s3:// or https://"),
    ]
    images: Annotated[Place, Field(description="folder, or s3:// prefix, of its designs, of photographs, or of both")]
    labels: Annotated[
        Place, Field(description="CSV file with a column `file` and one of numbers for each attribute to learn")
    ]
    name: Annotated[
        str,
        AfterValidator(named(partial(check_word, what="taste"))),
        Field(description="what the file of attributes will be called"),
    ]
    deliver: Annotated[
        list[Annotated[Literal["jpeg", "png"], BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(check_deliver),
        Field(description="what to make of the sheet; default jpeg"),
    ] = ["jpeg"]  # noqa: RUF012 - pydantic copies defaults


def plan(spec: TrainAttributesSpec, settings: Settings) -> Plan:
    """Look at the model, the labels and the labelled pictures; one chunk of one frame."""
    model, config = designer_of(spec.model, settings)
    file, told = _labels(spec, config, settings)
    found = listed(spec.images, settings, most=_ANY, fewest=FEWEST)
    labelled = _labelled(found, told)
    names = [name for name, _ in labelled]
    skipped = {} if access.is_remote(spec.images) else _unusable(spec.images, names, model, config)
    _check(spec, told, names, skipped)
    brief = AttributesBrief(
        name=spec.name,
        model=PurePosixPath(spec.model).stem,
        latent=config.latent,
        images=spec.images,
        pictures=tuple(names),
        images_mark=mark(labelled),
        labels=file.name,
        unlabelled=len(found) - len(labelled),
        credit=spec.credit,
        licence=spec.licence,
    )
    return Plan(
        job="",
        kind="train-attributes",
        priority=spec.priority,
        queue="gpu",
        fingerprint=hashlib.sha256(" ".join((model.sha256, file.sha256, brief.images_mark)).encode()).hexdigest(),
        frames=1,
        first=1,
        chunks=((0, 1),),
        models=(model,),
        files=(file,),
        style=brief.model,
        deliver=tuple(spec.deliver),
        output=spec.output,
        stem=spec.name,
        names=(spec.name,),
        origin="generated",
        products=(f"{spec.name}.safetensors", f"{spec.name}.md"),
        inputs=brief.to_json(),
        notes=_notes(brief, told, [*skipped.values()]),
    )


def _labels(spec: TrainAttributesSpec, config: VaeConfig, settings: Settings) -> tuple[FileRef, Labels]:
    name = basename(spec.labels)
    try:
        data = read_bytes(spec.labels, settings.store_options())
        told = labels.read(data, name)
    except InputError as error:
        raise FieldProblem("labels", str(error)) from error
    if both := [attribute for attribute in told.attributes if attribute in config.attributes]:
        said = f"{name}:1: {both[0]!r} is an attribute that the model has itself; give the column another name"
        raise FieldProblem("labels", said)
    return FileRef(name=name, key=spec.labels, sha256=hashlib.sha256(data).hexdigest()), told


def _labelled(found: Listed, told: Labels) -> Listed:
    """Those of the pictures that have a row."""
    try:
        told.of([name for name, _ in found])
    except InputError as error:
        raise FieldProblem("labels", str(error)) from error
    labelled = [(name, size) for name, size in found if name in told.rows]
    if len(labelled) > MOST:
        raise FieldProblem("labels", f"labels: are of {len(labelled):,} pictures; at most {MOST:,} are learnt from")
    return labelled


def _unusable(images: str, names: Sequence[str], model: ModelRef, config: VaeConfig) -> dict[str, str]:
    """Name → why a picture on this machine cannot be learnt from, as far as its header and metadata tell.

    Raises: FieldProblem if one is a design of another model.
    """
    skipped = {}
    for name in names:
        path = f"{images.rstrip('/')}/{name}"
        try:
            looked_at(read_bytes(path), name, latent=config.latent, sha256=model.sha256)
        except (MediaError, AccessDenied) as error:
            skipped[name] = str(error).replace(path, name)
        except InputError as error:
            raise FieldProblem("images", str(error)) from error
    return skipped


def _check(spec: TrainAttributesSpec, told: Labels, names: Sequence[str], skipped: Mapping[str, str]) -> None:
    """That enough is left, and that all of it varies. Raises: FieldProblem."""
    usable = [name for name in names if name not in skipped]
    try:
        check_usable(len(usable), spec.images, [*skipped.values()])
    except InputError as error:
        raise FieldProblem("images", str(error)) from error
    try:
        check_columns(told, usable)
    except InputError as error:
        raise FieldProblem("labels", str(error)) from error


def _notes(brief: AttributesBrief, told: Labels, skipped: Sequence[str]) -> tuple[str, ...]:
    notes = [skipped_in_words(skipped)] if skipped else []
    if brief.unlabelled:
        notes.append(f"pictures without a row in {brief.labels} are not learnt from: {brief.unlabelled:,}")
    there = frozenset(brief.pictures)
    if gone := [name for name in told.rows if name not in there]:
        notes.append(f"rows of {brief.labels} whose pictures are not there: {len(gone):,}, as {gone[0]!r}")
    if (left := len(brief.pictures) - len(skipped)) < _FEW:
        notes.append(f"{left} labelled pictures are few; sixty tell more")
    return tuple(notes)


TRAIN_ATTRIBUTES = Kind(
    spec=TrainAttributesSpec,
    plan=plan,
    separable=False,
    nestable=False,
    painter="pipeline.training.attributes.painter:AttributesPainter",
    summary="attributes that designs are edited by, trained from labelled pictures",
)
