"""The keys of an edit: styles moved along a direction, so that portraits change in one respect."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from jobs.kinds.base import place
from jobs.kinds.keys import Keys
from jobs.kinds.seeds import check_numbers
from jobs.kinds.values import shown

DIRECTION_SUFFIXES = (".npy", ".npz")

_SEFA = re.compile(r"sefa:([0-9]{1,4})")

_FURTHEST = 1000.0

_MOST = 64


def _check_direction(value: str, info: ValidationInfo) -> str:
    if _SEFA.fullmatch(value):
        return value
    if PurePosixPath(value).suffix not in DIRECTION_SUFFIXES:
        right = "write sefa:0, sefa:1 … for the generator's own, or a .npy or .npz file"
        raise ValueError(f"direction: {value[:60]!r} is none; {right}")
    return place(value, info)


def _check_strength(value: float) -> float:
    # Written so that .nan is out of range as well.
    if not -_FURTHEST <= value <= _FURTHEST:
        raise ValueError(f"strength: {value:g} is out of range; it is {-_FURTHEST:g} to {_FURTHEST:g}")
    return value


def _check_layers(value: object) -> str:
    return check_numbers(value, "layers", most=127)


class Edit(Keys):
    """One edit."""

    direction: Annotated[
        str,
        AfterValidator(_check_direction),
        Field(description="sefa:0, sefa:1 … of the generator's own, the strongest first; or a .npy or .npz file"),
    ]
    strength: Annotated[
        float, AfterValidator(_check_strength), Field(description="how far; negative is the other way")
    ] = 1.0
    layers: Annotated[
        Annotated[str, BeforeValidator(_check_layers, json_schema_input_type=str | int | list[str | int])] | None,
        Field(description="that are moved, as 0-6; the first ones shape, the last ones colour; default all"),
    ] = None

    @property
    def sefa(self) -> int | None:
        """Which of the generator's own directions, from 0; None of a file's."""
        match = _SEFA.fullmatch(self.direction)
        return None if match is None else int(match[1])


def check_edits(value: object) -> object:
    """One edit is a list of one."""
    if isinstance(value, list):
        if len(value) > _MOST:
            raise ValueError(f"edit: has {len(value):,} moves; at most {_MOST} are made")
        for item in value:
            if not isinstance(item, dict | Edit):
                raise ValueError(f"edit: {shown(item)} is no move; write {{direction: sefa:0, strength: 3}}")
        return value
    if not isinstance(value, dict):
        raise ValueError("edit: write a direction and how far: {direction: sefa:0, strength: 3}")
    return [value]
