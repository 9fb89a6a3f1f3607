"""Films by diffusion: how one is planned. What is said of all jobs of the kind is diffusion.py's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise

from jobs.config import Settings
from jobs.cuts import shots_of
from jobs.kinds import prompts
from jobs.kinds.base import FieldProblem
from jobs.kinds.diffusion_keys import SHEET, DiffusionSpec
from jobs.kinds.pictures_then_film import check_count
from jobs.kinds.prompts import Prompt
from jobs.kinds.shots import stated
from jobs.kinds.sources import called, check_source_is_kept, is_deep, probed, range_of
from jobs.kinds.values import check_narrowest, check_pixels
from jobs.records import ModelRef, Plan
from pipeline.diffusion.brief import DiffusionBrief, Setting
from pipeline.diffusion.described import read_json
from pipeline.diffusion.families import SAMPLERS
from pipeline.diffusion.noise import LEAD_IN
from pipeline.diffusion.own_described import AnyModel
from pipeline.errors import MediaError, ModelError
from pipeline.film.source import Source

USUAL = ["h264"]
"""What is delivered where a job file does not say it."""

_SCHEDULER = "scheduler/scheduler_config.json"
"""Of a model's files, what says which scheduler is its own."""


def check_prompt(wanted: Sequence[Prompt]) -> None:
    """A film is of one prompt, and of no picture. Raises: FieldProblem."""
    if len(wanted) != 1:
        said = "a film has one; write one prompt, and a job file for each other"
        raise FieldProblem("prompts", f"prompts: there are {len(wanted):,}, and {said}")
    [prompt] = wanted
    if prompt.image or prompt.mask or any(prompt.controls):
        key = prompts.IMAGE if prompt.image else prompts.MASK if prompt.mask else prompts.CONTROLS[0]
        raise FieldProblem("prompts", f"prompts: has a column {key}, and task: film changes `film`; leave it out")


def plan_film(
    spec: DiffusionSpec, settings: Settings, *, model: ModelRef, described: AnyModel, brief: DiffusionBrief
) -> Plan:
    """Probe the film, find its shots, and cut it at keyframes. `brief`: what is said of all jobs, one prompt and one
    setting.
    """
    [setting] = brief.settings
    source = probed(spec.film or "", spec.fps, settings, key="film")
    if source.rate is None:
        said = f"{called(source)} does not move; write task: image-to-image and image: …, or give a film or a sequence"
        raise FieldProblem("film", f"film: {said}")
    start, stop = range_of(spec.frames, source)
    check_count("frames" if spec.frames else "film", stop - start, "frames", settings)
    size = setting.size if spec.size else described.nearest((source.width, source.height))
    check_pixels("size" if spec.size else "film", "film", *size, settings)
    deliver = [name for name in spec.deliver if name != SHEET] if "deliver" in spec.model_fields_set else USUAL
    check_narrowest(deliver, size[0])
    shots = _shots(spec, source, start, stop, settings)
    brief = brief.model_copy(
        update={
            "settings": (setting.model_copy(update={"size": size}),),
            "source": source,
            "offset": start,
            "length": stop - start,
            "shots": shots,
            "keyframes": spec.keyframes,
        }
    )
    inputs = brief.model_dump(mode="json", exclude_defaults=True) | {"source": source.model_dump(mode="json")}
    made = Plan(
        job="",
        kind="diffusion",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(model, brief),
        frames=brief.length,
        first=source.first + start,
        chunks=chunks(shots, brief.length, spec.chunk or settings.chunk_frames, spec.keyframes),
        lead_in=LEAD_IN + spec.keyframes - 1,
        models=(model,),
        style=model.name,
        # No prompt is left out, and frames are not by themselves.
        on_error=spec.on_error if "on_error" in spec.model_fields_set else "fail",
        deliver=tuple(deliver),
        output=spec.output,
        stem=source.stem,
        rate=str(source.rate),
        deep=is_deep(deliver, source),
        origin="composed",
        inputs=inputs,
        notes=(*source.notes, *_noted(shots, setting, described)),
    )
    check_source_is_kept(made, source)
    return made


def chunks(shots: Sequence[int], frames: int, size: int, every: int) -> tuple[tuple[int, int], ...]:
    """`[0, frames)` in chunks of about so many, none across a cut, each from a keyframe on.

    Each chunk diffuses the keyframe that the next one begins with as well.
    """
    length = max(1, round(size / every)) * every
    made: list[tuple[int, int]] = []
    for first, after in pairwise((*shots, frames)):
        edges = [*range(first, after, length), after]
        if len(edges) > 2 and length > 1 and edges[-1] - edges[-2] == 1:
            # Alone, a last frame that is cut off would have no other to stand in for it.
            del edges[-2]
        made.extend(pairwise(edges))
    return tuple(made)


def _shots(spec: DiffusionSpec, source: Source, start: int, stop: int, settings: Settings) -> tuple[int, ...]:
    if isinstance(spec.cuts, list):
        return stated(spec.cuts, source, start, stop)
    if spec.cuts == "none":
        return (0,)
    try:
        return shots_of(source, start, stop, settings.store_options())
    except MediaError as error:
        raise FieldProblem("film", str(error)) from error


def _noted(shots: Sequence[int], setting: Setting, described: AnyModel) -> tuple[str, ...]:
    said = ["1 shot" if len(shots) == 1 else f"{len(shots):,} shots"]
    name = setting.scheduler or ""
    if not name and _SCHEDULER in described.files:
        try:
            own = read_json(described.files[_SCHEDULER]).get("_class_name")
        except ModelError as error:
            raise FieldProblem("model", f"model: {error}") from error
        name = next((name for name, one in SAMPLERS.items() if one.of == own and not one.said), "")
    if name and SAMPLERS[name].draws:
        said.append(f"{name} draws noise at every step, which does not follow the picture; ddim and dpm++ draw none")
    return tuple(said)


def _fingerprint(model: ModelRef, brief: DiffusionBrief) -> str:
    digests = [model.sha256, brief.source.fingerprint if brief.source else "", *map(str, brief.shots)]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()
