"""The keys of an interpolation: a film that goes from design to design."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from jobs.kinds.base import FieldProblem, place
from jobs.kinds.keys import Keys
from jobs.kinds.seeds import check_order, count_of
from jobs.kinds.values import check_rate, shown
from pipeline.interiors.brief import MOST_KEYFRAMES, FilmBrief, Keyframe

_RATE = "24"

_NUMBERS = re.compile(r"[0-9,\s-]+")


def _check_through(value: object, info: ValidationInfo) -> list[str]:
    """Seeds as people list them, and pictures by their places, in order."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise ValueError("through: names none; write seeds or pictures, as in [0-3, favourite.png]")
    return [_checked(item, info) for item in items]


def _checked(item: object, info: ValidationInfo) -> str:
    if isinstance(item, bool) or not isinstance(item, int | str):
        raise ValueError(f"through: {shown(item)} is neither seed nor picture; write [0-3, favourite.png]")
    return check_order(item, "through") if _NUMBERS.fullmatch(str(item)) else place(str(item), info)


class Interpolation(Keys):
    """What a film passes through, and how."""

    switches: ClassVar[frozenset[str]] = frozenset({"loop"})

    through: Annotated[
        Annotated[list[str], BeforeValidator(_check_through, json_schema_input_type=str | int | list[str | int])]
        | None,
        Field(description="the job's seeds, pictures, or both, in this order; default all the job's designs"),
    ] = None
    seconds: Annotated[float, Field(gt=0, le=3600, description="from each to the next")] = 2.0
    fps: Annotated[str | int | float, AfterValidator(check_rate), Field(description="frames a second")] = _RATE
    loop: Annotated[bool, Field(description="whether it comes back to where it began, without a jump")] = True
    size: Annotated[int | None, Field(description="pixels of a side; default the pictures', but at most 512")] = None

    @property
    def rate(self) -> str:
        """Frames a second, as a fraction."""
        return str(Fraction(self.fps))


def check_film(value: object) -> object:
    """`true` is a film with all defaults."""
    if value is True:
        return {}
    if not isinstance(value, dict | Interpolation):
        raise ValueError("film: write true, or what it is: {through: [0-3, favourite.png], seconds: 2}")
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        raise ValueError("film: within braces a comma ends a value; write through: [0, 3]")
    return value


def is_seeds(item: str) -> bool:
    """Whether what a film passes through is seeds; otherwise it is a picture's place."""
    return _NUMBERS.fullmatch(item) is not None


def paced_film(film: Interpolation, designs: int, seconds: Fraction, rate: Fraction) -> Interpolation:
    """The film at `rate` frames a second if it says no other, and `seconds` long if it does not say how long.

    `designs`: how many the job has, which it goes through if it names none.
    """
    told: dict[str, object] = {} if "fps" in film.model_fields_set else {"fps": str(rate)}
    count = designs
    if film.through is not None:
        count = sum(count_of(item) if is_seeds(item) else 1 for item in film.through)
    legs = count if film.loop else count - 1
    if "seconds" not in film.model_fields_set and legs > 0:
        told["seconds"] = float(seconds / legs)
    return film.model_copy(update=told)


def brief_of(film: Interpolation, keyframes: tuple[Keyframe, ...], *, said: str, size: int) -> FilmBrief:
    """What the painter must know. `said`: the keyframes as people call them.

    Raises: FieldProblem if they are too few or too many, or the film is too short.
    """
    if not 2 <= len(keyframes) <= MOST_KEYFRAMES:
        few = f"goes through {len(keyframes):,}; it has 2 to {MOST_KEYFRAMES:,} designs"
        raise FieldProblem(("film", "through"), f"film: {few}, as in through: [0-3, favourite.png]")
    legs = len(keyframes) if film.loop else len(keyframes) - 1
    frames = round(Fraction(str(film.seconds)) * legs * Fraction(film.fps))
    if frames < 2:
        raise FieldProblem(("film", "seconds"), f"film: {film.seconds:g} s have less than two frames; make it longer")
    return FilmBrief(through=said, keyframes=keyframes, frames=frames, loop=film.loop, size=size)
