"""What an interiors job file may say, one check a key. How it is planned is interiors.py's."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from jobs.kinds.base import JobSpec, Place
from jobs.kinds.designers import check_designer
from jobs.kinds.interpolations import Interpolation, check_film
from jobs.kinds.seeds import check_numbers
from jobs.kinds.strips import Strips, check_strips
from jobs.kinds.values import ALIASES, BOARD, Deliverable, check_is_list, each_once, shown
from pipeline.film.deliverables import DELIVERABLES
from pipeline.interiors.brief import MOST_PARENTS

SHEET = "contact-sheet"
"""Every job has one; as a deliverable it may be asked for alone."""

INTERPOLATION, MOVIE = "interpolation", "h264"
"""What people ask for, and the movie that it is."""

_MOST_TRUNCATION = 1.5

_FURTHEST = 5.0
"""Standard deviations of an attribute."""

_MOST_EDITS = 64

_LONGEST_TITLE = 120


def _check_seeds(value: object) -> str:
    return check_numbers(value, "seeds")


def _check_truncation(value: float) -> float:
    # Written so that .nan is out of range as well.
    if not 0 <= value <= _MOST_TRUNCATION:
        means = "1 draws designs as they are spread, less are more alike, 0 is the mean one"
        raise ValueError(f"truncation: {value:g} is out of range; it is 0 to {_MOST_TRUNCATION:g}: {means}")
    return value


def _check_vary(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"vary: {value:g} is out of range; it is 0 to 1: 0 leaves a design as it is, 1 is another one")
    return value


def _check_edit(value: object) -> object:
    right = "write attributes and how far: {warmth: 1.5, window: -1}"
    if not isinstance(value, dict):
        raise ValueError(f"edit: {right}")
    if len(value) > _MOST_EDITS:
        raise ValueError(f"edit: has {len(value):,} attributes; at most {_MOST_EDITS} are moved")
    for name, amount in value.items():
        if not isinstance(name, str) or type(amount) not in (int, float):
            raise ValueError(f"edit: {shown(name)}: {shown(amount)} is no move; {right}")
        if not -_FURTHEST <= amount <= _FURTHEST:
            least_to_most = f"-{_FURTHEST:g} to {_FURTHEST:g} standard deviations"
            raise ValueError(f"edit: {name}: {amount:g} is out of range; it is {least_to_most}")
    return value


def _check_breed_is_list(value: object) -> object:
    if isinstance(value, str):
        raise ValueError("breed: is a list; write breed: [a.png, b.png]")
    return value


def _check_breed(value: list[str]) -> list[str]:
    if not 2 <= len(value) <= MOST_PARENTS:
        raise ValueError(f"breed: names {len(value)}; give 2 to {MOST_PARENTS} favourites, or one as `around`")
    if twice := [name for name in value if value.count(name) > 1]:
        raise ValueError(f"breed: {twice[0]} is named twice; name each favourite once")
    return value


def _check_title(value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > _LONGEST_TITLE:
        raise ValueError(f"title: is one line of text, 1 to {_LONGEST_TITLE} letters")
    return value.strip()


_OFFERED = (BOARD, INTERPOLATION, SHEET, *DELIVERABLES)


def _check_deliverable(value: object) -> object:
    if value in _OFFERED:
        return value
    meant = ALIASES.get(value.lower()) if isinstance(value, str) else None
    guess = f"; did you mean {meant!r}?" if meant else ""
    raise ValueError(f"deliver: {shown(value)} is not one of {', '.join(_OFFERED)}{guess}")


def _check_deliver(value: list[str]) -> list[str]:
    return each_once(value, _OFFERED)


def _check_is_not_around(value: list[str], info: ValidationInfo) -> list[str]:
    if info.data.get("around") is not None:
        raise ValueError("breed: designs are bred from favourites, or varied around one; leave `around` or `breed` out")
    return value


class InteriorsSpec(JobSpec):
    """An interiors job file."""

    switches: ClassVar[frozenset[str]] = frozenset({"film"})

    kind: Annotated[Literal["interiors"], Field(description="what the job makes")]
    model: Annotated[
        str,
        AfterValidator(check_designer),
        Field(description="designer that `atelier models` lists, or a .safetensors file; a path, s3:// or https://"),
    ]
    seeds: Annotated[
        Annotated[str, BeforeValidator(_check_seeds, json_schema_input_type=str | int | list[str | int])] | None,
        Field(description="one design each, as 0-11,40"),
    ] = None
    around: Annotated[
        Place | None,
        Field(description="a design or a photograph that seeds vary; without seeds, it alone is pictured and edited"),
    ] = None
    breed: Annotated[
        Annotated[
            list[Place],
            BeforeValidator(_check_breed_is_list),
            AfterValidator(_check_breed),
            AfterValidator(_check_is_not_around),
        ]
        | None,
        Field(description="2 to 16 favourites: each seed is a child of two of them"),
    ] = None
    vary: Annotated[
        float, AfterValidator(_check_vary), Field(description="0 to 1: how far designs leave `around` or their parents")
    ] = 0.4
    keep: Annotated[Place | None, Field(description="a mask: what is white stays as it is in the picture `around`")] = (
        None
    )
    edit: Annotated[
        dict[str, float],
        BeforeValidator(_check_edit),
        Field(description="moves of all designs along attributes, as {warmth: 1.5, window: -1}"),
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    attributes: Annotated[
        Place | None, Field(description="a .safetensors file of further attributes, fitted for this model")
    ] = None
    truncation: Annotated[
        float,
        AfterValidator(_check_truncation),
        Field(description="0 to 1.5: of designs from seeds alone; less is more alike and flawless"),
    ] = 0.8
    settle: Annotated[
        int, Field(ge=0, le=64, description="rounds that make seeds' designs rather one thing than half of two")
    ] = 12
    refine: Annotated[
        int, Field(ge=0, le=5000, description="steps that bring designs nearer to photographs, and to what is kept")
    ] = 50
    strips: Annotated[
        Annotated[Strips, BeforeValidator(check_strips)] | None,
        Field(description="one design as attributes grow, a row of pictures each: [warmth, window]"),
    ] = None
    film: Annotated[
        Annotated[Interpolation, BeforeValidator(check_film)] | None,
        Field(description="a film from design to design, for the movies: {through: 0-3, seconds: 2}"),
    ] = None
    size: Annotated[
        int | None,
        Field(description="pixels of a side, from the model's own to 4096; default four times the model's own"),
    ] = None
    title: Annotated[
        Annotated[str, AfterValidator(_check_title)] | None,
        Field(description="of the board; default the output folder's name"),
    ] = None
    deliver: Annotated[
        list[
            Annotated[
                Deliverable | Literal["contact-sheet", "board", "interpolation"], BeforeValidator(_check_deliverable)
            ]
        ],
        BeforeValidator(check_is_list),
        AfterValidator(_check_deliver),
        Field(description="what to make; default png. A contact sheet comes with everything"),
    ] = ["png"]  # noqa: RUF012 - pydantic copies defaults

    @model_validator(mode="after")
    def _fits_together(self) -> InteriorsSpec:
        if self.seeds is None and self.around is None:
            if self.breed is not None:
                raise ValueError("'seeds' is missing: one design each, as 0-11")
            if self.film is None or self.film.through is None:
                ways = "seeds: 0-11, around: my.png, or film: {through: [a.png, b.png]}"
                raise ValueError(f"there is nothing to design; write {ways}")
        return self
