"""Curves: which value becomes which, through a few points, smoothly and without a swing between them.

Source: Fritsch and Carlson, Monotone Piecewise Cubic Interpolation, 1980, with the slopes of Fritsch and Butland, 1984.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, ClassVar

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from pipeline.retouch.edit import Brush, Edit, Moment

_STEPS = 4096
"""Of a curve's table; between them it is straight, and off by less than a tenth of a 16-bit code."""

_CHANNELS = ("red", "green", "blue")


def _are_points(value: object, info: ValidationInfo) -> object:
    right = "write points as [[0, 0], [0.5, 0.6], [1, 1]]"
    if not isinstance(value, list | tuple) or not all(isinstance(point, list | tuple) for point in value):
        raise ValueError(f"{info.field_name}: {right}")
    for point in value:
        if len(point) != 2 or not all(type(part) in (int, float) for part in point):
            raise ValueError(f"{info.field_name}: {list(point)} is no point; {right}")
    return value


def _in_order(value: tuple[tuple[float, float], ...], info: ValidationInfo) -> tuple[tuple[float, float], ...]:
    name = info.field_name
    if len(value) < 2:
        raise ValueError(f"{name}: a curve has at least two points, as [[0, 0], [1, 1]]")
    for point in value:
        # Written so that .nan is out of range as well.
        if not all(0 <= part <= 1 for part in point):
            raise ValueError(f"{name}: [{point[0]:g}, {point[1]:g}] is out of range; both numbers are 0 to 1")
    for (before, _), (after, _) in pairwise(value):
        if after <= before:
            order = "points go from dark to light"
            raise ValueError(f"{name}: {order}, and {after:g} comes after {before:g}; put them in order")
    return value


Points = Annotated[
    tuple[tuple[float, float], ...], BeforeValidator(_are_points), AfterValidator(_in_order), Field(max_length=64)
]
"""(value before, value after), rising in the first."""


class Curves(Edit):
    """Which value becomes which."""

    main: ClassVar[str] = "all"
    like: ClassVar[str] = "curves: {all: [[0, 0], [0.5, 0.6], [1, 1]]}"

    all: Annotated[
        Points | None, Field(description="points of all three channels, as [[0, 0], [0.5, 0.6], [1, 1]]")
    ] = None
    red: Annotated[Points | None, Field(description="the same of one channel, after `all`")] = None
    green: Annotated[Points | None, Field(description="the same")] = None
    blue: Annotated[Points | None, Field(description="the same")] = None

    @model_validator(mode="after")
    def _says_something(self) -> Curves:
        if all(curve is None for curve in (self.all, self.red, self.green, self.blue)):
            raise ValueError(f"curves: has no points; write {self.like}")
        return self

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        tables = [_table(self.all, getattr(self, channel)) for channel in _CHANNELS]

        def bend(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            bent = np.empty_like(pixels)
            for channel, table in enumerate(tables):
                at = np.clip(pixels[..., channel], 0, 1) * np.float32(_STEPS)
                below = at.astype(np.int32)
                share = at - below
                low = table[below]
                bent[..., channel] = low + (table[below + 1] - low) * share
            return bent

        return bend


def _table(*curves: Sequence[tuple[float, float]] | None) -> np.ndarray:
    """What values become that go through all of the curves: (steps + 2,) float32, the last one twice."""
    values = np.linspace(0, 1, _STEPS + 1)
    for points in filter(None, curves):
        values = np.clip(through(points, values), 0, 1)
    return np.append(values, values[-1]).astype(np.float32)


def through(points: Sequence[tuple[float, float]], values: np.ndarray) -> np.ndarray:
    """The curve through the points, at these values; level before the first and after the last. float64."""
    x, y = np.array(points, np.float64).T
    width, rise = np.diff(x), np.diff(y)
    slope = rise / width
    tangents = np.concatenate([slope[:1], _inner(width, slope), slope[-1:]])
    at = np.clip(values, x[0], x[-1])
    part = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(width) - 1)
    t, h = (at - x[part]) / width[part], width[part]
    # Hermite's cubics.
    return (
        y[part] * (1 + 2 * t) * (1 - t) ** 2
        + h * tangents[part] * t * (1 - t) ** 2
        + y[part + 1] * t**2 * (3 - 2 * t)
        + h * tangents[part + 1] * t**2 * (t - 1)
    )


def _inner(width: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Slopes at the points between: none where the curve turns, else a harmonic mean of the neighbours'."""
    before, after = slope[:-1], slope[1:]
    first, second = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    goes_on = before * after > 0
    # As a harmonic mean is written without dividing by slopes, which may be next to nothing.
    total = (first + second) * before * after
    return np.divide(total, first * after + second * before, out=np.zeros_like(total), where=goes_on)
