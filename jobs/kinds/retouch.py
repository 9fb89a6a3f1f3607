"""The retouch kind: a chain of edits over a film, a picture, a sequence or a folder of pictures."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, JobSpec, Kind, Place
from jobs.kinds.keys import Keys
from jobs.kinds.pictures_then_film import check_count
from jobs.kinds.retouch_edits import AnyEdit, OneEdit, check_edits, keys_of, step_of
from jobs.kinds.retouch_files import EditFiles
from jobs.kinds.retouch_origin import origin_of
from jobs.kinds.retouch_sound import Sound, check_sound, edits_of
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
from jobs.kinds.values import (
    Deliverable,
    check_alias,
    check_deliver,
    check_frames,
    check_is_list,
    check_narrowest,
    check_pixels,
    check_rate,
    check_source,
    movies,
)
from jobs.records import FileRef, OnError, Plan
from pipeline.errors import InputError
from pipeline.film.decode import read_frames
from pipeline.film.source import Source
from pipeline.retouch.brief import RetouchBrief, Step, frames_at
from pipeline.retouch.chain import settled, sizes, to_floats
from pipeline.retouch.edit import Edit
from pipeline.retouch.times import Seconds

_LOOKED_AT = 9
"""Frames of a film by which is decided what depends on what is seen."""


class Trim(Keys):
    """Which part of a film is kept, by time."""

    model_config = ConfigDict(populate_by_name=True)

    from_s: Annotated[Seconds, Field(alias="from", description="from where on, in seconds or as '1:02.5'")] = 0.0
    to_s: Annotated[Seconds | None, Field(alias="to", description="up to where; default its end")] = None


def _check_trim(value: Trim, info: ValidationInfo) -> Trim:
    if info.data.get("frames") is not None:
        raise ValueError("trim: says by time what frames says by number; leave one of them out")
    if value.to_s is not None and value.to_s <= value.from_s:
        raise ValueError(f"trim: {value.from_s:g} to {value.to_s:g} s leaves nothing; from comes before to")
    return value


def _check_speed(value: object) -> object:
    if type(value) not in (int, float) or not 0.25 <= value <= 8:  # type: ignore[operator]
        raise ValueError(f"speed: {str(value)[:40]} is out of range; 2 is twice as fast, and 0.25 to 8 can be done")
    return value


class RetouchSpec(JobSpec):
    """A retouch job file."""

    kind: Annotated[Literal["retouch"], Field(description="what the job makes")]
    source: Annotated[
        Place,
        AfterValidator(check_source),
        Field(
            description="film, picture, sequence (shot.%04d.png or shot.####.png) or folder of pictures; a path or s3://"
        ),
    ]
    edits: Annotated[
        list[AnyEdit],  # type: ignore[valid-type]
        BeforeValidator(check_edits, json_schema_input_type=list[AnyEdit | str]),
        Field(description="what is done, from top to bottom, as [exposure: 0.5, crop: 1:1]"),
    ] = []  # noqa: RUF012 - pydantic copies defaults
    frames: Annotated[
        str | int | None,
        AfterValidator(lambda v: None if v is None else check_frames(v)),
        Field(description="first and last frame, inclusive, as 1-240; default all"),
    ] = None
    trim: Annotated[
        Annotated[Trim, AfterValidator(_check_trim)] | None,
        Field(description="the part of a film that is kept, by time, as {from: 2.5, to: 10}"),
    ] = None
    speed: Annotated[
        float,
        BeforeValidator(_check_speed, json_schema_input_type=float),
        Field(description="2 plays a film twice as fast, 0.5 half as fast; the sound keeps its pitch"),
    ] = 1.0
    sound: Annotated[
        Sound | None,
        BeforeValidator(check_sound, json_schema_input_type=Literal["none"] | Sound | None),
        Field(description="none, or what is done to it, as {loudness: -23, channels: stereo}"),
    ] = None
    on_error: Annotated[
        OnError,
        Field(description="what becomes of a frame that cannot be edited; `fail` ends the job and names it"),
    ] = "fail"
    fps: Annotated[
        str | int | float | None,
        AfterValidator(lambda v: None if v is None else check_rate(v)),
        Field(description="frame rate of a sequence, or to resample a film to; default the source's, or 24"),
    ] = None
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(check_alias)]] | None,
        BeforeValidator(lambda value: value if value is None else check_is_list(value)),
        AfterValidator(lambda value: value if value is None else check_deliver(value)),
        Field(description="what to make; default h264 of films, png of pictures"),
    ] = None


def plan(spec: RetouchSpec, settings: Settings) -> Plan:
    """Probe the source, look at the edits' files, and cut the job into chunks."""
    source = probed(spec.source, spec.fps, settings)
    start, stop = _range(spec, source)
    speed = _speed(spec, source)
    frames = frames_at(speed, stop - start)
    deliver = spec.deliver or (["png"] if source.rate is None else ["h264"])
    check_movies(deliver, source)
    check_count("frames" if spec.frames else "source", frames, "frames", settings)
    files = EditFiles(settings)
    steps, read = _steps(spec.edits, source, files)
    width, height = _size(spec.edits, source, settings)
    check_narrowest(movies(deliver), width)
    edits = _settled(spec.edits, read, source, range(start, stop), settings)
    sound = edits_of(spec.sound, speed, source, deliver, files)
    chunks = chunks_of(frames, spec.chunk or settings.chunk_frames)
    brief = RetouchBrief(
        source=source,
        offset=start,
        frames=frames,
        steps=tuple(step.model_copy(update={"keys": keys_of(edit)}) for step, edit in zip(steps, edits, strict=True)),
        speed=speed,
        shots=() if speed == 1 else tuple(begins for begins, _ in chunks),
        width=width,
        height=height,
        sound=sound,
    )
    made = Plan(
        job="",
        kind="retouch",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(source, files.found),
        frames=frames,
        # Played faster or slower, frames are others than the source's.
        first=source.first + start if speed == 1 else 1,
        chunks=chunks,
        files=tuple(files.found),
        style=", ".join(dict.fromkeys(step.edit for step in steps)),
        on_error=spec.on_error,
        deliver=tuple(deliver),
        output=spec.output,
        stem=source.stem,
        names=delivered_names(source)[start:stop],
        rate=str(source.rate) if source.rate else None,
        deep=is_deep(deliver, source),
        origin=origin_of(source, files.found, settings.store_options()),
        inputs=brief.model_dump(mode="json"),
        notes=source.notes,
    )
    check_source_is_kept(made, source)
    return made


def _range(spec: RetouchSpec, source: Source) -> tuple[int, int]:
    """The part of the source that is kept, `[start, stop)` from its first frame."""
    if spec.trim is None:
        return range_of(spec.frames, source)
    if source.rate is None:
        raise FieldProblem("trim", f"trim: {called(source)} has no time; it is for films and sequences")
    lasts = source.frames / source.rate
    ends = lasts if spec.trim.to_s is None else Fraction(spec.trim.to_s)
    # A frame is kept if it comes up within.
    start, stop = (math.ceil(Fraction(time) * source.rate) for time in (spec.trim.from_s, ends))
    if start >= source.frames or stop > source.frames:
        far = spec.trim.from_s if start >= source.frames else float(ends)
        raise FieldProblem("trim", f"trim: {far:g} s is beyond the film, which lasts {float(lasts):.3f} s")
    if start == stop:
        raise FieldProblem("trim", f"trim: no frame comes up between {spec.trim.from_s:g} and {float(ends):g} s")
    return start, stop


def _speed(spec: RetouchSpec, source: Source) -> Fraction:
    if spec.speed != 1 and source.rate is None:
        raise FieldProblem("speed", f"speed: {called(source)} does not move; it is for films and sequences")
    return Fraction(str(spec.speed))


def _steps(edits: Sequence[OneEdit], source: Source, files: EditFiles) -> tuple[list[Step], list[Mapping[str, bytes]]]:
    """The edits as the plan holds them, and what lies in their files."""
    found = []
    for number, step in enumerate(edits):
        if step.edit.needs_a_film and source.rate is None:
            said = f"{called(source)} has no time; leave out what says when"
            raise FieldProblem(("edits", number, step.name), f"{step.name}: {said}")
        found.append(step_of(number, step, files))
    return [step for step, _ in found], [read for _, read in found]


def _size(edits: Sequence[OneEdit], source: Source, settings: Settings) -> tuple[int, int]:
    """What is delivered, px; every size on the way is one that may be."""
    width, height = source.width, source.height
    for number, step in enumerate(edits):
        where = ("edits", number, step.name)
        # Pictures of a folder differ, and only one of them is known here.
        if source.kind != "folder" or step.name == "resize":
            try:
                width, height = sizes([step.edit], width, height)
            except InputError as error:
                raise FieldProblem(where, str(error)) from error
        check_pixels(where, step.name, width, height, settings)
    return width, height


def _settled(
    edits: Sequence[OneEdit], read: Sequence[Mapping[str, bytes]], source: Source, frames: range, settings: Settings
) -> tuple[Edit, ...]:
    """The edits; what of a film depends on what is seen is decided once, so that nothing jumps from frame to frame."""
    chosen = tuple(step.edit for step in edits)
    if source.rate is None or not any(edit.looks for edit in chosen):
        return chosen
    return settled(chosen, read, list(_some(source, frames, settings)))


def _some(source: Source, frames: range, settings: Settings) -> list[np.ndarray]:
    """A few frames from all over the job, float32."""
    places = np.linspace(frames.start, frames.stop - 1, min(_LOOKED_AT, len(frames)))
    return [
        to_floats(next(read_frames(source, at, at + 1, options=settings.store_options())))
        for at in dict.fromkeys(int(place) for place in places)
    ]


def _fingerprint(source: Source, files: Sequence[FileRef]) -> str:
    """Of all that the painter reads."""
    text = " ".join([source.fingerprint, *(file.sha256 for file in files)])
    return hashlib.sha256(text.encode()).hexdigest()


RETOUCH = Kind(
    spec=RetouchSpec,
    plan=plan,
    painter="pipeline.retouch.painter:RetouchPainter",
    summary="a film or pictures, edited: colours, crop, words, sound",
)
