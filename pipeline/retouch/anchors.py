"""Where in a picture a smaller one lies: by a side or corner, a point, or where there is most to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import BeforeValidator, ValidationInfo

from pipeline.retouch.saliency import best_window

Side = Literal[
    "center", "top", "bottom", "left", "right", "top-left", "top-right", "bottom-left", "bottom-right", "saliency"
]

SALIENCY = "saliency"

_RIGHT = "write center, top-left …, saliency, or a point as [0.3, 0.5], from 0 to 1"


def _check(value: object, info: ValidationInfo) -> object:
    if isinstance(value, list | tuple):
        if len(value) != 2 or not all(type(part) in (int, float) and 0 <= part <= 1 for part in value):
            raise ValueError(f"{info.field_name}: {list(value)} is no point; {_RIGHT}")
    elif value not in get_args(Side):
        raise ValueError(f"{info.field_name}: {str(value)[:40]!r} is no anchor; {_RIGHT}")
    return value


def _check_corner(value: object, info: ValidationInfo) -> object:
    if value == SALIENCY:
        raise ValueError(f"{info.field_name}: what is laid over a picture stands still; write top-left, center …")
    return _check(value, info)


Corner = Annotated[Side | tuple[float, float], BeforeValidator(_check_corner, json_schema_input_type=str | list[float])]
"""The same, but for `saliency`."""

Anchor = Annotated[Side | tuple[float, float], BeforeValidator(_check, json_schema_input_type=Side | list[float])]
"""A side or corner that is kept, `saliency`, or how far from the left and the top, 0 to 1."""


def point(anchor: Side | tuple[float, float]) -> tuple[float, float]:
    """How far from the left and the top, 0 to 1; `saliency` is the middle until it is settled."""
    if not isinstance(anchor, str):
        return anchor
    across = 0.0 if "left" in anchor else 1.0 if "right" in anchor else 0.5
    down = 0.0 if "top" in anchor else 1.0 if "bottom" in anchor else 0.5
    return across, down


def placed(anchor: Side | tuple[float, float], inner: tuple[int, int], outer: tuple[int, int]) -> tuple[int, int]:
    """Left and top of a box of one size (width, height) within another, px."""
    across, down = point(anchor)
    return round(across * (outer[0] - inner[0])), round(down * (outer[1] - inner[1]))


def settled(
    anchor: Side | tuple[float, float], inner: tuple[int, int], pictures: Sequence[np.ndarray]
) -> Side | tuple[float, float]:
    """The anchor as a point, where it is of what is seen in pictures of one size."""
    return best_window(pictures, *inner) if anchor == SALIENCY else anchor
