"""The keys of a walk through latents: a film that goes from portrait to portrait."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from jobs.kinds.base import FieldProblem, place
from jobs.kinds.keys import Keys
from jobs.kinds.seeds import check_order, count_of, numbers_of
from jobs.kinds.values import check_rate
from pipeline.portraits.brief import MOST_KEYFRAMES, WalkBrief, Way
from pipeline.portraits.latents import Space

LATENTS_SUFFIX = ".npz"

_RATE = "24"

_LEG_S = 2.0
"""From keyframe to keyframe, where nobody says how long the walk lasts."""


def _check_through(value: object, info: ValidationInfo) -> str:
    if isinstance(value, str) and value.endswith(LATENTS_SUFFIX):
        return place(value, info)
    return check_order(value, "through")


class Walk(Keys):
    """Where a walk leads, and how."""

    switches: ClassVar[frozenset[str]] = frozenset({"loop", "steady"})

    through: Annotated[
        Annotated[str, BeforeValidator(_check_through, json_schema_input_type=str | int | list[str | int])] | None,
        Field(description="seeds, in this order, or a .npz file of latents; default the job's own"),
    ] = None
    seconds: Annotated[
        float | None, Field(gt=0, le=86_400, description="how long it lasts; default 2 from each to the next")
    ] = None
    frames: Annotated[int | None, Field(ge=2, description="the same in frames")] = None
    fps: Annotated[str | int | float, AfterValidator(check_rate), Field(description="frames a second")] = _RATE
    loop: Annotated[bool, Field(description="whether it comes back to where it began, without a jump")] = True
    way: Annotated[
        Way, Field(description="`cubic` has no corners; `linear` is straight; `slerp`, in z, keeps to a sphere")
    ] = "cubic"
    space: Annotated[
        Space | None, Field(description="of seeds: `w` changes evenly, `z` more freely; default w, or z for slerp")
    ] = None
    steady: Annotated[bool, Field(description="whether all steps are equally long, however far seeds are apart")] = (
        False
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Walk:
        if self.seconds is not None and self.frames is not None:
            raise ValueError("walk: give seconds or frames, not both")
        if self.way == "slerp" and self.space == "w":
            raise ValueError("walk: slerp is for z, whose length means nothing; in w write linear or cubic")
        return self

    @property
    def rate(self) -> str:
        """Frames a second, as a fraction."""
        return str(Fraction(self.fps))


def check_walk(value: object) -> object:
    """`true` is a walk with all defaults."""
    if value is True:
        return {}
    if not isinstance(value, dict | Walk):
        raise ValueError("walk: write true, or what it is: {through: 0-7, seconds: 8}")
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        raise ValueError("walk: within braces a comma ends a value; write through: [85, 100]")
    return value


def paced_walk(walk: Walk, seconds: Fraction, rate: Fraction) -> Walk:
    """The walk at `rate` frames a second if it says no other, and as long as `seconds` if it does not say how long."""
    told: dict[str, object] = {} if "fps" in walk.model_fields_set else {"fps": str(rate)}
    if walk.seconds is None and walk.frames is None:
        told["frames"] = max(2, round(seconds * Fraction(str(told.get("fps", walk.fps)))))
    return walk.model_copy(update=told)


def brief_of(walk: Walk, through: str, *, file: int | None = None, kept: tuple[Space, int] | None = None) -> WalkBrief:
    """What the painter must know. `through`: seeds, or the file of latents, whose place in the plan, space and number
    are `file` and `kept`.

    Raises: FieldProblem if it leads through too few or too many, or is too short.
    """
    space, count = kept or (walk.space or ("z" if walk.way == "slerp" else "w"), count_of(through))
    if kept is not None and (walk.space or space) != space:
        raise FieldProblem(("walk", "space"), f"walk: the latents of {through} are of {space}; leave `space` out")
    if kept is not None and walk.way == "slerp" and space == "w":
        raise FieldProblem(("walk", "way"), f"walk: the latents of {through} are of w; write way: linear or cubic")
    if not 2 <= count <= MOST_KEYFRAMES:
        few = f"leads through {count:,}; a walk has 2 to {MOST_KEYFRAMES:,} keyframes"
        raise FieldProblem(("walk", "through"), f"walk: {few}, as in through: 0-7")
    frames = walk.frames or _frames(walk, count)
    if frames < 2:
        raise FieldProblem(("walk", "seconds"), f"walk: {walk.seconds:g} s have less than two frames; make it longer")
    return WalkBrief(
        through=through.rpartition("/")[2],
        seeds=() if file is not None else numbers_of(through),
        file=file,
        frames=frames,
        space=space,
        way=walk.way,
        loop=walk.loop,
        steady=walk.steady,
    )


def _frames(walk: Walk, keyframes: int) -> int:
    legs = keyframes if walk.loop else keyframes - 1
    seconds = Fraction(str(walk.seconds if walk.seconds is not None else _LEG_S * legs))
    return round(seconds * Fraction(walk.fps))
