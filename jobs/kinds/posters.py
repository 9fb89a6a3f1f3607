"""The posters kind: a template for every audience, language and size, still and in motion; a frame is one of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo

from jobs.config import Settings
from jobs.copywriter.keys import Copy
from jobs.copywriter.write import note, write
from jobs.desk import Desk
from jobs.kinds.background_keys import Background
from jobs.kinds.backgrounds import Planned, plan_background
from jobs.kinds.base import FieldProblem, JobSpec, Keys, Kind, Place, place
from jobs.kinds.parts import Parts
from jobs.kinds.pictures_then_film import check_count
from jobs.kinds.sound_keys import MixedSound, Mixture
from jobs.kinds.values import Deliverable, check_alias, check_deliver, check_is_list, check_rate
from jobs.marks import label_of
from jobs.posters.assets import Assets
from jobs.posters.audiences import Row, read_table, rows_of
from jobs.posters.copy import check_texts, requests, written
from jobs.posters.fonts import Fonts
from jobs.posters.sounds import Sounds, check_sound
from jobs.posters.templates import Found, find, is_path
from jobs.posters.variants import Group, Wanted, check_columns, variants
from jobs.records import Plan
from pipeline.errors import InputError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.poster.brief import PosterBrief, Variant
from pipeline.poster.canvas import parse_size
from pipeline.poster.layers.pictures import BackgroundLayer
from pipeline.poster.motion import Timeline
from pipeline.poster.template import PICTURE, Template, check_palette
from pipeline.provenance import Origin
from pipeline.provenance.label import room

_FASTEST = 60
"""Frames a second."""

_LONGEST_S = 120.0

_MOST_MOVING_PX = 4096 * 2304
"""Of a frame: what is larger is for print."""

_UNNAMED = ""
"""The background of `background`."""

_MOVING_A_CHUNK = 2
"""Animations take seconds each."""

_MOST_TOLD = 20
"""Problems that one message tells."""

_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}


def _check_template(value: str, info: ValidationInfo) -> str:
    return place(value, info) if is_path(value) else value


def _check_audiences(value: object, info: ValidationInfo) -> object:
    """A path, or the audiences themselves."""
    if isinstance(value, str):
        return place(value, info)
    if not isinstance(value, list):
        raise ValueError("audiences: write the path of a table, or a list: [{audience: students, locale: en}]")
    return value


def _check_size(value: object) -> str:
    try:
        canvas = parse_size(str(value))
    except InputError as error:
        raise ValueError(f"sizes: {error}") from error
    return f"{canvas.width}x{canvas.height}"


def _once(value: list[str]) -> list[str]:
    return list(dict.fromkeys(value))


def _check_palette(value: object) -> object:
    if isinstance(value, Mapping):
        check_palette({str(role): str(colour) for role, colour in value.items()}, "palette")
    elif not isinstance(value, str):
        raise ValueError("palette: write a name of the template's, picture, or {paper: …, ink: …, accent: …, soft: …}")
    return value


def _bytes(value: object) -> int:
    text = str(value).replace(" ", "").upper()
    number = text.rstrip("KMGB")
    unit = text[len(number) :]
    try:
        if isinstance(value, bool) or unit not in _UNITS:
            raise ValueError
        size = int(float(number) * _UNITS[unit])
    except (ValueError, OverflowError) as error:
        raise ValueError(f"most_bytes: {value!r} is no size; write 8 MB") from error
    if size < 1:
        raise ValueError(f"most_bytes: {value!r} is no size; write 8 MB")
    return size


class GroupKeys(Keys):
    """What one group of an A/B test sees otherwise."""

    share: Annotated[float, Field(gt=0, le=1e6, description="how large it is, relative to the others")] = 1.0
    values: Annotated[dict[str, str], Field(description="the template's variables in this group")] = {}  # noqa: RUF012
    palette: str | None = None
    background: Annotated[str | None, Field(description="one of `backgrounds`")] = None


class PostersSpec(JobSpec):
    """A posters job file."""

    switches = frozenset({"loop"})

    kind: Annotated[Literal["posters"], Field(description="what the job makes")]
    template: Annotated[
        str,
        AfterValidator(_check_template),
        Field(description="name of a template that ships, or the path of your own"),
    ]
    audiences: Annotated[
        str | list[dict[str, Any]],
        BeforeValidator(_check_audiences, json_schema_input_type=str | list[dict[str, Any]]),
        Field(description="who they are for: the path of a CSV or YAML table, or a list"),
    ]
    locales: Annotated[
        list[str], Field(min_length=1, description="languages of the audiences whose row names none")
    ] = ["en"]  # noqa: RUF012 - pydantic copies defaults
    values: Annotated[dict[str, str], Field(description="the template's variables, where no row gives them")] = {}  # noqa: RUF012
    sizes: Annotated[
        list[Annotated[str, BeforeValidator(_check_size)]],
        AfterValidator(_once),
        Field(min_length=1, max_length=32, description="1080x1350, or square, portrait, story, wide, a3"),
    ] = ["1080x1350"]  # noqa: RUF012
    palette: Annotated[
        str | dict[str, str] | None,
        BeforeValidator(_check_palette),
        Field(description="one of the template's, `picture`, or colours by role; default: the template's"),
    ] = None
    background: Annotated[
        Background | None,
        Field(description="what lies behind: a picture or film, several, or {kind: portraits, model: portraits, …}"),
    ] = None
    backgrounds: Annotated[
        dict[str, Background], Field(max_length=32, description="several, by name: rows and groups choose theirs")
    ] = {}  # noqa: RUF012
    texts: Annotated[
        Copy | None, Field(alias="copy", description="words that a language model writes for each audience")
    ] = None
    groups: Annotated[
        dict[str, GroupKeys], Field(max_length=16, description="groups of an A/B test; an audience stays in its own")
    ] = {}  # noqa: RUF012
    salt: Annotated[str, Field(max_length=100, description="another one deals the groups anew")] = ""
    fonts: Annotated[Place | None, Field(description="folder of fonts of your own")] = None
    duration: Annotated[float | None, Field(gt=0, le=_LONGEST_S, description="seconds; default: the template's")] = None
    fps: Annotated[
        str | int | float,
        AfterValidator(check_rate),
        Field(validate_default=True, description="frames a second of what moves, 1 to 60"),
    ] = "30"
    loop: Annotated[
        bool | None, Field(description="whether its end leads on to its beginning; default: the template's")
    ] = None
    most_bytes: Annotated[
        dict[Literal["gif", "webp", "apng"], Annotated[int, BeforeValidator(_bytes, json_schema_input_type=str | int)]],
        Field(description="how large an animation's file may become, as {gif: 8 MB}"),
    ] = {}  # noqa: RUF012
    sound: Annotated[
        Mixture | None,
        BeforeValidator(check_sound, json_schema_input_type=str | Mixture | list[str | MixedSound] | None),
        Field(
            description="what is heard with those that move: voice.{locale}.flac, or {mix: [music.flac], loudness: -16}"
        ),
    ] = None
    on_error: Annotated[
        Literal["skip", "fail"],
        Field(description="what becomes of a poster that cannot be made: `skip` makes all others, and names it"),
    ] = "skip"
    deliver: Annotated[
        list[Annotated[Deliverable, BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(check_deliver),
        Field(description="what to make of each poster; default png"),
    ] = ["png"]  # noqa: RUF012


def prepare(spec: PostersSpec, desk: Desk) -> PostersSpec:
    """Let a language model write what the job file asks it for."""
    if spec.texts is None:
        return spec
    found = _template(spec)
    rows, _ = _rows(spec, found.template, desk.config)
    asked = tuple(requests(rows, spec.locales, spec.texts, found.template))
    texts = spec.texts.model_copy(update={"written": {**spec.texts.written, **write(asked, spec.texts, desk)}})
    return spec.model_copy(update={"texts": texts})


def plan(spec: PostersSpec, settings: Settings) -> Plan:
    """Read the template and the audiences, and say which posters there are."""
    found = _template(spec)
    rows, notes = _rows(spec, found.template, settings)
    clips = tuple(name for name in spec.deliver if DELIVERABLES[name].made_of != "frames")
    parts = Parts()
    brief = PosterBrief(
        template=found.template,
        template_name=found.name,
        variants=(),
        duration_s=spec.duration or found.template.duration,
        rate=_rate(spec),
        loop=found.template.loop if spec.loop is None else spec.loop,
        skips=spec.on_error == "skip",
        written=_is_written(spec),
        clips=clips,
        most_bytes={name: size for name, size in spec.most_bytes.items() if name in clips},
    )
    _check_motion(spec, brief, found)
    behind = _backgrounds(spec, brief, parts, settings)
    origin: Origin | None = "composed" if _has_made(spec, behind) else None
    assets = Assets(
        found.folder, _folder_of(spec), parts, settings, film=lambda place: _film(place, brief, parts, settings)
    )
    fonts = _fonts(spec, found.template)
    sounds = Sounds(spec.sound, spec.deliver, parts, settings)
    made = tuple(
        sounds.checked(fonts.checked(assets.checked(_backed(variant, found.template, behind), found.template)))
        for variant in _variants(spec, found.template, rows, behind)
    )
    behind |= assets.films
    origin = "composed" if sounds.spoken else origin
    check_count("audiences", len(made), "posters", settings)
    _check_any(spec, made)
    brief = brief.model_copy(
        update={
            "variants": made,
            "free": _free(origin, spec, settings),
            "pictures": assets.pictures,
            "sounds": sounds.edits,
            "spoken": tuple(sounds.spoken),
            "fonts": fonts.refs(parts),
            "backgrounds": {name: planned.brief.model_dump(mode="json") for name, planned in behind.items()},
        }
    )
    inputs = brief.model_dump(mode="json", exclude_defaults=True)
    step = spec.chunk or (_MOVING_A_CHUNK if clips else settings.chunk_frames)
    return Plan(
        job="",
        kind="posters",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(inputs, parts, behind),
        frames=len(made),
        first=1,
        chunks=tuple((at, min(at + step, len(made))) for at in range(0, len(made), step)),
        models=parts.models,
        files=parts.files,
        style=found.name,
        origin=origin,
        on_error=spec.on_error,
        deliver=tuple(spec.deliver),
        clips=clips,
        manifest=True,
        output=spec.output,
        stem=found.name,
        names=tuple(variant.name for variant in made),
        rate=brief.rate if clips else None,
        inputs=inputs,
        notes=(*notes, *_notes(spec, found.template, rows, made, behind, settings)),
    )


def _rate(spec: PostersSpec) -> str:
    if Fraction(spec.fps) > _FASTEST:
        raise FieldProblem("fps", f"fps: {spec.fps} is out of range; posters move at 1 to {_FASTEST} frames a second")
    return str(Fraction(spec.fps))


def _fonts(spec: PostersSpec, template: Template) -> Fonts:
    try:
        return Fonts(template, None if spec.fonts is None else Path(spec.fonts))
    except InputError as error:
        raise FieldProblem("template" if spec.fonts is None else "fonts", f"fonts: {error}") from error


def _backgrounds(spec: PostersSpec, brief: PosterBrief, parts: Parts, settings: Settings) -> dict[str, Planned]:
    """By name; the one that has none comes first."""
    seconds, rate = _pace(brief)
    made = {}
    if spec.background is not None:
        made[_UNNAMED] = plan_background(spec.background, settings, parts, seconds=seconds, rate=rate)
    for name, background in spec.backgrounds.items():
        keys = ("backgrounds", name)
        made[name] = plan_background(background, settings, parts, seconds=seconds, rate=rate, keys=keys)
    return made


def _pace(brief: PosterBrief) -> tuple[Fraction | None, Fraction | None]:
    """How many seconds posters move, and at which rate; None of stills."""
    rate = Fraction(brief.rate) if brief.clips else None
    return None if rate is None else brief.frames / rate, rate


def _film(place: str, brief: PosterBrief, parts: Parts, settings: Settings) -> Planned:
    """A film of the template's own. Raises: InputError."""
    seconds, rate = _pace(brief)
    try:
        return plan_background(Background(files=(place,)), settings, parts, seconds=seconds, rate=rate, keys=())
    except (FieldProblem, ValidationError) as error:
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise InputError(said.removeprefix("Value error, ").removeprefix("background: ")) from error


def _backed(variant: Variant, template: Template, behind: Mapping[str, Planned]) -> Variant:
    """The variant; if it shows a background that the job has not, with that as its problem."""
    if variant.problem:
        return variant
    for layer in template.of(variant.canvas.format):
        if not isinstance(layer, BackgroundLayer) or not layer.is_there(variant.values):
            continue
        if (name := layer.use or variant.background) not in behind:
            what = f"no background {name!r}; add it to its backgrounds" if name else "none; add the key background"
            return _with(variant, f"layer {layer.said} shows a background, and the job has {what}")
    if variant.palette == PICTURE and variant.background not in behind:
        return _with(variant, "palette: picture takes colours from a background, and the job has none")
    return variant


def _with(variant: Variant, problem: str) -> Variant:
    return variant.model_copy(update={"problem": f"{variant.where}: {problem}"})


def _free(origin: Origin | None, spec: PostersSpec, settings: Settings) -> tuple[float, float]:
    """What a label takes of the upper and lower edge, in hundredths of the shorter side: words keep clear of it."""
    shown = label_of(origin, spec, settings)
    if shown is None:
        return 0.0, 0.0
    taken = round(100 * room(shown), 2)
    return (taken, 0.0) if shown.position.startswith("top") else (0.0, taken)


def _has_made(spec: PostersSpec, behind: Mapping[str, Planned]) -> bool:
    """Whether a model made anything that is to be seen: a picture, or words."""
    return any(planned.is_made for planned in behind.values()) or _is_written(spec)


def _is_written(spec: PostersSpec) -> bool:
    """Whether a language model wrote any of the words."""
    return bool(spec.texts and spec.texts.written)


def _check_any(spec: PostersSpec, made: tuple[Variant, ...]) -> None:
    """Raises: FieldProblem if no poster can be made, or one cannot and all must."""
    problems = [variant.problem for variant in made if variant.problem]
    if problems and (spec.on_error == "fail" or len(problems) == len(made)):
        told = list(dict.fromkeys(problems))
        rest = [f"and {len(told) - _MOST_TOLD:,} more"] if len(told) > _MOST_TOLD else []
        raise FieldProblem("audiences", "\n".join([*told[:_MOST_TOLD], *rest]))


def _notes(
    spec: PostersSpec,
    template: Template,
    rows: tuple[Row, ...],
    made: tuple[Variant, ...],
    behind: Mapping[str, Planned],
    settings: Settings,
) -> Iterator[str]:
    for planned in behind.values():
        yield from planned.notes
    if spec.texts is not None:
        told = note(tuple(requests(rows, spec.locales, spec.texts, template)), spec.texts, settings)
        yield from filter(None, [told])
    yield from dict.fromkeys(f"left out: {variant.problem}" for variant in made if variant.problem)


def _template(spec: PostersSpec) -> Found:
    try:
        return find(spec.template)
    except InputError as error:
        raise FieldProblem("template", str(error) if is_path(spec.template) else f"template: {error}") from error


def _rows(spec: PostersSpec, template: Template, settings: Settings) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    try:
        given = spec.audiences
        rows = read_table(given, settings.store_options()) if isinstance(given, str) else rows_of(given, "audiences")
        return rows, check_columns(rows, template)
    except InputError as error:
        raise FieldProblem("audiences", str(error)) from error


def _variants(
    spec: PostersSpec, template: Template, rows: tuple[Row, ...], behind: Mapping[str, Planned]
) -> tuple[Variant, ...]:
    _check_named(spec, template)
    wanted = Wanted(
        template=template,
        sizes=[parse_size(size) for size in spec.sizes],
        locales=spec.locales,
        values=spec.values,
        palette=spec.palette,
        backgrounds=tuple(behind),
        pick=lambda background, seed: behind[background].pick(seed) if background in behind else None,
        shows=lambda background, pick: behind[background].shows(pick),
        groups={
            name: Group(share=keys.share, values=keys.values, palette=keys.palette, background=keys.background)
            for name, keys in spec.groups.items()
        },
        salt=spec.salt,
        copy=written(spec.texts),
    )
    try:
        return tuple(variants(rows, wanted))
    except InputError as error:
        raise FieldProblem("audiences", str(error)) from error


def _check_named(spec: PostersSpec, template: Template) -> None:
    """What the job file names is there in the template. Raises: FieldProblem."""
    try:
        if spec.texts is not None:
            check_texts(spec.texts, template)
    except InputError as error:
        raise FieldProblem("copy", str(error)) from error
    _check_values(spec.values, ("values",), template)
    _check_palette_name(spec.palette, ("palette",), template)
    for name, group in spec.groups.items():
        _check_values(group.values, ("groups", name, "values"), template)
        _check_palette_name(group.palette, ("groups", name, "palette"), template)
        if group.background is not None and group.background not in spec.backgrounds:
            known = ", ".join(spec.backgrounds) or "none"
            said = f"background {group.background!r} is none of the job's backgrounds; there are {known}"
            raise FieldProblem(("groups", name, "background"), said)


def _check_values(values: Mapping[str, str], keys: tuple[str, ...], template: Template) -> None:
    for name in values:
        if name not in template.variables:
            known = ", ".join(template.variables)
            raise FieldProblem((*keys, name), f"{name!r} is no variable of the template; it has {known}")


def _check_palette_name(palette: object, keys: tuple[str, ...], template: Template) -> None:
    known = [*template.palettes, PICTURE]
    if isinstance(palette, str) and palette not in known:
        raise FieldProblem(keys, f"palette: {palette!r} is none of the template's {', '.join(known)}")


def _folder_of(spec: PostersSpec) -> str:
    """What pictures in a table are relative to: the table's folder."""
    return spec.audiences.rpartition("/")[0] if isinstance(spec.audiences, str) else ""


def _check_motion(spec: PostersSpec, brief: PosterBrief, found: Found) -> None:
    """Every movement has time enough, and no film is too large. Raises: FieldProblem."""
    if not brief.clips:
        return
    for size in spec.sizes:
        canvas = parse_size(size)
        if canvas.width * canvas.height > _MOST_MOVING_PX:
            raise FieldProblem(
                "sizes",
                f"sizes: {size} is too large to move; films have at most {_MOST_MOVING_PX:,} pixels a frame, "
                "so make these posters in a job of stills",
            )
    timeline = Timeline(brief.duration_s, brief.loop)
    for format_ in dict.fromkeys(parse_size(size).format for size in spec.sizes):
        for layer in found.template.of(format_):
            try:
                layer.moves(timeline)
            except InputError as error:
                raise FieldProblem("duration", f"{found.name}, layer {layer.said}: {error}") from error


def _fingerprint(inputs: dict[str, Any], parts: Parts, behind: Mapping[str, Planned]) -> str:
    """Of everything that is read besides the job file."""
    read = [*(file.sha256 for file in parts.files), *(planned.fingerprint for planned in behind.values())]
    text = json.dumps([inputs, read], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


POSTERS = Kind(
    spec=PostersSpec,
    plan=plan,
    painter="pipeline.poster.painter:PosterPainter",
    summary="posters for many audiences, still and in motion",
    noun="poster",
    nestable=False,
    prepare=prepare,
)
