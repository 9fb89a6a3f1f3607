"""What an edit is: a model of its keys, and what it does to one picture.

Pictures are (H, W, 3) float32 sRGB while they are edited, 0 being black and 1 white. What lies beyond is kept, so that
one edit can bring back what another drove out; the last step to pixels cuts it off (chain.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


@dataclass(frozen=True)
class Moment:
    """Which frame is edited. Nothing else may decide what becomes of its pixels."""

    number: int = 0
    """The frame's in its job, from 0."""
    seconds: Fraction | None = None
    """When it is shown, from the film's beginning; None of pictures."""
    last: Fraction | None = None
    """When the film's last frame is shown."""


Brush = Callable[[np.ndarray, Moment], np.ndarray]
"""(picture, moment) → the picture after an edit: the same array if nothing changed, else another. From any thread."""


class Edit(BaseModel):
    """The keys of one edit."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    main: ClassVar[str] = ""
    """The key that a value by itself stands for, as in `exposure: 0.5`."""
    like: ClassVar[str]
    """How it is written, for people."""
    files: ClassVar[tuple[str, ...]] = ()
    """Keys that are paths or addresses of files."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth(cls, value: object, info: ValidationInfo) -> object:
        """True would pass for the number 1."""
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation is not bool:
            raise ValueError(f"{info.field_name}: is {str(value).lower()}, as YAML reads it; write {cls.like}")
        return value

    @classmethod
    def written(cls, value: object) -> object:
        """The keys that a value by itself stands for. Raises: ValueError if it stands for none."""
        if not cls.main:
            raise ValueError(f"has no keys; write {cls.like}")
        return {cls.main: value}

    def said(self, name: str) -> str:
        """For people: `exposure: stops 0.5`."""
        told = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return f"{name}: {', '.join(f'{key} {value}' for key, value in told.items())}" if told else name

    @property
    def needs_a_film(self) -> bool:
        """Whether it says when, so that pictures without a time have nothing of it."""
        return False

    def check(self, files: Mapping[str, bytes]) -> None:
        """That what its files hold can be used. `files`: by key. Raises: InputError."""

    def sized(self, width: int, height: int) -> tuple[int, int]:
        """The size that a picture of this size gets, px. Raises: InputError if such a picture cannot be edited."""
        return width, height

    @property
    def looks(self) -> bool:
        """Whether something of it depends on what is seen: of a film that is to be settled first."""
        return False

    def settled(self, pictures: Sequence[np.ndarray]) -> Self:
        """The same with what depends on what is seen decided, once for a whole film of which these are some frames."""
        return self

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """What it does. Raises: InputError."""
        raise NotImplementedError
