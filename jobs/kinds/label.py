"""What a job file may say of the visible label, which tells people that a model made what they see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from jobs.kinds.keys import Keys
from pipeline.provenance.label import LEAST_HEIGHT, LEAST_S, TEXTS, Position, text_for


def _check_text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("label.text: is one line of letters, as in AI-generated")
    return value.strip()


def _check_locale(value: str) -> str:
    if text_for(value) is None:
        raise ValueError(f"label.locale: {value[:20]!r} has no text; known are {', '.join(TEXTS)}; or write a `text`")
    return value


class LabelKeys(Keys):
    """What a label is to be."""

    locale: Annotated[
        str, AfterValidator(_check_locale), Field(description="language whose text it has, as en, de or zh")
    ] = "en"
    text: Annotated[
        str | None,
        AfterValidator(lambda value: None if value is None else _check_text(value)),
        Field(max_length=60, description="what it says; default: AI-generated, in that language"),
    ] = None
    position: Annotated[Position, Field(description="where it stands")] = "bottom-right"
    height: Annotated[
        float, Field(ge=0.02, le=0.25, description="of a letter, as a part of the picture's shorter side")
    ] = LEAST_HEIGHT
    seconds: Annotated[
        Annotated[float, Field(gt=0, le=31_536_000)] | Literal["always"],
        Field(description="for how long a film shows it, from its beginning; or always"),
    ] = LEAST_S


def check_label(value: object) -> object:
    """True and false are on and off, as YAML reads these two words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is not None and value not in ("on", "off") and not isinstance(value, Mapping | LabelKeys):
        raise ValueError("label: write on, off, or what it is to be: {text: AI-generated, position: bottom-right}")
    return value


def _form(value: object) -> str:
    return "(keys)" if isinstance(value, Mapping | LabelKeys) else "(word)"


VisibleLabel = Annotated[
    Annotated[LabelKeys, Tag("(keys)")] | Annotated[Literal["on", "off"], Tag("(word)")], Discriminator(_form)
]
"""What a label is to be, or whether there is one."""
