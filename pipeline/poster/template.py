"""A template: what a poster is made of, before anybody's words, colours and pictures are put into it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from pipeline.errors import InputError
from pipeline.poster.canvas import FORMATS, Format
from pipeline.poster.colours import ROLES, parse_colour
from pipeline.poster.layers import AnyLayer, Layer
from pipeline.poster.variables import NAME, names

PICTURE = "picture"
"""As a palette: take it from the poster's background."""

GIVEN = ("audience", "locale", "width", "height", "group", "background")
"""Variables that every poster has; `background` is its picture's name, and empty if it has none."""

_LAYER: TypeAdapter[Any] = TypeAdapter(AnyLayer)


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Variable(_Keys):
    """Something that differs from poster to poster."""

    about: Annotated[
        str, Field(max_length=400, description="what belongs there, for people and for language models")
    ] = ""
    default: Annotated[dict[str, str] | str | None, Field(description="its value, or one for each language")] = None
    most: Annotated[int | None, Field(ge=1, le=2000, description="letters, at most")] = None

    def said(self, locale: str) -> str | None:
        """Its default in a language, `pt-BR` or else `pt`; None if it has none there."""
        if not isinstance(self.default, dict):
            return self.default
        return self.default.get(locale, self.default.get(locale.split("-")[0]))


class Template(_Keys):
    """A poster's template."""

    title: Annotated[str, Field(max_length=100)]
    about: Annotated[str, Field(max_length=400)] = ""
    variables: Annotated[
        dict[str, Variable], Field(max_length=64, description="what differs from poster to poster")
    ] = {}
    palettes: Annotated[
        dict[str, dict[str, str]], Field(max_length=32, description=f"colours of the roles {', '.join(ROLES)}, by name")
    ]
    palette: Annotated[str, Field(description="the one that is used, or `picture`: taken from the background")]
    fonts: Annotated[
        dict[str, tuple[str, ...]], Field(max_length=16, description="families, wanted first, by role")
    ] = {}
    duration: Annotated[float, Field(gt=0, le=120, description="seconds of the animation")] = 6
    loop: Annotated[bool, Field(description="whether its end leads on to its beginning")] = True
    mirror: Annotated[bool, Field(description="whether left and right change places for Arabic, Hebrew …")] = True
    layers: Annotated[
        tuple[AnyLayer, ...], Field(min_length=1, max_length=64, description="from the back to the front")
    ]

    @field_validator("variables")
    @classmethod
    def _plain(cls, value: dict[str, Variable]) -> dict[str, Variable]:
        for name in value:
            if not NAME.fullmatch(name):
                raise ValueError(f"variables: {name!r} is no name; write small letters, digits and _")
            if name in GIVEN:
                raise ValueError(f"variables: every poster has {{{name}}} already; take another name")
        return value

    @field_validator("palettes")
    @classmethod
    def _whole(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for name, palette in value.items():
            check_palette(palette, f"palettes: {name}")
        if not value:
            raise ValueError(f"palettes: is empty; name at least one, with colours for {', '.join(ROLES)}")
        return value

    @model_validator(mode="after")
    def _fits(self) -> Template:
        if self.palette != PICTURE and self.palette not in self.palettes:
            raise ValueError(f"palette: {self.palette!r} is none of {', '.join([*self.palettes, PICTURE])}")
        for format_ in FORMATS:
            before: set[str] = set()
            for number, layer in enumerate(self.of(format_)):
                try:
                    self._check(layer, before)
                except ValueError as error:
                    raise _at_layer(number, str(error)) from error
                if layer.name is not None:
                    before.add(layer.name)
        return self

    def _check(self, layer: Layer, before: set[str]) -> None:
        """Everything that a layer names is there. Raises: ValueError."""
        for other in filter(None, (layer.box.below, layer.box.above)):
            if other not in before:
                raise ValueError(f"box: no layer before it has the name {other!r}")
        known = {*self.variables, *GIVEN}
        # A colour may hold variables; what those are is seen when they are filled in.
        colours = list(layer.inks())
        for text in (*layer.texts(), *colours):
            try:
                unknown = [name for name in names(text) if name not in known]
            except InputError as error:
                raise ValueError(str(error)) from error
            if unknown:
                raise ValueError(f"{{{unknown[0]}}} is no variable of this template; it has {', '.join(sorted(known))}")
        some = next(iter(self.palettes.values()))
        for colour in colours:
            if not any(names(colour)):
                try:
                    parse_colour(colour, some)
                except InputError as error:
                    raise ValueError(str(error)) from error

    def of(self, format_: Format) -> tuple[Layer, ...]:
        """The layers as they are in a format."""
        return self._by_format[format_]

    @cached_property
    def _by_format(self) -> dict[Format, tuple[Layer, ...]]:
        return {format_: tuple(self._changed(format_)) for format_ in FORMATS}

    def _changed(self, format_: Format) -> Iterator[Layer]:
        for number, layer in enumerate(self.layers):
            try:
                yield _in_format(layer, format_)
            except ValueError as error:
                raise _at_layer(number, str(error)) from error


def check_palette(palette: dict[str, str], where: str) -> None:
    """Raises: ValueError if a role has no colour, or one that is none."""
    if missing := [role for role in ROLES if role not in palette]:
        raise ValueError(f"{where}: has no {missing[0]}; a palette has colours for {', '.join(ROLES)}")
    for role, colour in palette.items():
        if not NAME.fullmatch(role):
            raise ValueError(f"{where}: {role!r} is no role's name; write small letters, digits and _")
        try:
            parse_colour(colour, {})
        except InputError as error:
            raise ValueError(f"{where}: {role}: {error}") from error


def _at_layer(number: int, said: str) -> ValidationError:
    """One at a layer, so that whoever reads the file can say its line."""
    # As a parameter, for braces in the sentence are no places to fill in.
    error = PydanticCustomError("value_error", "{said}", {"said": said})
    return ValidationError.from_exception_data(
        "template", [InitErrorDetails(type=error, loc=("layers", number), input="")]
    )


def _in_format(layer: Layer, format_: Format) -> Layer:
    changes = layer.formats.get(format_)
    if not changes:
        return layer
    own = layer.model_dump(exclude_unset=True, exclude={"formats"})
    box = changes.get("box")
    # A box given for a format takes the place of the other, for anchors of both would contradict each other.
    merged = {**own, **changes} if box is None else {**own, **changes, "box": box}
    try:
        made: Layer = _LAYER.validate_python(merged)
    except ValidationError as error:
        first = error.errors()[0]
        keys = ".".join(map(str, first["loc"][1:]))
        said = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"formats: {format_}: {keys}: {said[:1].lower()}{said[1:]}") from error
    return made
