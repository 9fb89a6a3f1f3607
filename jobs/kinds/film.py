"""The film kind: a film, picture, sequence or folder of pictures, painted frame by frame in a style."""

from __future__ import annotations

import hashlib
from collections import Counter
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, Kind, Place
from jobs.kinds.overwriting import overwritten
from jobs.kinds.values import (
    check_alias,
    check_deliver,
    check_frames,
    check_is_list,
    check_rate,
    check_source,
    check_style,
)
from jobs.records import ModelRef, Plan
from pipeline.catalog import Model, find
from pipeline.errors import AtelierError, MediaError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.probe import probe
from pipeline.film.source import Source

Deliverable = Literal["h264", "h264-mkv", "hevc", "av1", "prores", "gif", "webp", "png", "png16", "tiff", "jpeg"]
"""The names of DELIVERABLES, written out so that editors complete them; a test compares the two."""


class FilmSpec(JobSpec):
    """A film job file."""

    kind: Annotated[Literal["film"], Field(description="what the job makes")]
    source: Annotated[
        Place,
        AfterValidator(check_source),
        Field(
            description="film, picture, sequence (shot.%04d.png or shot.####.png) or folder of pictures; a path or s3://"
        ),
    ]
    style: Annotated[
        str,
        AfterValidator(check_style),
        Field(description="shipped style, or path of a .safetensors, .pth or .pt file"),
    ]
    strength: Annotated[float, Field(ge=0, le=1, description="0 keeps the source, 1 is all style")] = 1.0
    frames: Annotated[
        str | int | None,
        AfterValidator(lambda v: None if v is None else check_frames(v)),
        Field(description="first and last frame, inclusive, as 1-240; default all"),
    ] = None
    size: Annotated[int | None, Field(ge=16, le=16384, description="longest side in pixels; default the source's")] = (
        None
    )
    fps: Annotated[
        str | int | float | None,
        AfterValidator(lambda v: None if v is None else check_rate(v)),
        Field(
            description="frame rate of a sequence, or to resample a variable-rate film to; default the source's, or 24"
        ),
    ] = None
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(check_deliver),
        Field(description="what to make; default h264"),
    ] = ["h264"]  # noqa: RUF012 - pydantic copies defaults


def plan(spec: FilmSpec, settings: Settings) -> Plan:
    """Probe the source and cut the job into chunks."""
    source = _probe(spec, settings)
    start, stop = _range(spec, source)
    _check_limits(spec, source, stop - start, settings)
    _check_deliverable(spec, source)
    model = _model(spec.style)
    size = spec.chunk or settings.chunk_frames
    made = Plan(
        job="",
        kind="film",
        priority=spec.priority,
        queue="gpu",
        fingerprint=hashlib.sha256(f"{source.fingerprint} {model.sha256}".encode()).hexdigest(),
        frames=stop - start,
        first=source.first + start,
        chunks=tuple((at, min(at + size, stop - start)) for at in range(0, stop - start, size)),
        model=model,
        deliver=tuple(spec.deliver),
        output=spec.output,
        stem=source.stem,
        names=_delivered_names(source)[start:stop],
        rate=str(source.rate) if source.rate else None,
        deep=_is_deep(spec, source),
        inputs={
            "source": source.model_dump(mode="json"),
            "offset": start,
            "strength": spec.strength,
            "size": spec.size,
        },
        notes=source.notes,
    )
    _check_source_is_kept(made, source)
    return made


def _probe(spec: FilmSpec, settings: Settings) -> Source:
    try:
        rate = Fraction(spec.fps) if spec.fps else None
        return probe(spec.source, rate=rate, options=settings.store_options())
    except MediaError as error:
        raise FieldProblem("source", str(error)) from error


def _range(spec: FilmSpec, source: Source) -> tuple[int, int]:
    if spec.frames is None:
        return 0, source.frames
    first, last = (int(number) for number in str(spec.frames).split("-"))
    begin, end = source.first, source.first + source.frames - 1
    if first < begin or last > end:
        raise FieldProblem("frames", f"frames: {first}-{last} leaves the source, which has frames {begin}-{end}")
    return first - begin, last - begin + 1


def _check_limits(spec: FilmSpec, source: Source, frames: int, settings: Settings) -> None:
    if frames > settings.max_frames:
        raise FieldProblem(
            "frames" if spec.frames else "source",
            f"the job has {frames:,} frames; at most {settings.max_frames:,} are allowed (ATELIER_MAX_FRAMES)",
        )


def _check_deliverable(spec: FilmSpec, source: Source) -> None:
    moving = [name for name in spec.deliver if DELIVERABLES[name].made_of != "frames"]
    if moving and source.rate is None:
        what = "a folder of pictures" if source.kind == "folder" else "a picture"
        raise FieldProblem("deliver", f"deliver: {', '.join(moving)} cannot be made of {what}; ask for png or jpeg")


def _check_source_is_kept(plan: Plan, source: Source) -> None:
    replaced = overwritten(plan, source)
    if replaced is not None:
        raise FieldProblem("output", f"output: {replaced} is part of the source and would be replaced; choose another")


def _delivered_names(source: Source) -> tuple[str, ...]:
    """The pictures of a folder keep their names; where two differ in their endings alone, with the endings."""
    if source.kind != "folder":
        return ()
    stems = [name.rpartition(".")[0] for name in source.names]
    often = Counter(stems)
    names = tuple(stem if often[stem] == 1 else name for stem, name in zip(stems, source.names, strict=True))
    # An ending that is kept may make the name of a third: a.png of a.png beside a.jpg, and of a.png.png.
    return names if len(set(names)) == len(names) else source.names


def _is_deep(spec: FilmSpec, source: Source) -> bool:
    """Whether frames are kept in 16 bits: a deep deliverable of a deep source, or deep pictures, asked for as such."""
    deep = [DELIVERABLES[name] for name in spec.deliver if DELIVERABLES[name].deep]
    return any(source.bit_depth > 8 or row.made_of == "frames" for row in deep)


def _model(style: str) -> ModelRef:
    try:
        found: Model = find(style)
    except AtelierError as error:
        raise FieldProblem("style", str(error)) from error
    return ModelRef(name=found.name, entry=found.entry, weights=found.weights, sha256=found.sha256)


FILM = Kind(
    spec=FilmSpec,
    plan=plan,
    painter="pipeline.film.stylize:FilmPainter",
    summary="a film or pictures, painted in a style",
)
