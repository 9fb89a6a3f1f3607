"""The film kind: a film, picture, sequence or folder of pictures, painted frame by frame in a style."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, Kind, Place
from jobs.kinds.looks import Looks, spans_of
from jobs.kinds.pictures_then_film import check_count
from jobs.kinds.shots import passages, shots_of_job, styled_shots
from jobs.kinds.sources import (
    called,
    check_movies,
    check_source_is_kept,
    chunks_of,
    delivered_names,
    is_deep,
    probed,
    range_of,
)
from jobs.kinds.styles import Crossfade, Shots, Style, listed
from jobs.kinds.values import (
    Deliverable,
    check_alias,
    check_colour,
    check_cuts,
    check_deliver,
    check_frames,
    check_is_list,
    check_narrowest,
    check_pixels,
    check_rate,
    check_source,
)
from jobs.records import OnError, Plan
from pipeline.film.brief import FilmBrief
from pipeline.film.geometry import fitted_size
from pipeline.film.shots import chunks_within
from pipeline.film.source import Source
from pipeline.film.steady import LEAD_IN


class FilmSpec(JobSpec):
    """A film job file."""

    switches = frozenset({"preserve_color"})

    kind: Annotated[Literal["film"], Field(description="what the job makes")]
    source: Annotated[
        Place,
        AfterValidator(check_source),
        Field(
            description="film, picture, sequence (shot.%04d.png or shot.####.png) or folder of pictures; a path or s3://"
        ),
    ]
    style: Annotated[
        Style,
        Field(
            description="style that `atelier models` lists, path of a .safetensors, .pth or .pt file, or "
            "{painting: my.jpg}"
        ),
    ]
    shots: Annotated[
        Shots, Field(description="styles of some shots, as {2: great-wave, 5-7: the-scream}; the others have `style`")
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    crossfade: Annotated[
        list[Crossfade],
        BeforeValidator(listed, json_schema_input_type=Crossfade | list[Crossfade]),
        Field(description="passages to other styles, as {frames: 100-148, to: great-wave}"),
    ] = []  # noqa: RUF012
    strength: Annotated[float, Field(ge=0, le=1, description="0 keeps the source, 1 is all style")] = 1.0
    frames: Annotated[
        str | int | None,
        AfterValidator(lambda v: None if v is None else check_frames(v)),
        Field(description="first and last frame, inclusive, as 1-240; default all"),
    ] = None
    size: Annotated[int | None, Field(ge=16, le=16384, description="longest side in pixels; default the source's")] = (
        None
    )
    paint_size: Annotated[
        int | None, Field(ge=16, le=16384, description="longest side in pixels that is painted; default as delivered")
    ] = None
    preserve_color: Annotated[
        Literal["luminance", "palette"] | None,
        BeforeValidator(check_colour, json_schema_input_type=Literal["luminance", "palette"] | bool | None),
        Field(description="`luminance` keeps the source's colours, `palette` gives paintings those of each shot"),
    ] = None
    consistency: Annotated[
        Literal["flow", "none"], Field(description="`flow` holds the paint still where the film stands still")
    ] = "none"
    cuts: Annotated[
        Literal["detect", "none"] | list[int] | None,
        BeforeValidator(check_cuts),
        Field(description="`detect`, `none`, or the first frame of each shot; default: looked for if it matters"),
    ] = None
    on_error: Annotated[
        OnError,
        Field(description="what becomes of a frame that cannot be painted; `fail` ends the job and names it"),
    ] = "fail"
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
    """Probe the source, find its shots if they matter, and cut the job into chunks."""
    source = probed(spec.source, spec.fps, settings)
    start, stop = range_of(spec.frames, source)
    frames = stop - start
    _check_limits(spec, frames, source, settings)
    check_movies(spec.deliver, source)
    _check_controls(spec, source)
    shots = shots_of_job(spec, source, start, stop, settings)
    looks = Looks(settings)
    base = looks.place(spec.style, "style")
    styled = styled_shots(spec, shots, frames, looks)
    fades = list(passages(spec, source.first + start, frames, styled, looks))
    _check_palette(spec, looks)
    brief = FilmBrief(
        source=source,
        offset=start,
        looks=tuple(looks.looks),
        spans=spans_of(frames, base, shots=styled, fades=fades),
        shots=shots or (0,),
        size=spec.size,
        paint_size=spec.paint_size,
        strength=spec.strength,
        preserve_color=spec.preserve_color,
        steady=spec.consistency == "flow",
    )
    made = Plan(
        job="",
        kind="film",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(brief, looks),
        frames=frames,
        first=source.first + start,
        chunks=_chunks(brief, frames, spec.chunk or settings.chunk_frames),
        lead_in=LEAD_IN if brief.steady else 0,
        models=tuple(looks.models),
        files=tuple(looks.files),
        style=str(looks),
        on_error=spec.on_error,
        deliver=tuple(spec.deliver),
        output=spec.output,
        stem=source.stem,
        names=delivered_names(source)[start:stop],
        rate=str(source.rate) if source.rate else None,
        deep=is_deep(spec.deliver, source),
        # Without paint, a film leaves as it came.
        origin="composed" if spec.strength > 0 else None,
        inputs=brief.model_dump(mode="json"),
        notes=(*source.notes, *_noted(shots, source)),
    )
    check_source_is_kept(made, source)
    return made


def _fingerprint(brief: FilmBrief, looks: Looks) -> str:
    """Of all that the painter reads, and of where the shots begin."""
    digests = [*(model.sha256 for model in looks.models), *(file.sha256 for file in looks.files)]
    text = " ".join([brief.source.fingerprint, *digests, *map(str, brief.shots)])
    return hashlib.sha256(text.encode()).hexdigest()


def _chunks(brief: FilmBrief, frames: int, size: int) -> tuple[tuple[int, int], ...]:
    """Pictures of a folder have nothing to do with each other: they need no chunk each."""
    if brief.source.rate is not None and len(brief.shots) > 1:
        return chunks_within(brief.shots, frames, size)
    return chunks_of(frames, size)


def _noted(shots: tuple[int, ...] | None, source: Source) -> tuple[str, ...]:
    if shots is None or source.rate is None:
        return ()
    return ("1 shot" if len(shots) == 1 else f"{len(shots):,} shots",)


def _check_limits(spec: FilmSpec, frames: int, source: Source, settings: Settings) -> None:
    check_narrowest(spec.deliver, fitted_size(source.width, source.height, spec.size)[0])
    for key in ("size", "paint_size"):
        check_pixels(key, key, *fitted_size(source.width, source.height, getattr(spec, key)), settings)
    check_count("frames" if spec.frames else "source", frames, "frames", settings)


def _check_controls(spec: FilmSpec, source: Source) -> None:
    if spec.consistency == "flow" and source.rate is None:
        said = f"{called(source)} does not move"
        raise FieldProblem("consistency", f"consistency: {said}; flow is for films and sequences")


def _check_palette(spec: FilmSpec, looks: Looks) -> None:
    learnt = [look.name for look in looks.looks if not look.paintings]
    if spec.preserve_color == "palette" and learnt:
        raise FieldProblem(
            "preserve_color",
            f"preserve_color: palette recolours a painting before a film is painted after it, and {learnt[0]} has "
            "learnt its colours already; write luminance, or style: {painting: my.jpg}",
        )


FILM = Kind(
    spec=FilmSpec,
    plan=plan,
    painter="pipeline.film.stylize:FilmPainter",
    summary="a film or pictures, painted in a style",
)
