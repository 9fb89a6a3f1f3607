"""What `style` may say, wherever a job file names one: a name, a checkpoint's path, or paintings.

    style: great-wave
    style: {painting: wave.jpg}
    style: {paintings: {wave.jpg: 0.7, scream.jpg: 0.3}, alpha: 0.8}

Nothing here reads a painting; looks.py does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    model_validator,
)

from jobs.kinds.base import Place, place
from jobs.kinds.keys import Keys
from jobs.kinds.values import check_frames
from jobs.registry import to_look_in
from pipeline.catalog import SUFFIXES, find, find_half, find_painter
from pipeline.errors import ModelError
from pipeline.film.sequences import is_picture
from pipeline.storage import is_remote


def _check_painting(value: str) -> str:
    if not is_remote(value) and not Path(value).is_file():
        raise ValueError(f"{value}: no such painting; check the path")
    return value


def _check_weights(value: object) -> object:
    if not isinstance(value, Mapping) or not value:
        raise ValueError("paintings: says how much each counts; write {wave.jpg: 0.7, scream.jpg: 0.3}")
    if any(isinstance(weight, bool) for weight in value.values()):
        raise ValueError("paintings: each has a number, as in {wave.jpg: 0.7, scream.jpg: 0.3}")
    return value


Painting = Annotated[Place, AfterValidator(_check_painting)]
"""A picture's path or s3:// address; a local one exists."""


class AnyPainting(Keys):
    """Paintings to take the style from, and what with."""

    painting: Annotated[Painting | None, Field(description="picture whose style is taken; a path or s3://")] = None
    paintings: Annotated[
        dict[Painting, Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None,
        BeforeValidator(_check_weights),
        Field(description="several pictures, and how much each counts"),
    ] = None
    alpha: Annotated[float, Field(ge=0, le=1, description="how much of the paintings' style is taken over")] = 1.0
    encoder: Annotated[Place | None, Field(description="AdaIN's vgg_normalised.pth, with a decoder")] = None
    decoder: Annotated[Place | None, Field(description="AdaIN's decoder.pth, with an encoder")] = None

    @model_validator(mode="after")
    def _is_whole(self) -> AnyPainting:
        if (self.painting is None) == (self.paintings is None):
            raise ValueError("style: takes either `painting` or `paintings`; write style: {painting: my.jpg}")
        if (self.encoder is None) != (self.decoder is None):
            lacks = "encoder" if self.encoder is None else "decoder"
            raise ValueError(f"style: {lacks} is missing; AdaIN needs both halves, or leave both out for Atelier's own")
        try:
            if self.encoder and self.decoder:
                find_half(self.encoder, "encoder")
                find_half(self.decoder, "decoder")
            else:
                find_painter()
        except ModelError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def weights(self) -> dict[str, float]:
        """Painting → how much it counts."""
        return dict(self.paintings or {str(self.painting): 1.0})

    def __str__(self) -> str:
        """As people call it: `wave.jpg + scream.jpg`."""
        return " + ".join(PurePosixPath(painting).name for painting in self.weights)


def check_style(value: str, info: ValidationInfo) -> str:
    """The name of a style, shipped or registered, or a checkpoint's path made absolute."""
    # An address is looked at before anything repeats it: it may hold a password.
    is_place = PurePosixPath(value).suffix in SUFFIXES or "://" in value
    style = place(value, info) if is_place else value
    if is_picture(value):
        raise ValueError(f"{value} is a picture; write style: {{painting: {value}}}")
    try:
        find(style, to_look_in(style, "style"))
    except ModelError as error:
        raise ValueError(str(error)) from error
    return style


def _form(value: object) -> str:
    return "(paintings)" if isinstance(value, Mapping | AnyPainting) else "(name)"


def _is_word(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("style: write a name, as in great-wave, a checkpoint's path, or {painting: my.jpg}")
    return value


Style = Annotated[
    Annotated[str, BeforeValidator(_is_word), AfterValidator(check_style), Tag("(name)")]
    | Annotated[AnyPainting, Tag("(paintings)")],
    Discriminator(_form),
]
"""A style, as a job file says it."""


class Crossfade(Keys):
    """A passage from the look before it to another."""

    frames: Annotated[
        str | int, AfterValidator(check_frames), Field(description="first and last frame of the passage, as 100-148")
    ]
    to: Annotated[Style, Field(description="the style that holds after it")]


def listed(value: object) -> object:
    """One crossfade is a list of one."""
    fades = [value] if isinstance(value, Mapping | Crossfade) else value
    if not isinstance(fades, list) or not all(isinstance(fade, Mapping | Crossfade) for fade in fades):
        raise ValueError("crossfade: write {frames: 100-148, to: great-wave}, or a list of them")
    return fades


def shot_range(key: str) -> tuple[int, int]:
    """First and last shot of a key of `shots`: 2 and 2 of `2`, 5 and 7 of `5-7`.

    Raises: ValueError if it is no range.
    """
    match = re.fullmatch(r" *([0-9]{1,9}) *(?:- *([0-9]{1,9}) *)?", key)
    if not match:
        raise ValueError(f"shots: {key!r} is no shot; write its number, as in 2, or a range, as in 5-7")
    first, last = int(match[1]), int(match[2] or match[1])
    if first < 1:
        raise ValueError(f"shots: {key}: shots are numbered from 1")
    if last < first:
        raise ValueError(f"shots: {key} ends before it begins; write {last}-{first}")
    return first, last


def _shot_key(key: object) -> str:
    shot_range(str(key))
    return str(key)


def _are_shots(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("shots: write {2: great-wave, 5-7: the-scream}")
    return value


Shots = Annotated[dict[Annotated[str, BeforeValidator(_shot_key)], Style], BeforeValidator(_are_shots)]
"""Shot number or range → its style."""
