"""Where a layer lies: anchors and sizes as a template writes them, and the box on a canvas that they come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.errors import InputError
from pipeline.poster.canvas import Box, Canvas
from pipeline.poster.lengths import Length, pixels

_MOST = 8
"""Times the canvas' longer side, that anything may measure."""

_ACROSS = ("left", "right", "width", "center")
_DOWN = ("top", "bottom", "height", "middle", "below", "above")


class Place(BaseModel):
    """A layer's anchors. What is left open reaches as far as its area does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    within: Annotated[
        Literal["safe", "canvas"], Field(description="the area: all of the canvas, or what is surely seen")
    ] = "safe"
    left: Annotated[Length | None, Field(description="from the area's left edge")] = None
    right: Annotated[Length | None, Field(description="from the area's right edge")] = None
    top: Annotated[Length | None, Field(description="from the area's upper edge")] = None
    bottom: Annotated[Length | None, Field(description="from the area's lower edge")] = None
    width: Length | None = None
    height: Length | None = None
    center: Annotated[Length | None, Field(description="of the middle, from the area's left edge")] = None
    middle: Annotated[Length | None, Field(description="of the middle, from the area's upper edge")] = None
    below: Annotated[str | None, Field(description="name of an earlier layer, to lie under its lower edge")] = None
    above: Annotated[str | None, Field(description="name of an earlier layer, to lie over its upper edge")] = None
    gap: Annotated[Length, Field(description="between this and the layer below or above which it lies")] = 3.0

    @model_validator(mode="after")
    def one_way(self) -> Place:
        """Refuses anchors that contradict each other."""
        across = [key for key in ("left", "right", "center") if getattr(self, key) is not None]
        down = [key for key in ("top", "bottom", "middle", "below", "above") if getattr(self, key) is not None]
        for keys, size in ((across, "width"), (down, "height")):
            most = 1 if getattr(self, size) is not None else 2
            if len(keys) > most:
                said = " and ".join([*keys, size] if most == 1 else keys)
                raise ValueError(f"box: {said} say more than one thing; leave one out")
        if {"center"} < set(across) or {"middle"} < set(down):
            raise ValueError("box: a middle goes with a width or height, not with an edge; leave one out")
        return self

    def resolve(self, canvas: Canvas, others: Mapping[str, Box], *, aspect: float | None = None) -> Box:
        """The box on a canvas; `others`: where the named layers before this one lie.

        `aspect`: width to height of what goes into it, where that has one: it fills in a side that is not given.
        """
        area = canvas.safe if self.within == "safe" else canvas.whole
        unit = canvas.unit

        def given(length: float | str | None, along: float) -> float | None:
            return None if length is None else pixels(length, along=along, unit=unit)

        width, height = given(self.width, area.width), given(self.height, area.height)
        gap = pixels(self.gap, along=area.height, unit=unit)
        top, bottom = given(self.top, area.height), given(self.bottom, area.height)
        if self.below is not None and self.below in others:
            top = others[self.below].bottom + gap - area.top
        if self.above is not None and self.above in others:
            bottom = area.bottom - (others[self.above].top - gap)
        if aspect is not None and width is None and height is not None:
            width = height * aspect
        left, width = _span(
            area.width,
            given(self.left, area.width),
            given(self.right, area.width),
            width,
            given(self.center, area.width),
        )
        if aspect is not None and height is None:
            height = width / aspect
        start, height = _span(area.height, top, bottom, height, given(self.middle, area.height))
        check_size(max(width, height), canvas)
        return Box(area.left + left, area.top + start, width, height)


def check_size(px: float, canvas: Canvas) -> None:
    """Raises: InputError for a length that would take more memory than there is, or more time than anybody has."""
    if px > _MOST * max(canvas.width, canvas.height):
        raise InputError(f"{px:,.0f} px is more than {_MOST} times the canvas; a number is in hundredths of its side")


def _span(
    along: float, start: float | None, end: float | None, size: float | None, middle: float | None
) -> tuple[float, float]:
    """Begin and size along an area's side."""
    if size is None:
        start, end = start or 0.0, end or 0.0
        return start, max(along - start - end, 0.0)
    if middle is not None:
        return middle - size / 2, size
    if start is None and end is not None:
        return along - end - size, size
    return start or 0.0, size
