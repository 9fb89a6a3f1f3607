"""The film kind: a film, picture, sequence or folder of pictures, painted frame by frame in a style."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, Kind, Place, place
from jobs.records import ModelRef, Plan
from pipeline.catalog import TORCH_SUFFIXES, Model, find
from pipeline.errors import AtelierError, MediaError, ModelError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.probe import probe
from pipeline.film.source import Source
from pipeline.storage import is_remote

CHECKPOINTS = (".safetensors", *TORCH_SUFFIXES)
"""Suffixes by which a style is a file and not a name."""


def check_source(value: str) -> str:
    """A local source must exist; a sequence's pattern is looked at when it is probed."""
    is_pattern = "%" in value or "#" in value
    if not is_remote(value) and not is_pattern and not Path(value).exists():
        raise ValueError(f"{value}: no such film, picture or folder")
    return value


def check_style(value: str, info: ValidationInfo) -> str:
    """A shipped style's name, or a checkpoint's path made absolute."""
    style = place(value, info) if value.endswith(CHECKPOINTS) else value
    try:
        find(style)
    except ModelError as error:
        raise ValueError(str(error)) from error
    return style


def check_frames(value: str | int) -> str:
    """`1-240`, or one number."""
    text = str(value).replace(" ", "")
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if not match:
        raise ValueError(f"frames: {value!r} is no range; write the first and the last frame, as in 1-240")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise ValueError(f"frames: {text} ends before it begins; write {last}-{first}")
    return f"{first}-{last}"


def check_rate(value: str | int | float) -> str:
    """Frames a second as a fraction: 25, 23.976, 24000/1001."""
    try:
        rate = Fraction(str(value)).limit_denominator(100_000)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"fps: {value!r} is no frame rate; write 25, 23.976 or 24000/1001") from error
    if not 1 <= rate <= 1000:
        raise ValueError(f"fps: {value} is out of range; a frame rate is 1 to 1000 frames a second")
    # 23.976 and 29.97 are said for short; the film world means the fraction.
    near = Fraction(round(rate * 1001 / 1000) * 1000, 1001)
    if rate.denominator != 1 and abs(near - rate) < Fraction(1, 200):
        rate = near
    return str(rate)


def check_deliver(value: list[str]) -> list[str]:
    """At least one deliverable, each once."""
    if not value:
        raise ValueError(f"deliver: is empty; name at least one of {', '.join(DELIVERABLES)}")
    return list(dict.fromkeys(value))


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
        list[Deliverable], AfterValidator(check_deliver), Field(description="what to make; default h264")
    ] = ["h264"]  # noqa: RUF012 - pydantic copies defaults


def plan(spec: FilmSpec, settings: Settings) -> Plan:
    """Probe the source and cut the job into chunks."""
    source = _probe(spec, settings)
    start, stop = _range(spec, source)
    _check_limits(spec, source, stop - start, settings)
    _check_deliverable(spec, source)
    model = _model(spec.style)
    size = spec.chunk or settings.chunk_frames
    return Plan(
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


def _delivered_names(source: Source) -> tuple[str, ...]:
    """The pictures of a folder keep their names; where two differ in their endings alone, with the endings."""
    if source.kind != "folder":
        return ()
    stems = [name.rpartition(".")[0] for name in source.names]
    often = Counter(stems)
    return tuple(stem if often[stem] == 1 else name for stem, name in zip(stems, source.names, strict=True))


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
