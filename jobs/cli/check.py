"""The command that says what a job file would make, and touches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from jobs.cli.looking import Json
from jobs.cli.running import JobFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs.kinds.schedule import Schedule
    from jobs.records import Plan
    from pipeline.film.brief import FilmBrief
    from pipeline.interiors.brief import InteriorsBrief
    from pipeline.portraits.brief import PortraitBrief, WalkBrief

_SHOTS_TOLD = 20
"""More than so many are only counted."""

_CLIPS_TOLD = 20
"""Of a motion."""

_SIZES_TOLD = 4


def check(file: JobFile, as_json: Json = False) -> None:
    """Check a job file and say what it would make, or everything that is wrong with it."""
    from jobs.cli import guard, show
    from jobs.cli.running import drafted
    from jobs.spec import JobSpecProblems

    try:
        begun = drafted(file, token="")
        spec, plan = begun.spec, begun.plan
    except JobSpecProblems as error:
        if not as_json:
            raise
        show.print_json({"ok": False, "problems": error.problems})
        raise typer.Exit(guard.BAD_INPUT) from error
    if as_json:
        schedule = spec.schedule.model_dump() if spec.schedule is not None else None
        show.print_json({"ok": True, **summary(plan), "schedule": schedule})
    else:
        _tell(plan, spec.schedule)


def summary(plan: Plan) -> dict[str, Any]:
    """The plan without what is long: for scripts."""
    from pipeline.addresses import shown

    body = plan.model_dump(mode="json", exclude={"chunks", "inputs", "names", "notify"})
    source = {name: value for name, value in plan.inputs.get("source", {}).items() if name not in ("pts", "names")}
    inputs = {name: value for name, value in plan.inputs.items() if name != "source"}
    return {
        **body,
        "chunks": len(plan.chunks),
        "source": source,
        "inputs": inputs,
        "painted": _size(plan, "paint_size") or _size(plan, "size"),
        "delivered": _size(plan, "size"),
        "shots": _shots(plan),
        "notify": None if plan.notify is None else {"url": shown(plan.notify.url), "on": list(plan.notify.on)},
    }


def _tell(plan: Plan, schedule: Schedule | None) -> None:
    from rich.markup import escape

    from jobs.cli import show

    console = show.out()
    console.print(
        f"[bold green]✓[/] {_article(plan.kind)} {plan.kind} job; it would be [bold]{plan.job}[/]", soft_wrap=True
    )
    for name, fact in _facts(plan):
        console.print(f"  [dim]{name:<10}[/]{escape(fact)}", soft_wrap=True)
    if schedule is not None:
        console.print(f"  [dim]{'schedule':<10}[/]{escape(schedule.said)}", soft_wrap=True)
    for note in plan.notes:
        console.print(f"  [yellow]{'note':<10}[/]{escape(note)}", soft_wrap=True)


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _facts(plan: Plan) -> list[tuple[str, str]]:
    from jobs.cli import posters
    from pipeline.addresses import shown

    tellers = {
        "artwork": _artwork_facts,
        "diffusion": _diffusion_facts,
        "interiors": _interiors_facts,
        "motion": _motion_facts,
        "portraits": _portrait_facts,
        "posters": posters.facts,
        "projection": _projection_facts,
        "retouch": _retouch_facts,
        "speech": _speech_facts,
        "train-attributes": _attributes_facts,
    }
    told = tellers.get(plan.kind, _frame_facts)(plan)
    delivered = [*plan.deliver, *(["board"] if plan.board is not None else [])]
    delivered += [f"narration as {', '.join(plan.narration)}, srt, vtt"] if plan.narration else []
    delivered += ["bvh"] if plan.kind == "motion" and plan.products else []
    told += [("deliver", ", ".join(delivered) or "contact-sheet"), ("output", plan.output)]
    if plan.notify is not None:
        told.append(("notify", f"{shown(plan.notify.url)}, when it is {' or '.join(plan.notify.on)}"))
    return told


def _artwork_facts(plan: Plan) -> list[tuple[str, str]]:
    """What is painted after what, and how long; what it is compared by is a note of the plan's."""
    from pathlib import PurePosixPath

    from jobs.cli import show
    from pipeline.artwork.brief import ArtworkBrief

    brief = ArtworkBrief.from_json(plan.inputs)
    urls = [file.key for file in plan.files]
    sizes = ", ".join(str(size) for size in brief.recipe.sizes())
    evaluations = show.count(brief.recipe.iterations, "evaluation")
    facts = [
        ("content", urls[brief.content]),
        ("size", f"{brief.recipe.size} px on the longest side, {'16' if plan.deep else '8'} bits a channel"),
        ("work", f"at most {evaluations}, at {sizes} px, priority {plan.priority}"),
    ]
    for number, painting in enumerate(brief.paintings):
        where = "" if painting.mask is None else f", where {PurePosixPath(urls[painting.mask]).name} is white"
        facts.append(("paintings" if number == 0 else "", f"{urls[painting.file]}, weight {painting.weight:g}{where}"))
    if brief.recipe.colours != "painting":
        facts.append(("colours", f"kept by {brief.recipe.colours}"))
    return [*facts, ("becoming", _span(plan))] if plan.rate else facts


def _portrait_facts(plan: Plan) -> list[tuple[str, str]]:
    """Which generator makes how many pictures, of what."""
    from jobs.cli import show
    from pipeline.portraits.brief import PortraitBrief

    brief = PortraitBrief.model_validate(plan.inputs)
    side, bits = brief.resolution, 16 if plan.deep else 8
    facts = [("model", plan.models[0].name)]
    if brief.walk_begins or brief.walk is None:
        pictures = show.count(len(plan.pictured), "picture")
        facts.append(("pictures", f"{pictures} of {side}x{side} px, {bits} bits a channel"))
        facts.append(_origin(plan, brief))
    if brief.walk is not None:
        facts += [("walk", _walk(plan, brief.walk)), ("", f"{side}x{side} px, {_span(plan)}")]
    return [*facts, ("chunks", _chunks(plan)), ("made with", brief.said())]


def _diffusion_facts(plan: Plan) -> list[tuple[str, str]]:
    """Which model makes how many pictures, of which prompts."""
    from jobs.cli import show
    from pipeline.diffusion.brief import DiffusionBrief

    brief = DiffusionBrief.model_validate(plan.inputs)
    if brief.source is not None:
        model = [("model", f"{brief.model}, {brief.kin.title}"), ("task", brief.task)]
        return [*model, *_frame_facts(plan), ("made with", brief.said())]
    sizes = list(dict.fromkeys(brief.row(frame).size for frame in range(0, brief.frames, brief.seeds_each)))
    shown = ", ".join(f"{width}x{height}" for width, height in sizes[:_SIZES_TOLD])
    bits = f"{16 if plan.deep else 8} bits a channel"
    grid = [show.count(len(brief.settings), "setting"), show.count(len(brief.subjects), "prompt")]
    facts = [
        ("model", f"{brief.model}, {brief.kin.title}"),
        ("task", brief.task),
        (
            "pictures",
            f"{show.count(plan.frames, 'picture')} of {shown}{' …' if len(sizes) > _SIZES_TOLD else ''} px, {bits}",
        ),
        ("", " x ".join([*grid, show.count(brief.seeds_each, "seed")])),
    ]
    return [*facts, ("chunks", _chunks(plan)), ("made with", brief.said())]


def _speech_facts(plan: Plan) -> list[tuple[str, str]]:
    """Who says how many lines, and in which languages."""
    from jobs.cli import show
    from pipeline.speech.brief import SpeechBrief

    brief = SpeechBrief.model_validate(plan.inputs)
    lines = [line for line in brief.lines if not line.problem]
    letters = sum(len(line.text) for line in lines)
    languages = ", ".join(sorted({line.language for line in lines if line.language}))
    told = [("voices" if number == 0 else "", voice.said) for number, voice in enumerate(brief.voices)]
    told += [
        ("lines", f"{show.count(len(lines), 'line')} of {letters:,} letters{f', in {languages}' * bool(languages)}")
    ]
    level = "as the voices give it" if brief.loudness is None else f"{brief.loudness.target:g} LUFS"
    return [*told, ("loudness", level), ("chunks", _chunks(plan))]


def _interiors_facts(plan: Plan) -> list[tuple[str, str]]:
    """Which model makes how many designs, of what, and what comes with them."""
    from jobs.cli import show
    from pipeline.interiors.brief import InteriorsBrief

    brief = InteriorsBrief.model_validate(plan.inputs)
    facts = [("model", plan.models[0].name)]
    if brief.designs:
        facts.append(("designs", f"{show.count(brief.designs, 'picture')} of {_enlarged(brief, brief.size)}"))
        facts += [("seeds", plan.span(0, brief.designs))] if brief.seeds else []
    facts += [("strip", f"{strip.attribute.name} of {plan.names[strip.of]}") for strip in brief.strips]
    facts += [("photo", picture.name) for picture in brief.pictures if not picture.is_design]
    if brief.film is not None:
        ends = "and back to the first" if brief.film.loop else "from the first to the last"
        facts.append(("film", f"through {brief.film.through} {ends}"))
        facts.append(("", f"{_enlarged(brief, brief.film.size)}, {_span(plan)}"))
    return [*facts, ("chunks", _chunks(plan)), ("made with", brief.said())]


def _enlarged(brief: InteriorsBrief, size: int) -> str:
    own = f", enlarged from {brief.resolution}" if size > brief.resolution else ""
    return f"{size}x{size} px{own}"


def _motion_facts(plan: Plan) -> list[tuple[str, str]]:
    """Who does what when, and how that is seen."""
    from pipeline.motion.brief import MotionBrief

    brief = MotionBrief.model_validate(plan.inputs)
    facts = [("model", plan.models[0].name)] if brief.model else []
    told = [
        f"{plan.number(begin)}-{plan.number(begin + act.frames - 1)}  {act.said}"
        + (f", seed {act.seed}" if act.action else "")
        + (f", figure {number}" if len(brief.figures) > 1 else "")
        for number, figure in enumerate(brief.figures, 1)
        for begin, act in zip(figure.begins(), figure.acts, strict=True)
    ]
    shown = [*told[:_CLIPS_TOLD], *([f"and {len(told) - _CLIPS_TOLD} more"] if len(told) > _CLIPS_TOLD else [])]
    facts += [("clips" if number == 0 else "", line) for number, line in enumerate(shown)]
    alpha = ", with alpha" if brief.transparent else ""
    facts += [("film", f"{brief.width}x{brief.height} px{alpha}, {_span(plan)}"), ("camera", brief.camera.move)]
    return [*facts, ("chunks", _chunks(plan))]


def _origin(plan: Plan, brief: PortraitBrief) -> tuple[str, str]:
    """What pictures are made of."""
    if brief.mix is not None:
        return "", f"rows and columns as {plan.names[-1]}"
    if brief.latents is not None:
        return "latents", plan.files[brief.latents].key
    return "seeds", plan.span(0, len(plan.pictured))


def _walk(plan: Plan, walk: WalkBrief) -> str:
    through = f"seeds {walk.through}" if walk.file is None else plan.files[walk.file].key
    ends = "and back to the first" if walk.loop else "from the first to the last"
    steps = ", in equal steps" if walk.steady else ""
    return f"through {through} {ends}; {walk.way} in {walk.space}{steps}"


def _projection_facts(plan: Plan) -> list[tuple[str, str]]:
    """What is looked for where, and how; what it is compared by is a note of the plan's."""
    from pipeline.portraits.projection.brief import ProjectionBrief

    brief = ProjectionBrief.from_json(plan.inputs)
    side, bits = brief.resolution, 16 if plan.deep else 8
    face = "the square in its middle" if brief.face is None else "about {}, {} to {}, {} px".format(*brief.face)
    facts = [
        ("model", plan.models[0].name),
        ("photo", f"{plan.files[0].key}, {face}"),
        ("picture", f"{side}x{side} px, {bits} bits a channel"),
        ("work", f"{brief.said()}, priority {plan.priority}"),
        ("latents", brief.product),
    ]
    return [*facts, ("becoming", _span(plan))] if plan.rate else facts


def _retouch_facts(plan: Plan) -> list[tuple[str, str]]:
    """What is edited, and what comes of it."""
    from pipeline.retouch.brief import RetouchBrief

    brief = RetouchBrief.model_validate(plan.inputs)
    source = plan.inputs["source"]
    facts = [("source", source["url"]), ("", _source_facts(source)), ("frames", _span(plan)), ("chunks", _chunks(plan))]
    at_most = "at most " if source["kind"] == "folder" else ""
    facts.append(("size", f"{at_most}{brief.width}x{brief.height} px, {'16' if plan.deep else '8'} bits a channel"))
    facts += [("edits" if number == 0 else "", step.read().said(step.edit)) for number, step in enumerate(brief.steps)]
    if brief.speed != 1:
        facts.append(("speed", f"{float(brief.speed):g}"))
    return facts if brief.sound is None else [*facts, ("sound", brief.sound.said())]


def _attributes_facts(plan: Plan) -> list[tuple[str, str]]:
    """Of which model attributes are learnt, and from what."""
    from jobs.cli import show
    from pipeline.training.attributes.brief import AttributesBrief

    brief = AttributesBrief.from_json(plan.inputs)
    return [
        ("model", plan.models[0].name),
        ("labels", plan.files[0].key),
        ("pictures", f"{show.count(len(brief.pictures), 'labelled picture')} of {brief.images}"),
        ("work", f"1 sheet, priority {plan.priority}"),
    ]


def _chunks(plan: Plan) -> str:
    from jobs.cli import show
    from jobs.kinds import noun

    longest = max(stop - start for start, stop in plan.chunks)
    chunks = show.count(len(plan.chunks), "chunk")
    leads = f", each led in to by up to {plan.lead_in}" if plan.lead_in else ""
    return f"{chunks} of at most {show.count(longest, noun(plan.kind))}{leads}, priority {plan.priority}"


def _span(plan: Plan) -> str:
    from jobs.cli import show

    rate = plan.rate_fraction
    frames = plan.filmed
    lasts = f", {show.duration(float(len(frames) / rate))} at {float(rate):.6g} fps" if rate else ""
    return f"{show.count(len(frames), 'frame')} ({plan.number(frames[0])}-{plan.number(frames[-1])}){lasts}"


def _frame_facts(plan: Plan) -> list[tuple[str, str]]:

    source = plan.inputs.get("source", {})
    facts = []
    if source:
        facts += [("source", source["url"]), ("", _source_facts(source))]
    facts.append(("frames", _span(plan)))
    facts.append(("chunks", _chunks(plan)))
    delivered = _size(plan, "size")
    if delivered:
        painted = _size(plan, "paint_size")
        before = f"{painted[0]}x{painted[1]} px, delivered at " if painted and painted != delivered else ""
        facts.append(
            ("painted", f"{before}{delivered[0]}x{delivered[1]} px, {'16' if plan.deep else '8'} bits a channel")
        )
    if plan.style:
        facts.append(("style", ", ".join([plan.style, *_controls(plan.inputs)])))
    return [*facts, *_told_shots(plan)]


def _controls(inputs: dict[str, Any]) -> list[str]:
    """What is done besides painting, in words."""
    strength, colour = inputs.get("strength", 1.0), inputs.get("preserve_color")
    said = [f"strength {strength:g}"] if strength != 1 else []
    said += [f"colours kept by {colour}"] if colour else []
    return said + (["held still along the flow"] if inputs.get("steady") else [])


def _told_shots(plan: Plan) -> list[tuple[str, str]]:
    shots = _shots(plan)
    told = [f"{shot['number']:>3}  {shot['first']}-{shot['last']}  {shot['style']}" for shot in shots[:_SHOTS_TOLD]]
    if len(shots) > _SHOTS_TOLD:
        told.append(f"and {len(shots) - _SHOTS_TOLD:,} more; --json lists them")
    return [("shots" if number == 0 else "", line) for number, line in enumerate(told)]


def _shots(plan: Plan) -> list[dict[str, Any]]:
    """The shots of a film job that depends on them, or whose looks change: number, frames and style of each."""
    if plan.kind != "film":
        return []
    from itertools import pairwise

    from pipeline.film.brief import FilmBrief

    brief = FilmBrief.model_validate(plan.inputs)
    if len(brief.shots) == 1 and len(brief.spans) == 1:
        return []
    bounds = pairwise((*brief.shots, plan.frames))
    return [
        {
            "number": number,
            "first": plan.number(start),
            "last": plan.number(stop - 1),
            "style": ", ".join(_styles(plan, brief, start, stop)),
        }
        for number, (start, stop) in enumerate(bounds, 1)
    ]


def _styles(plan: Plan, brief: FilmBrief, start: int, stop: int) -> Iterator[str]:
    """What the frames [start, stop) are painted in, one after the other."""
    at = start
    while at < stop:
        span = brief.span_of(at)
        name = brief.looks[span.look].name
        if span.fades_to is None:
            yield name
        else:
            ends = plan.number(span.stop - 1)
            yield f"{name} → {brief.looks[span.fades_to].name} in {plan.number(span.start)}-{ends}"
        at = span.stop


def _source_facts(source: dict[str, Any]) -> str:
    from fractions import Fraction

    from jobs.cli import show

    size = f"{source['width']}x{source['height']} px"
    parts = [f"{source['kind']}, {size}, {show.count(source['frames'], 'frame')}"]
    if source.get("rate"):
        parts.append(f"{float(Fraction(source['rate'])):.6g} fps")
    parts.append(f"{source['bit_depth']} bits")
    if source["kind"] == "film":
        parts.append(f"sound: {source['audio_codec']}" if source.get("audio_codec") else "silent")
    if source.get("timecode"):
        parts.append(f"timecode {source['timecode']}")
    return ", ".join(parts)


def _size(plan: Plan, key: str) -> tuple[int, int] | None:
    """Width and height with the longest side that the job asks for as `size` or `paint_size`."""
    from pipeline.film.geometry import fitted_size

    if plan.kind == "retouch" and key == "size":
        return plan.inputs["width"], plan.inputs["height"]
    if plan.kind == "diffusion" and key == "size":
        width, height = plan.inputs["settings"][0]["size"]
        return width, height
    source, longest = plan.inputs.get("source"), plan.inputs.get(key)
    if source is None or (key == "paint_size" and longest is None):
        return None
    return fitted_size(source["width"], source["height"], longest)
