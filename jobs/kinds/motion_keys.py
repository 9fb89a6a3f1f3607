"""What a motion job file may say, one check a key. How it is planned is motion.py's."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from jobs.kinds.backdrops import Backdrop
from jobs.kinds.base import JobSpec, Place
from jobs.kinds.keys import Keys
from jobs.kinds.movers import check_mover
from jobs.kinds.seeds import LARGEST_SEED
from jobs.kinds.values import ALIASES, Deliverable, check_is_list, check_rate, each_once, shown
from pipeline.errors import InputError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.motion import steering
from pipeline.motion.brief import MOST_CLIPS, MOST_FIGURES
from pipeline.motion.performing import LONGEST_S
from pipeline.motion.view.looks import LONGEST_TRAIL_S, MOST_GHOSTS, StudioName, TrailOf
from pipeline.motion.view.palettes import palette_of
from pipeline.motion.view.stage import SIDES_PX

SHEET, BVH = "contact-sheet", "bvh"
"""Deliverables besides those that all kinds have. Every job has a sheet; it may be asked for alone."""

SHORTEST_S = 0.1

_FARTHEST_M = 100.0
_MOST_POINTS = 100
_SIZE = re.compile(r"([0-9]{1,5})[xX×]([0-9]{1,5})")  # noqa: RUF001 - as people write it
_NAMED_SIZES = {"hd": "1280x720", "full-hd": "1920x1080", "4k": "3840x2160", "square": "1080x1080"}

_OFFERED = (BVH, SHEET, *DELIVERABLES)


def _check_seconds(value: float) -> float:
    # Written so that .nan is out of range as well.
    if not SHORTEST_S <= value <= LONGEST_S:
        raise ValueError(f"seconds: {value:g} is out of range; a clip lasts {SHORTEST_S:g} to {LONGEST_S:g} seconds")
    return value


def _check_moment(value: float, info: ValidationInfo) -> float:
    if not 0 <= value <= 86_400:
        raise ValueError(f"{info.field_name}: {value:g} is no moment of a recording; write seconds from its beginning")
    return value


def _check_clip_is_mapping(value: object) -> object:
    if not isinstance(value, dict | Take):
        example = "{action: walk, seconds: 4} or {file: walk.bvh}"
        raise ValueError(f"clips: {shown(value)} is no clip; write {example}")
    return value


def _check_clips_are_list(value: object) -> object:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("clips: is a list of what is done; write clips: [{action: walk, seconds: 4}]")
    if len(value) > MOST_CLIPS:
        raise ValueError(f"clips: has {len(value):,}; a job has at most {MOST_CLIPS}")
    return value


def _check_size(value: object) -> str:
    text = str(value).strip().lower()
    match = _SIZE.fullmatch(_NAMED_SIZES.get(text, text))
    if match is None:
        raise ValueError(f"size: {shown(value)} is no size; write 1920x1080, or one of {', '.join(_NAMED_SIZES)}")
    width, height = int(match[1]), int(match[2])
    least, most = SIDES_PX
    if not (least <= width <= most and least <= height <= most):
        raise ValueError(f"size: {width}x{height} is out of range; sides are {least} to {most} px")
    return f"{width}x{height}"


def _check_palette(value: object) -> object:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError(
            "palette: is a name or a colour, or a list with one for each figure, as [porcelain, '#c8442b']"
        )
    for name in names:
        try:
            palette_of(name)
        except InputError as error:
            raise ValueError(f"palette: {error}") from error
    return list(names)


def _check_holds(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _check_places(value: object) -> object:
    right = (
        "one for each figure: metres to the left and ahead, and where it faces in degrees, as [[-1, 0], [1, 0, 180]]"
    )
    if not isinstance(value, list | tuple) or not all(isinstance(each, list | tuple) for each in value):
        raise ValueError(f"places: are {right}")
    for each in value:
        if len(each) not in (2, 3) or not all(type(part) in (int, float) and math.isfinite(part) for part in each):
            raise ValueError(f"places: {shown(list(each))} is none; they are {right}")
        if max(abs(each[0]), abs(each[1])) > _FARTHEST_M:
            raise ValueError(f"places: {shown(list(each))} is too far away; places are within {_FARTHEST_M:g} m")
    return value


def _check_path(value: object) -> object:
    if value is None:
        return None
    right = "points that are passed one after the other, metres to the left and ahead, as [[0, 0], [0, 3], [2, 5]]"
    if not isinstance(value, list | tuple) or len(value) > _MOST_POINTS:
        raise ValueError(f"path: has at most {_MOST_POINTS} {right}")
    for each in value:
        is_point = isinstance(each, list | tuple) and len(each) == 2 and all(type(at) in (int, float) for at in each)
        # Written so that .nan is no point either.
        if not is_point or not all(-_FARTHEST_M <= at <= _FARTHEST_M for at in each):
            raise ValueError(f"path: {shown(each)} is no point within {_FARTHEST_M:g} m; it has {right}")
    try:
        steering.check(value)
    except InputError as error:
        raise ValueError(f"path: {error}") from error
    return value


def _check_camera(value: object) -> object:
    return {"move": value} if isinstance(value, str) else value


def _check_trails(value: object) -> object:
    if value == "none":
        return None
    return {"kind": value} if isinstance(value, str) else value


def _check_deliverable(value: object) -> object:
    if value in _OFFERED:
        return value
    word = value.lower() if isinstance(value, str) else ""
    meant = ALIASES.get(word) or next(iter(get_close_matches(word, _OFFERED, n=1, cutoff=0.8)), None)
    guess = f"; did you mean {meant!r}?" if meant else ""
    raise ValueError(f"deliver: {shown(value)} is not one of {', '.join(_OFFERED)}{guess}")


def _check_deliver(value: list[str]) -> list[str]:
    return each_once(value, _OFFERED)


class Take(Keys):
    """One clip: what a model is to make, or a part of a recording."""

    action: Annotated[str | None, Field(description="what the model is to make, one of its classes, as walk")] = None
    seconds: Annotated[
        float, AfterValidator(_check_seconds), Field(description="of an action: how long it lasts, 0.1 to 600")
    ] = 4.0
    seed: Annotated[
        int, Field(ge=0, le=LARGEST_SEED, description="of an action: another one is another way to do it")
    ] = 0
    path: Annotated[
        list[list[float]] | None,
        BeforeValidator(_check_path),
        Field(
            description="of an action: the way that it goes, metres to the left and ahead, as [[0, 0], [0, 3], [2, 5]]"
        ),
    ] = None
    file: Annotated[Place | None, Field(description="a recording: .bvh, or .amc with its .asf; a path or s3://")] = None
    skeleton: Annotated[
        Place | None,
        Field(description="of an .amc file: its .asf, a path or s3://; default the one that lies beside it"),
    ] = None
    start: Annotated[
        float, AfterValidator(_check_moment), Field(description="of a recording: seconds at which the clip begins")
    ] = 0.0
    end: Annotated[
        float | None,
        AfterValidator(lambda value, info: None if value is None else _check_moment(value, info)),
        Field(description="and at which it ends; default its end"),
    ] = None
    fps: Annotated[
        str | int | float | None,
        AfterValidator(lambda value: None if value is None else check_rate(value)),
        Field(
            description="of a recording: frames a second, where its file says none or a wrong one; default 120 of .amc"
        ),
    ] = None

    joints: Annotated[
        dict[str, str],
        Field(
            max_length=30,
            description="of a recording whose joints nobody knows: our names and its own, as {LeftArm: arm_l}",
        ),
    ] = {}  # noqa: RUF012 - pydantic copies defaults

    @model_validator(mode="after")
    def _is_one_thing(self) -> Take:
        said = self.model_fields_set
        if self.action is None and self.file is None:
            raise ValueError("clips: a clip has an `action` or a `file`; write {action: walk} or {file: walk.bvh}")
        if self.action is not None and self.file is not None:
            raise ValueError("clips: a clip has an `action` or a `file`, not both; make two clips of it")
        of_recordings, of_actions = ("skeleton", "start", "end", "fps", "joints"), ("seconds", "seed", "path")
        others = of_recordings if self.file is None else of_actions
        if wrong := [key for key in others if key in said]:
            whose = "a recording's" if self.file is None else "an action's"
            raise ValueError(f"clips: {wrong[0]!r} is {whose}; leave it out of {{{self._said()}}}")
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"clips: ends at {self.end:g} s, before it begins at {self.start:g} s; exchange the two")
        return self

    def _said(self) -> str:
        return f"action: {self.action}" if self.action is not None else f"file: {str(self.file).rpartition('/')[2]}"


class CameraKeys(Keys):
    """From where it is seen."""

    switches: ClassVar[frozenset[str]] = frozenset({"turns"})

    move: Annotated[
        Literal["follow", "orbit", "fixed"],
        Field(description="`follow` goes along with the figures, `orbit` around them, `fixed` stands still"),
    ] = "follow"
    angle: Annotated[
        float,
        Field(
            ge=-360, le=360, description="degrees to the left of the first figure's front: 90 its left, 180 its back"
        ),
    ] = 35.0
    height: Annotated[float, Field(ge=0, le=80, description="degrees above the horizontal")] = 9.0
    lens: Annotated[
        float, Field(ge=5, le=90, description="the picture's height as an angle: 10 is a long lens, 60 a wide one")
    ] = 26.0
    zoom: Annotated[
        float, Field(ge=0.1, le=10, description="1 keeps all figures in the picture; 2 is twice as near")
    ] = 1.0
    round: Annotated[
        float, Field(ge=-3600, le=3600, description="of orbit: seconds of once around; less than 0 the other way round")
    ] = 12.0
    turns: Annotated[
        bool,
        Field(description="of follow: whether it goes round when the first figure turns, so that its front is seen"),
    ] = False

    @model_validator(mode="after")
    def _moves(self) -> CameraKeys:
        if abs(self.round) < 1:
            raise ValueError(f"round: {self.round:g} s is too fast; once around takes at least 1 s")
        for key, move in (("round", "orbit"), ("turns", "follow")):
            if key in self.model_fields_set and self.move != move:
                raise ValueError(f"camera: {key!r} is of {move}, and the camera is to {self.move}; leave it out")
        return self


class TrailKeys(Keys):
    """What is left to be seen of where figures have been."""

    kind: Annotated[
        Literal["ghosts", "ribbons"],
        Field(description="`ghosts`, the figure as it was; `ribbons`, the ways of hands, feet or a blade"),
    ] = "ghosts"
    seconds: Annotated[float, Field(gt=0, le=LONGEST_TRAIL_S, description="how long ago is the last that is seen")] = (
        1.0
    )
    count: Annotated[int, Field(ge=1, le=MOST_GHOSTS, description="of ghosts: how many")] = 4
    of: Annotated[
        list[TrailOf],
        BeforeValidator(_check_holds, json_schema_input_type=TrailOf | list[TrailOf]),
        Field(min_length=1, description="of ribbons: hands, feet, blade, or several of them"),
    ] = ["hands"]  # noqa: RUF012 - pydantic copies defaults


class MotionSpec(JobSpec):
    """A motion job file."""

    switches: ClassVar[frozenset[str]] = frozenset({"together"})

    kind: Annotated[Literal["motion"], Field(description="what the job makes")]
    model: Annotated[
        Annotated[str, AfterValidator(check_mover)] | None,
        Field(
            description="generator of motions that `atelier models` lists, or a .safetensors file; a path, s3:// or "
            "https://. Recordings need none"
        ),
    ] = None
    clips: Annotated[
        list[Annotated[Take, BeforeValidator(_check_clip_is_mapping)]],
        BeforeValidator(_check_clips_are_list),
        Field(description="what is done, one after the other: {action: walk, seconds: 4, seed: 1}, {file: walk.bvh}"),
    ]
    together: Annotated[bool, Field(description="whether each clip has a figure of its own, and all begin at once")] = (
        False
    )
    places: Annotated[
        list[list[float]] | None,
        BeforeValidator(_check_places),
        Field(description="where figures stand: metres to the left and ahead, and degrees, as [[-1, 0], [1, 0, 180]]"),
    ] = None
    palette: Annotated[
        list[str],
        BeforeValidator(_check_palette, json_schema_input_type=str | list[str]),
        Field(description="colours of the figures, by turns: porcelain, ember, … or '#c8442b'"),
    ] = ["porcelain"]  # noqa: RUF012 - pydantic copies defaults
    holds: Annotated[
        list[Literal["sword", "nothing"]] | None,
        BeforeValidator(_check_holds, json_schema_input_type=Literal["sword", "nothing"] | list[str] | None),
        Field(description="what figures hold, by turns: sword or nothing; default a sword where the action is `sword`"),
    ] = None
    camera: Annotated[
        CameraKeys | None,
        BeforeValidator(_check_camera, json_schema_input_type=Literal["follow", "orbit", "fixed"] | CameraKeys | None),
        Field(description="follow, orbit or fixed, or more of it, as {move: orbit, round: 8}; default follow"),
    ] = None
    size: Annotated[
        str,
        BeforeValidator(_check_size),
        Field(description="width and height in pixels; or hd, full-hd, 4k, square"),
    ] = "1920x1080"
    fps: Annotated[str | int | float, AfterValidator(check_rate), Field(description="frames a second")] = "30"
    studio: Annotated[StudioName, Field(description="the room and its light: dark, light, dusk or sand")] = "dark"
    background: Annotated[
        Backdrop | None,
        Field(
            description="in the place of the room: a picture or film, a colour, transparent, or another kind's pictures"
        ),
    ] = None
    floor: Annotated[
        Literal["grid", "plain"] | None,
        Field(description="`grid` has lines, half a metre apart, `plain` has none; default grid in the room"),
    ] = None
    shadow: Annotated[float, Field(ge=0, le=1, description="how dark the shadow on the floor is; 0 is none")] = 1.0
    trails: Annotated[
        TrailKeys | None,
        BeforeValidator(_check_trails, json_schema_input_type=Literal["none", "ghosts", "ribbons"] | TrailKeys | None),
        Field(description="ghosts or ribbons; or more of them, as {kind: ribbons, of: [blade], seconds: 0.5}"),
    ] = None
    deliver: Annotated[
        list[Annotated[Deliverable | Literal["bvh", "contact-sheet"], BeforeValidator(_check_deliverable)]],
        BeforeValidator(check_is_list),
        AfterValidator(_check_deliver),
        Field(description="what to make; default h264. `bvh` is a file of each clip"),
    ] = ["h264"]  # noqa: RUF012 - pydantic copies defaults

    @model_validator(mode="after")
    def _fits_together(self) -> MotionSpec:
        if self.together and len(self.clips) > MOST_FIGURES:
            raise ValueError(f"together: has {len(self.clips)} figures; at most {MOST_FIGURES} move at once")
        return self
