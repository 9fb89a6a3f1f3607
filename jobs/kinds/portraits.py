"""The portraits kind: pictures that a StyleGAN generator makes of seeds or latents, one each, or of mixed styles; and a
film that walks from one to another."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, Kind, place
from jobs.kinds.edits import Edit, check_edits
from jobs.kinds.generators import check_class, check_model, check_noise, generator_of, has_noise
from jobs.kinds.keys import Keys
from jobs.kinds.latent_files import LatentFiles
from jobs.kinds.pictures_then_film import check_count, chunks_of
from jobs.kinds.seeds import LARGEST_SEED, begins_of, check_numbers, count_of, numbers_of
from jobs.kinds.values import (
    Deliverable,
    check_alias,
    check_is_list,
    check_narrowest,
    each_once,
    movies,
    wants_deep_pictures,
)
from jobs.kinds.walks import LATENTS_SUFFIX, Walk, brief_of, check_walk, paced_walk
from jobs.records import ModelRef, Plan
from pipeline.film.access import basename
from pipeline.film.deliverables import DELIVERABLES
from pipeline.models.stylegan.config import GeneratorConfig, Synthesis2Config
from pipeline.portraits.brief import EditBrief, Mix, Noise, PortraitBrief, WalkBrief

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


def _check_psi(value: float) -> float:
    # Written so that .nan is out of range as well.
    if not PSI[0] <= value <= PSI[1]:
        means = "1 leaves portraits as they come, 0 makes them all the mean, less their opposites"
        raise ValueError(f"truncation: {value:g} is out of range; psi is {PSI[0]:g} to {PSI[1]:g}: {means}")
    return value


def _check_translate(value: object) -> object:
    right = f"is right and down in widths of the picture, -{_FURTHEST:g} to {_FURTHEST:g}, as in [0.1, 0]"
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"translate: {right}")
    if not all(type(part) in (int, float) and abs(part) <= _FURTHEST for part in value):
        raise ValueError(f"translate: {right}")
    return value


def _check_rotate(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("rotate: is in degrees, as in 30")
    return value


def _is_table(value: object) -> object:
    if not isinstance(value, Mapping | MixedStyles):
        raise ValueError("mix: is a grid; write {rows: [85, 100], columns: 55-60}")
    if isinstance(value, Mapping) and not all(isinstance(key, str) for key in value):
        raise ValueError("mix: within braces a comma ends a value; write rows: [85, 100]")
    return value


def _check_mix(value: MixedStyles, info: ValidationInfo) -> MixedStyles:
    if info.data.get("seeds") is not None:
        raise ValueError("mix: has seeds of its own, as rows and columns; leave `seeds` or `mix` out")
    return value


def _check_latents(value: str, info: ValidationInfo) -> str:
    if info.data.get("seeds") is not None or info.data.get("mix") is not None:
        raise ValueError("latents: stand in the place of seeds; leave one of them out")
    if not value.endswith(LATENTS_SUFFIX):
        raise ValueError(f"latents: {value[:60]!r} is no {LATENTS_SUFFIX} file")
    return place(value, info)


def _check_deliver(value: list[str]) -> list[str]:
    return each_once(value, (SHEET, *DELIVERABLES))


class MixedStyles(Keys):
    """Whose styles are mixed, and in which layers."""

    rows: Annotated[Numbers, Field(description="seeds whose styles the pictures of each row have, as [85, 100]")]
    columns: Annotated[Numbers, Field(description="seeds whose styles are mixed into each column, as 55-60")]
    layers: Annotated[
        Numbers, Field(description="layers that take the columns' styles; the first ones shape, the last ones colour")
    ] = "0-6"


class PortraitsSpec(JobSpec):
    """A portraits job file."""

    switches: ClassVar[frozenset[str]] = frozenset({"walk"})

    kind: Annotated[Literal["portraits"], Field(description="what the job makes")]
    model: Annotated[
        str,
        AfterValidator(check_model),
        Field(
            description="generator that `atelier models` lists, or a .safetensors or .pkl file; a path, s3:// or https://"
        ),
    ]
    seeds: Annotated[Numbers | None, Field(description="one picture each, as 0-63,100")] = None
    mix: Annotated[
        Annotated[MixedStyles, BeforeValidator(_is_table), AfterValidator(_check_mix)] | None,
        Field(description="in the place of seeds, a grid of mixed styles: {rows: [85, 100], columns: 55-60}"),
    ] = None
    latents: Annotated[
        Annotated[str, AfterValidator(_check_latents)] | None,
        Field(description="in the place of seeds, a .npz file of latents: one picture each"),
    ] = None
    walk: Annotated[
        Annotated[Walk, BeforeValidator(check_walk)] | None,
        Field(description="a film through latents, for the movies: {through: 0-7, seconds: 8}"),
    ] = None
    edit: Annotated[
        list[Edit],
        BeforeValidator(check_edits, json_schema_input_type=Edit | list[Edit]),
        Field(description="moves of all styles along directions, as {direction: sefa:0, strength: 3}"),
    ] = []  # noqa: RUF012 - pydantic copies defaults
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
    class_label: Annotated[
        int | None, Field(alias="class", ge=0, description="what to make, of models that know classes; from 0")
    ] = None
    translate: Annotated[
        Annotated[tuple[float, float], BeforeValidator(_check_translate)] | None,
        Field(description="of StyleGAN3: [right, down] in widths of the picture"),
    ] = None
    rotate: Annotated[
        Annotated[float, AfterValidator(_check_rotate)] | None,
        Field(description="of StyleGAN3: degrees, against the clock"),
    ] = None
    deliver: Annotated[
        list[Annotated[Deliverable | Literal["contact-sheet"], BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(_check_deliver),
        Field(description="what to make; default png. A contact sheet comes with everything"),
    ] = ["png"]  # noqa: RUF012 - pydantic copies defaults

    @model_validator(mode="after")
    def _has_pictures(self) -> PortraitsSpec:
        if all(value is None for value in (self.seeds, self.mix, self.latents, self.walk)):
            raise ValueError("'seeds' is missing: one picture each, as 0-63,100")
        return self


def plan(spec: PortraitsSpec, settings: Settings) -> Plan:
    """Look at what the generator can do, and cut the seeds into chunks."""
    model, config = generator_of(spec.model, settings)
    _check_controls(spec, config)
    _check_film(spec, config)
    files = LatentFiles(config, settings)
    pictures, mix = _pictures(spec, config, files, settings)
    walk = _walk(spec, files)
    if walk is not None:
        check_count("walk", pictures + walk.frames, "pictures and frames of film", settings)
    edits = tuple(_edit(edit, number, config, files) for number, edit in enumerate(spec.edit))
    name = PurePosixPath(spec.model).stem
    # A million pictures have no name each in the plan: their numbers tell it.
    begins = begins_of(spec.seeds) if spec.seeds is not None else ()
    frames = pictures + (walk.frames if walk else 0)
    brief = PortraitBrief(
        model=name,
        resolution=config.synthesis.resolution,
        seeds=begins,
        mix=mix,
        latents=files.place(spec.latents) if spec.latents is not None else None,
        walk=walk,
        walk_begins=pictures,
        edits=edits,
        truncation=spec.truncation,
        cutoff=spec.truncation_cutoff,
        noise=spec.noise if has_noise(config) else None,
        label=spec.class_label,
        translate=spec.translate,
        rotate=spec.rotate,
    )
    # Frames of a walk have the numbers after the last seed.
    numbers = begins or ((0, 1),)
    return Plan(
        job="",
        kind="portraits",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(model, files),
        frames=frames,
        first=numbers[0][1],
        numbers=numbers if len(numbers) > 1 else (),
        numbered="seed" if begins else "frame",
        chunks=chunks_of(pictures, frames, spec.chunk or settings.chunk_frames),
        models=(model,),
        files=files.found,
        style=name,
        deliver=_delivered(spec),
        output=spec.output,
        stem=name,
        names=tuple(f"{row}-{column}" for row, column in mix.pairs()) if mix is not None else (),
        film_begins=pictures if walk else 0,
        loops=walk is not None and walk.loop,
        rate=spec.walk.rate if spec.walk is not None else None,
        deep=wants_deep_pictures(_delivered(spec)),
        origin="generated",
        inputs=brief.model_dump(mode="json"),
    )


def _delivered(spec: PortraitsSpec) -> tuple[str, ...]:
    """What is delivered besides the contact sheet."""
    return tuple(name for name in spec.deliver if name != SHEET)


def _pictures(
    spec: PortraitsSpec, config: GeneratorConfig, files: LatentFiles, settings: Settings
) -> tuple[int, Mix | None]:
    """How many there are, and of what they are mixed."""
    key, mix = "seeds", _mix(spec, config)
    if mix is not None:
        key, count = "mix", len(mix.pairs())
    elif spec.latents is not None:
        key, count = "latents", files.latents(spec.latents, "latents")[1]
    else:
        count = count_of(spec.seeds) if spec.seeds is not None else 0
    check_count(key, count, "pictures", settings)
    return count, mix


def _walk(spec: PortraitsSpec, files: LatentFiles) -> WalkBrief | None:
    if spec.walk is None:
        return None
    through = spec.walk.through or spec.seeds or spec.latents
    if through is None:
        raise FieldProblem("walk", "walk: leads through nothing; write walk: {through: 0-7}")
    if not through.endswith(LATENTS_SUFFIX):
        return brief_of(spec.walk, through)
    kept = files.latents(through, "walk", "through")
    return brief_of(spec.walk, through, file=files.place(through), kept=kept)


def _edit(edit: Edit, number: int, config: GeneratorConfig, files: LatentFiles) -> EditBrief:
    if edit.layers is not None and (last := numbers_of(edit.layers)[-1]) >= config.num_ws:
        said = f"edit: there is no layer {last}; the model has {config.num_ws}, 0 to {config.num_ws - 1}"
        raise FieldProblem(("edit", number, "layers"), said)
    if edit.sefa is not None and edit.sefa >= config.mapping.w_dim:
        most = config.mapping.w_dim - 1
        raise FieldProblem(
            ("edit", number, "direction"), f"edit: there is no {edit.direction}; the model has sefa:0 to sefa:{most}"
        )
    file = None
    if edit.sefa is None:
        files.direction(edit.direction, "edit", number, "direction")
        file = files.place(edit.direction)
    layers = None if edit.layers is None else numbers_of(edit.layers)
    return EditBrief(name=basename(edit.direction), file=file, sefa=edit.sefa, strength=edit.strength, layers=layers)


def _fingerprint(model: ModelRef, files: LatentFiles) -> str:
    digests = [model.sha256, *(file.sha256 for file in files.found)]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _check_controls(spec: PortraitsSpec, config: GeneratorConfig) -> None:
    """What this generator cannot do, or must be told."""
    check_class(spec.class_label, config.mapping.c_dim)
    if spec.truncation_cutoff is not None and spec.truncation_cutoff > config.num_ws:
        most = f"the model has {config.num_ws} layers"
        raise FieldProblem("truncation_cutoff", f"truncation_cutoff: {spec.truncation_cutoff} is too many; {most}")
    if isinstance(config.synthesis, Synthesis2Config):
        moved = [key for key in ("translate", "rotate") if getattr(spec, key) is not None]
        if moved:
            raise FieldProblem(moved[0], f"{moved[0]}: only StyleGAN3 moves its pictures, and this is a StyleGAN2")
    if "noise" in spec.model_fields_set:
        check_noise(config)


def _check_film(spec: PortraitsSpec, config: GeneratorConfig) -> None:
    """Movies are made of a walk."""
    moving = movies(_delivered(spec))
    if spec.walk is None and moving:
        hint = "; did you mean 'webp-still'?" if moving == ["webp"] else ""
        raise FieldProblem("deliver", f"deliver: {', '.join(moving)} shows a walk; add `walk: {{through: 0-7}}`{hint}")
    still = spec.seeds is not None or spec.mix is not None or spec.latents is not None
    if spec.walk is not None and still and not moving:
        raise FieldProblem("walk", "walk: is a film, and `deliver` names none; write deliver: [png, h264]")
    check_narrowest(moving, config.synthesis.resolution)


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


def paced(spec: PortraitsSpec, seconds: Fraction, rate: Fraction) -> PortraitsSpec:
    """The same, its walk so long and at that rate as far as nobody said how long it is, or at which rate."""
    return spec if spec.walk is None else spec.model_copy(update={"walk": paced_walk(spec.walk, seconds, rate)})


PORTRAITS = Kind(
    spec=PortraitsSpec,
    plan=plan,
    paced=paced,
    painter="pipeline.portraits.painter:PortraitPainter",
    summary="pictures that a generator makes of seeds",
    noun="picture",
)
