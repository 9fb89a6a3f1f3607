"""A background as a poster's plan holds it: another kind's own plan nested in it, or the user's files looked at.

Nothing here knows of any kind: what a new one makes can be a background from its first day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from jobs.config import Settings
from jobs.kinds import kind
from jobs.kinds.background_files import MOST_FILES, beginning_of, own_files
from jobs.kinds.background_keys import Background
from jobs.kinds.base import FieldProblem, JobSpec
from jobs.kinds.parts import Parts
from jobs.limits import check_length
from jobs.records import ModelRef, Plan
from pipeline.backgrounds.brief import BackgroundBrief, Film, Own, Painted, Play, runs
from pipeline.catalog import find_upscaler

_DELIVERED = (["png", "webp"], ["png"])
"""What a nested job is asked to deliver: pictures and a movie, or where nothing moves, pictures. Nothing is ever
encoded so; of all movies, a WebP makes the fewest demands on its frames."""

_MOST_NAMED = 3
"""Files in a background's name."""

_NOTICED = 1.5
"""Times faster or slower than a film's own speed, from which on people are told."""

_LONGEST_NUMBER = 20
"""Digits."""

_ONE_CHUNK = 100_000
"""Frames a chunk of a nested plan: what it cuts all the same, it has a reason to cut."""


@dataclass(frozen=True)
class Planned:
    """A background, and what the poster's plan must know of it besides."""

    brief: BackgroundBrief
    fingerprint: str
    """Of all that is read for it."""
    name: str
    """What people call it: its model, style or file."""
    pick: Callable[[str], int | None]
    """A seed or a file's name → which of its pictures that is, as `Backgrounds` counts them; None if it has none."""
    shows: Callable[[int], str]
    """And back: the seed or name of the picture that a variant gets."""
    is_made: bool = False
    """Whether a model made it, or had a hand in it."""
    notes: tuple[str, ...] = ()


def plan_background(
    background: Background,
    settings: Settings,
    parts: Parts,
    *,
    seconds: Fraction | None = None,
    rate: Fraction | None = None,
    keys: tuple[str | int, ...] = ("background",),
) -> Planned:
    """The background's plan; its models and files are added to `parts`.

    `seconds`, `rate`: the poster's, so that a film that may have any length has just its; None of stills. `keys`: where
    the job file says the background, from the outermost.
    Raises: FieldProblem if it cannot be made; StorageUnavailable.
    """
    try:
        if background.made is not None:
            made = _nested(background.made, settings, parts, background.play, seconds, rate)
        else:
            made = _own(background, settings, parts, seconds)
    except FieldProblem as problem:
        raise FieldProblem((*keys, *problem.keys), str(problem)) from problem
    # A picture of the user's own is changed by no network unless that is asked for.
    is_enlarged = background.upscale or (background.made is not None and background.upscale is None)
    upscaler = _upscaler() if is_enlarged else None
    brief = made.brief.model_copy(
        update={
            "play": background.play,
            "blend": background.blend,
            "upscale": background.upscale,
            "upscaler": None if upscaler is None else parts.model(upscaler),
        }
    )
    digests = [made.fingerprint, *([upscaler.sha256] if upscaler else [])]
    return Planned(
        brief=brief,
        fingerprint=hashlib.sha256(" ".join(digests).encode()).hexdigest(),
        name=made.name,
        pick=made.pick,
        shows=made.shows,
        is_made=made.is_made or upscaler is not None,
        notes=tuple(f"background: {note}" for note in made.notes),
    )


def _nested(
    spec: JobSpec,
    settings: Settings,
    parts: Parts,
    play: Play | None,
    seconds: Fraction | None,
    rate: Fraction | None,
) -> Planned:
    """What another kind makes."""
    row = kind(str(spec.kind))  # type: ignore[attr-defined]
    if row.paced is not None and seconds is not None and rate is not None:
        spec = row.paced(spec, seconds, rate)
    if key := row.lacks(spec):
        said = "is answered for a job of its own, and not for a background; write what it would say yourself"
        raise FieldProblem(key, f"{key}: {said}")
    if "on_error" in type(spec).model_fields:
        # A job of its own would go on without what cannot be made; here nothing else would be there to see.
        spec = spec.model_copy(update={"on_error": "fail"})
    plan = _plan(spec, row.plan, settings)
    check_length(plan, dict.fromkeys(spec.model_fields_set), settings)
    painted = Painted(
        kind=plan.kind,
        name=plan.style or plan.stem,
        painter=row.painter,
        inputs=plan.inputs,
        models=tuple(parts.model(model) for model in plan.models),
        files=tuple(parts.file(file) for file in plan.files),
        chunks=(*(start for start, _ in plan.chunks), plan.frames),
        lead_in=plan.lead_in,
        separable=row.separable,
        stills=_stills(plan),
        film=_film(plan),
    )
    return Planned(
        brief=BackgroundBrief(painted=painted),
        fingerprint=plan.fingerprint,
        name=painted.name,
        pick=partial(_picture_of, plan, painted),
        shows=partial(_shown, plan, painted),
        is_made=plan.origin is not None,
        notes=(*plan.notes, *_paces(painted.film, play, seconds)),
    )


def _paces(film: Film | None, play: Play | None, seconds: Fraction | None) -> Iterator[str]:
    """What people should know of how fast a film is played."""
    if film is None or seconds is None or (play or ("loop" if film.loops else "hold")) not in ("loop", "stretch"):
        return
    lasts = len(film) / film.rate
    rounds = max(1, round(seconds / lasts)) if play != "stretch" else 1
    speed = float(rounds * lasts / seconds)
    if not 1 / _NOTICED < speed < _NOTICED:
        how = f"{speed:.1f} times as fast" if speed > 1 else f"{1 / speed:.1f} times as slowly"
        yield f"its film of {float(lasts):g} s is played {how}, to fit {float(seconds):g} s"


def _plan(spec: JobSpec, plan: Any, settings: Settings) -> Plan:
    """That kind's own plan, with movies if anything in it moves."""
    settings = settings.model_copy(update={"chunk_frames": _ONE_CHUNK})
    *tries, last = _DELIVERED
    for deliver in tries:
        try:
            made: Plan = plan(_delivering(spec, deliver), settings)
        except FieldProblem as problem:
            if problem.keys[0] != "deliver":
                raise
        else:
            return made
    return plan(_delivering(spec, last), settings)


def _delivering(spec: JobSpec, deliver: list[str]) -> JobSpec:
    return spec.model_copy(update={"deliver": deliver}) if "deliver" in type(spec).model_fields else spec


def _stills(plan: Plan) -> tuple[tuple[int, int], ...]:
    """The frames that are pictures for their own sake: none of a film alone."""
    is_film = plan.rate is not None and plan.pictures is None and not plan.film_begins
    return () if is_film else runs(plan.pictured)


def _film(plan: Plan) -> Film | None:
    if plan.rate is None or len(plan.filmed) < 2:
        return None
    return Film(start=plan.film_begins, stop=plan.frames, rate=Fraction(plan.rate), loops=plan.loops)


def _picture_of(plan: Plan, painted: Painted, seed: str) -> int | None:
    """Which of the plan's pictures has that number."""
    frame = plan.frame_of(int(seed)) if seed.isascii() and seed.isdigit() and len(seed) <= _LONGEST_NUMBER else None
    before = 0
    for start, stop in painted.stills:
        if frame is not None and start <= frame < stop:
            return before + frame - start
        before += stop - start
    return None


def _shown(plan: Plan, painted: Painted, index: int) -> str:
    """The number of the picture that a variant gets; of a film alone, nothing."""
    return str(plan.number(painted.still(index % painted.count))) if painted.count else ""


def _own(background: Background, settings: Settings, parts: Parts, seconds: Fraction | None) -> Planned:
    """The user's files."""
    own: list[Own] = []
    digests: list[str] = []
    # Played at its own speed, no more of a film is seen than the poster lasts.
    seen_s = seconds if background.play in (None, "hold", "bounce") else None
    for number, url in enumerate(background.files):
        for found in own_files(url, settings, "files", number):
            if found.file is not None:
                own.append(Own(name=found.name, file=parts.file(found.file)))
                digests.append(found.file.sha256)
            elif found.source is not None:
                own.append(Own(name=found.name, source=beginning_of(found.source, seen_s)))
                digests.append(found.source.fingerprint)
    if len(own) > MOST_FILES:
        raise FieldProblem("files", f"background: has {len(own):,} files; at most {MOST_FILES:,} can be backgrounds")
    names = [each.name for each in own]
    return Planned(
        brief=BackgroundBrief(own=tuple(own)),
        fingerprint=" ".join(digests),
        name=" + ".join(names) if len(names) <= _MOST_NAMED else f"{names[0]} and {len(names) - 1} others",
        pick=lambda name: names.index(name) if name in names else None,
        shows=lambda index: names[index % len(names)],
    )


def _upscaler() -> ModelRef:
    found = find_upscaler()
    return ModelRef(name=found.name, entry=found.entry, weights=found.weights, sha256=found.sha256)
