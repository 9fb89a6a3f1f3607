"""The portraits kind: pictures that a StyleGAN generator makes of seeds, one each; or a grid of mixed styles."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, Keys, Kind
from jobs.kinds.generators import check_class, check_model, check_noise, generator_of
from jobs.kinds.seeds import LARGEST_SEED, begins_of, check_numbers, count_of, numbers_of
from jobs.kinds.values import check_alias, check_is_list
from jobs.records import Plan
from pipeline.models.stylegan.config import GeneratorConfig, Synthesis2Config
from pipeline.portraits.brief import Mix, Noise, PortraitBrief

SHEET = "contact-sheet"
"""Every job has one; as a deliverable it may be asked for alone."""

PSI = (-2.0, 2.0)
"""Beyond, every generator that we know gives colours without shapes."""

_FURTHEST = 10.0
"""Widths of the picture; beyond, there is nothing to see that is not nearer."""

_MOST_MIXED = 10_000
"""Each picture of a grid has a name in the plan."""

_MOST_LAYERS = 127


def _numbers(value: object, info: ValidationInfo) -> str:
    key = info.field_name or ""
    return check_numbers(value, key, most=_MOST_LAYERS if key == "layers" else LARGEST_SEED)


Numbers = Annotated[str, BeforeValidator(_numbers, json_schema_input_type=str | int | list[str | int])]
"""Seeds or layers: `0-63,100`."""

Deliverable = Literal["png", "png16", "jpeg", "webp-still", "contact-sheet"]


def _check_psi(value: float) -> float:
    # Written so that .nan is out of range as well.
    if not PSI[0] <= value <= PSI[1]:
        means = "1 leaves portraits as they come, 0 makes them all the mean, less their opposites"
        raise ValueError(f"truncation: {value:g} is out of range; psi is {PSI[0]:g} to {PSI[1]:g}: {means}")
    return value


def _check_translate(value: tuple[float, float]) -> tuple[float, float]:
    if not all(abs(part) <= _FURTHEST for part in value):
        raise ValueError(f"translate: is in widths of the picture, -{_FURTHEST:g} to {_FURTHEST:g}, as in [0.1, 0]")
    return value


def _check_rotate(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("rotate: is in degrees, as in 30")
    return value


def _is_table(value: object) -> object:
    if isinstance(value, Mapping) and not all(isinstance(key, str) for key in value):
        raise ValueError("mix: within braces a comma ends a value; write rows: [85, 100]")
    return value


def _check_mix(value: MixedStyles, info: ValidationInfo) -> MixedStyles:
    if info.data.get("seeds") is not None:
        raise ValueError("mix: has seeds of its own, as rows and columns; leave `seeds` or `mix` out")
    return value


def _check_deliverable(value: object) -> object:
    if value == "webp":
        raise ValueError("deliver: webp is an animation, of films; did you mean 'webp-still'?")
    return check_alias(value) if value in ("jpg", "JPG") else value


def _check_deliver(value: list[str]) -> list[str]:
    if not value:
        raise ValueError("deliver: is empty; name at least one of png, png16, jpeg, webp-still, contact-sheet")
    return list(dict.fromkeys(value))


class MixedStyles(Keys):
    """Whose styles are mixed, and in which layers."""

    rows: Annotated[Numbers, Field(description="seeds whose styles the pictures of each row have, as [85, 100]")]
    columns: Annotated[Numbers, Field(description="seeds whose styles are mixed into each column, as 55-60")]
    layers: Annotated[
        Numbers, Field(description="layers that take the columns' styles; the first ones shape, the last ones colour")
    ] = "0-6"


class PortraitsSpec(JobSpec):
    """A portraits job file."""

    kind: Annotated[Literal["portraits"], Field(description="what the job makes")]
    model: Annotated[
        str,
        AfterValidator(check_model),
        Field(description="generator that `atelier models` lists, or a .safetensors or .pkl file; a path or s3://"),
    ]
    seeds: Annotated[Numbers | None, Field(description="one picture each, as 0-63,100")] = None
    mix: Annotated[
        Annotated[MixedStyles, BeforeValidator(_is_table), AfterValidator(_check_mix)] | None,
        Field(description="in the place of seeds, a grid of mixed styles: {rows: [85, 100], columns: 55-60}"),
    ] = None
    truncation: Annotated[
        float,
        AfterValidator(_check_psi),
        Field(description="psi, -2 to 2: less is more alike and flawless, 0 is the mean, 1 is none"),
    ] = 1.0
    truncation_cutoff: Annotated[
        int | None,
        Field(ge=0, le=_MOST_LAYERS + 1, description="layers that are truncated, from the first; default all"),
    ] = None
    noise: Annotated[
        Noise,
        Field(description="of StyleGAN2: `const` is the model's own, `random` another for each seed, or `none`"),
    ] = "const"
    label: Annotated[
        int | None, Field(alias="class", ge=0, description="what to make, of models that know classes; from 0")
    ] = None
    translate: Annotated[
        Annotated[tuple[float, float], AfterValidator(_check_translate)] | None,
        Field(description="of StyleGAN3: [right, down] in widths of the picture"),
    ] = None
    rotate: Annotated[
        Annotated[float, AfterValidator(_check_rotate)] | None,
        Field(description="of StyleGAN3: degrees, against the clock"),
    ] = None
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(_check_deliverable)]],
        BeforeValidator(check_is_list),
        AfterValidator(_check_deliver),
        Field(description="what to make; default png. A contact sheet comes with everything"),
    ] = ["png"]  # noqa: RUF012 - pydantic copies defaults

    @model_validator(mode="after")
    def _has_pictures(self) -> PortraitsSpec:
        if self.seeds is None and self.mix is None:
            raise ValueError("'seeds' is missing: one picture each, as 0-63,100")
        return self


def plan(spec: PortraitsSpec, settings: Settings) -> Plan:
    """Look at what the generator can do, and cut the seeds into chunks."""
    model, config = generator_of(spec.model, settings)
    _check_controls(spec, config)
    mix = _mix(spec, config)
    # A million pictures have no name each in the plan: their numbers tell it.
    pairs = mix.pairs() if mix is not None else ()
    begins = begins_of(spec.seeds) if spec.seeds is not None else ()
    frames = count_of(spec.seeds) if spec.seeds is not None else len(pairs)
    if frames > settings.max_frames:
        most = f"at most {settings.max_frames:,} are allowed (ATELIER_MAX_FRAMES)"
        raise FieldProblem("seeds", f"seeds: the job has {frames:,} pictures; {most}")
    name = PurePosixPath(spec.model).stem
    brief = PortraitBrief(
        model=name,
        resolution=config.synthesis.resolution,
        seeds=begins,
        mix=mix,
        truncation=spec.truncation,
        cutoff=spec.truncation_cutoff,
        noise=spec.noise,
        label=spec.label,
        translate=spec.translate,
        rotate=spec.rotate,
    )
    size = spec.chunk or settings.chunk_frames
    return Plan(
        job="",
        kind="portraits",
        priority=spec.priority,
        queue="gpu",
        fingerprint=hashlib.sha256(model.sha256.encode()).hexdigest(),
        frames=frames,
        first=begins[0][1] if begins else 1,
        numbers=begins if len(begins) > 1 else (),
        numbered="seed" if begins else "frame",
        chunks=tuple((at, min(at + size, frames)) for at in range(0, frames, size)),
        models=(model,),
        style=name,
        deliver=tuple(row for row in spec.deliver if row != SHEET),
        output=spec.output,
        stem=name,
        names=tuple(f"{row}-{column}" for row, column in pairs),
        deep="png16" in spec.deliver,
        inputs=brief.model_dump(mode="json"),
    )


def _check_controls(spec: PortraitsSpec, config: GeneratorConfig) -> None:
    """What this generator cannot do, or must be told."""
    check_class(spec.label, config.mapping.c_dim)
    if spec.truncation_cutoff is not None and spec.truncation_cutoff > config.num_ws:
        most = f"the model has {config.num_ws} layers"
        raise FieldProblem("truncation_cutoff", f"truncation_cutoff: {spec.truncation_cutoff} is too many; {most}")
    if isinstance(config.synthesis, Synthesis2Config):
        moved = [key for key in ("translate", "rotate") if getattr(spec, key) is not None]
        if moved:
            raise FieldProblem(moved[0], f"{moved[0]}: only StyleGAN3 moves its pictures, and this is a StyleGAN2")
    if "noise" in spec.model_fields_set:
        check_noise(config)


def _mix(spec: PortraitsSpec, config: GeneratorConfig) -> Mix | None:
    if spec.mix is None:
        return None
    rows, columns, layers = spec.mix.rows, spec.mix.columns, spec.mix.layers
    pictures = (count_of(rows) + 1) * (count_of(columns) + 1)
    if pictures > _MOST_MIXED:
        raise FieldProblem("mix", f"mix: is a grid of {pictures:,} pictures; at most {_MOST_MIXED:,} are made at once")
    mix = Mix(rows=numbers_of(rows), columns=numbers_of(columns), layers=numbers_of(layers))
    if mix.layers[-1] >= config.num_ws:
        said = f"mix: there is no layer {mix.layers[-1]}; the model has {config.num_ws}, 0 to {config.num_ws - 1}"
        raise FieldProblem(("mix", "layers"), said)
    return mix


PORTRAITS = Kind(
    spec=PortraitsSpec,
    plan=plan,
    painter="pipeline.portraits.painter:PortraitPainter",
    summary="pictures that a generator makes of seeds",
    noun="picture",
)
