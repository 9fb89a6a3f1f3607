"""The motion kind: figures that do what a model makes of an action, or what was recorded, drawn as a film.

How it is planned; its keys are motion_keys.py's.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from difflib import get_close_matches
from fractions import Fraction
from pathlib import PurePosixPath

from jobs.config import Settings
from jobs.kinds.backgrounds import Planned, plan_background
from jobs.kinds.base import FieldProblem, Kind
from jobs.kinds.motion_keys import BVH, SHEET, MotionSpec, Take
from jobs.kinds.movers import mover_of
from jobs.kinds.parts import Parts
from jobs.kinds.pictures_then_film import check_count, chunks_of
from jobs.kinds.recordings import Recordings
from jobs.kinds.values import check_narrowest, check_pixels
from jobs.records import Plan
from pipeline.errors import InputError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.models.motion.config import MotionConfig
from pipeline.motion.brief import Act, CameraBrief, FigureBrief, MotionBrief, TrailsBrief
from pipeline.motion.performing import recorded
from pipeline.motion.view.figures import Prop
from pipeline.provenance import Origin

_ALIKE = 0.6
"""Of an action's name and a misspelt one; below it, the guess would be another word."""

_SWORD: Prop = "sword"
"""What a figure holds that does the action of that name."""


def plan(spec: MotionSpec, settings: Settings) -> Plan:
    """Look at the model and at recordings, count their frames, and cut the film into chunks."""
    _check_transparency(spec)
    parts = Parts()
    config = _model(spec, settings, parts)
    acts, notes = _acts(spec, config, parts, settings)
    figures = _figures(spec, acts)
    rate = Fraction(spec.fps)
    frames = max(figure.frames for figure in figures)
    check_count("clips", frames, "frames", settings)
    behind = _behind(spec, Fraction(frames) / rate, settings, parts)
    width, height = _size(spec, settings)
    brief = MotionBrief(
        model="" if spec.model is None else PurePosixPath(spec.model).stem,
        figures=figures,
        width=width,
        height=height,
        rate=rate,
        camera=_camera(spec),
        studio=spec.studio,
        colours=() if spec.background is None else spec.background.colours,
        transparent=_is_transparent(spec),
        behind=None if behind is None else behind.brief,
        grid=None if spec.floor is None else spec.floor == "grid",
        shadow=spec.shadow,
        trails=_trails(spec),
    )
    deliver = tuple(name for name in spec.deliver if name not in (SHEET, BVH))
    check_narrowest(deliver, width)
    inputs = brief.model_dump(mode="json", exclude_defaults=True)
    return Plan(
        job="",
        kind="motion",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(inputs, parts, behind),
        frames=frames,
        first=1,
        chunks=chunks_of(0, frames, spec.chunk or settings.chunk_frames),
        models=parts.models,
        files=parts.files,
        style=brief.model,
        deliver=deliver,
        output=spec.output,
        stem=brief.model or PurePosixPath(next(brief.acts).said).stem,
        rate=str(rate),
        products=tuple(act.product for act in brief.acts if act.product),
        origin=_origin(spec, brief, behind),
        inputs=inputs,
        notes=(*notes, *(behind.notes if behind is not None else ())),
    )


def _model(spec: MotionSpec, settings: Settings, parts: Parts) -> MotionConfig | None:
    """What the model can do, which becomes the plan's first; None where nothing is asked of any."""
    asked = [number for number, take in enumerate(spec.clips) if take.action is not None]
    if not asked:
        if spec.model is not None:
            raise FieldProblem(
                "model", "model: all clips are recordings, which need none; leave it out, or add an action"
            )
        return None
    if spec.model is None:
        right = "add the generator that makes it, model: cmu"
        raise FieldProblem(
            ("clips", asked[0], "action"), f"clips: {spec.clips[asked[0]].action!r} is an action; {right}"
        )
    ref, config = mover_of(spec.model, settings)
    parts.model(ref)
    return config


def _acts(
    spec: MotionSpec, config: MotionConfig | None, parts: Parts, settings: Settings
) -> tuple[list[Act], tuple[str, ...]]:
    """What each clip of the job is, and what people should know of it."""
    recordings, rate = Recordings(settings, parts), Fraction(spec.fps)
    acts: list[Act] = []
    notes: list[str] = []
    for number, take in enumerate(spec.clips):
        if take.action is not None:
            assert config is not None
            _check_action(take.action, config, number)
            act = Act(
                frames=max(1, round(Fraction(str(take.seconds)) * rate)),
                action=take.action,
                seed=take.seed,
                path=tuple((x, z) for x, z in take.path or ()),
            )
        else:
            act, note = _recorded(recordings, take, number, rate)
            notes += [note] if note else []
        product = _product(number, act, len(spec.clips)) if BVH in spec.deliver else ""
        acts.append(act.model_copy(update={"product": product}))
    return acts, tuple(dict.fromkeys(notes))


def _check_action(action: str, config: MotionConfig, number: int) -> None:
    if action in config.classes:
        return
    nearest = get_close_matches(action.lower(), config.classes, n=1, cutoff=_ALIKE)
    guess = f"did you mean {nearest[0]!r}? " if nearest else ""
    said = f"clips: nobody trained {action!r}; {guess}the model knows {', '.join(config.classes)}"
    raise FieldProblem(("clips", number, "action"), said)


def _recorded(recordings: Recordings, take: Take, number: int, rate: Fraction) -> tuple[Act, str]:
    recording, clip = recordings.of(take, number)
    try:
        frames = recorded(clip, recording, rate).frames
    except InputError as error:
        key = "end" if take.end is not None else "start" if take.start else "file"
        raise FieldProblem(("clips", number, key), str(error)) from error
    own = recording.rate or clip.rate
    note = "" if own == rate else f"{recording.name}: {float(own):g} frames a second, shown at {float(rate):g}"
    return Act(frames=frames, recording=recording), note


def _product(number: int, act: Act, clips: int) -> str:
    """`clip-01-walk.bvh`: a file's name on every system."""
    said = PurePosixPath(act.said).stem if act.recording is not None else act.said
    word = re.sub(r"[^\w-]+", "-", said).strip("-")[:60] or "clip"
    return f"clip-{number + 1:0{max(2, len(str(clips)))}d}-{word}.bvh"


def _figures(spec: MotionSpec, acts: Sequence[Act]) -> tuple[FigureBrief, ...]:
    """Who does what: one does all, or each clip has its own."""
    rows = [(act,) for act in acts] if spec.together else [tuple(acts)]
    places = spec.places
    if places is not None and len(places) != len(rows):
        said = f"has {len(places)}, and the job has {len(rows)} figure{'s' if len(rows) > 1 else ''}"
        raise FieldProblem("places", f"places: {said}; give one for each")
    for key, given in (("palette", spec.palette), ("holds", spec.holds or ())):
        if len(given) > len(rows):
            hint = "" if spec.together else "; clips have figures of their own with together: true"
            raise FieldProblem(key, f"{key}: has {len(given)}, and the job {len(rows)} figure(s){hint}")
    return tuple(
        FigureBrief(
            acts=row,
            palette=spec.palette[number % len(spec.palette)],
            prop=_prop(spec, row, number),
            place=None if places is None else (places[number][0], places[number][1]),
            facing_deg=None if places is None or len(places[number]) == 2 else places[number][2],
        )
        for number, row in enumerate(rows)
    )


def _prop(spec: MotionSpec, acts: Sequence[Act], figure: int) -> Prop | None:
    if spec.holds:
        return _SWORD if spec.holds[figure % len(spec.holds)] == _SWORD else None
    return _SWORD if any(act.action == _SWORD for act in acts) else None


def _size(spec: MotionSpec, settings: Settings) -> tuple[int, int]:
    width, height = map(int, spec.size.split("x"))
    check_pixels("size", "size", width, height, settings)
    return width, height


def _camera(spec: MotionSpec) -> CameraBrief:
    if spec.camera is None:
        return CameraBrief()
    told = spec.camera.model_dump()
    return CameraBrief(round_s=told.pop("round"), **told)


def _trails(spec: MotionSpec) -> TrailsBrief | None:
    return None if spec.trails is None else TrailsBrief(**spec.trails.model_dump())


def _is_transparent(spec: MotionSpec) -> bool:
    return spec.background is not None and spec.background.transparent


def _check_transparency(spec: MotionSpec) -> None:
    """Raises: FieldProblem if what is delivered cannot be seen through."""
    if not _is_transparent(spec):
        return
    keeping = [row.name for row in DELIVERABLES.values() if row.keeps_alpha]
    if opaque := [name for name in spec.deliver if name not in (SHEET, BVH, *keeping)]:
        key = "deliver" if "deliver" in spec.model_fields_set else "background"
        right = f"write deliver: [{keeping[0]}], or others of {', '.join(keeping)}"
        raise FieldProblem(key, f"{key}: {opaque[0]} cannot be transparent; {right}")


def _behind(spec: MotionSpec, seconds: Fraction, settings: Settings, parts: Parts) -> Planned | None:
    """The pictures or films of the background, where it has any."""
    background = spec.background
    if background is None or background.colours or background.transparent:
        return None
    if isinstance(background.made, MotionSpec) and _is_transparent(background.made):
        said = "background: figures behind figures need a background of their own; give them another one, or none"
        raise FieldProblem(("background", "background"), said)
    return plan_background(background, settings, parts, seconds=seconds, rate=Fraction(spec.fps))


def _origin(spec: MotionSpec, brief: MotionBrief, behind: Planned | None) -> Origin | None:
    """A recording that is drawn is nothing that a model made, nor is a picture of the user's."""
    is_made = bool(brief.model)
    if behind is None:
        return "generated" if is_made else None
    return "composed" if is_made or behind.is_made else None


def _fingerprint(inputs: dict[str, object], parts: Parts, behind: Planned | None) -> str:
    digests = [*(model.sha256 for model in parts.models), *(file.sha256 for file in parts.files)]
    told = json.dumps([inputs, digests, "" if behind is None else behind.fingerprint], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def paced(spec: MotionSpec, seconds: Fraction, rate: Fraction) -> MotionSpec:
    """The same at that rate if it says no other, and so long as far as nobody says how long its actions last."""
    told: dict[str, object] = {} if "fps" in spec.model_fields_set else {"fps": str(rate)}
    free = [take for take in spec.clips if take.action is not None and "seconds" not in take.model_fields_set]
    if free and all(take.action is not None for take in spec.clips):
        fixed = sum(Fraction(str(take.seconds)) for take in spec.clips if "seconds" in take.model_fields_set)
        share = seconds if spec.together else (seconds - fixed) / len(free)
        if share > 0:
            told["clips"] = [
                take.model_copy(update={"seconds": float(share)}) if take in free else take for take in spec.clips
            ]
    return spec.model_copy(update=told)


MOTION = Kind(
    spec=MotionSpec,
    plan=plan,
    paced=paced,
    painter="pipeline.motion.painter:MotionPainter",
    summary="figures that move as a model or a recording has it",
)
