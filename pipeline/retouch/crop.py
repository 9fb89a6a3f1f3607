"""Cropping: a part of the picture, by its shape, its size or its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from pipeline.errors import MediaError
from pipeline.retouch import anchors
from pipeline.retouch.anchors import SALIENCY, Anchor
from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.sizes import LARGEST_PX, Aspect, Size, is_size, size_of


def _is_box(value: object, info: ValidationInfo) -> object:
    right = "write [left, top, width, height] in pixels, as [20, 0, 600, 360]"
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(type(part) is int for part in value):
        raise ValueError(f"{info.field_name}: {right}")
    left, top, width, height = value
    if not (min(left, top) >= 0 and min(width, height) >= 1 and max(value) <= LARGEST_PX):
        raise ValueError(f"{info.field_name}: {list(value)} is no place in a picture; {right}")
    return value


class Crop(Edit):
    """A part of the picture."""

    main: ClassVar[str] = "aspect"
    like: ClassVar[str] = "crop: {aspect: 16:9, anchor: saliency}"

    aspect: Annotated[Aspect | None, Field(description="shape of the largest part, as 16:9, 1:1 or 2.39")] = None
    size: Annotated[Size | None, Field(description="of the part, as 640x360, in pixels")] = None
    box: Annotated[
        Annotated[tuple[int, int, int, int], BeforeValidator(_is_box)] | None,
        Field(description="[left, top, width, height] in pixels"),
    ] = None
    anchor: Annotated[
        Anchor, Field(description="what is kept: center, top-left …, saliency, or a point as [0.3, 0.5], from 0 to 1")
    ] = "center"

    @classmethod
    def written(cls, value: object) -> object:
        """See Edit."""
        return {"size" if is_size(value) else "box" if isinstance(value, list) else "aspect": value}

    @model_validator(mode="after")
    def _is_one(self) -> Crop:
        if sum(way is not None for way in (self.aspect, self.size, self.box)) != 1:
            raise ValueError("crop: takes one of aspect, size and box; write crop: {aspect: 16:9}")
        if self.box is not None and self.anchor != "center":
            raise ValueError("crop: a box says where it lies; leave anchor out")
        return self

    def sized(self, width: int, height: int) -> tuple[int, int]:
        """See Edit."""
        if self.aspect is not None:
            wanted = Fraction(self.aspect)
            if wanted >= Fraction(width, height):
                return width, max(1, round(width / wanted))
            return max(1, round(height * wanted)), height
        left, top, wide, tall = self.box or (0, 0, *size_of(self.size or ""))
        if left + wide > width or top + tall > height:
            reaches = f"reaches to {left + wide}x{top + tall}" if self.box else f"{wide}x{tall} is larger"
            there = f"{width}x{height}"
            than = "in" if self.box else "than"
            raise MediaError(f"crop: {reaches} {than} a picture of {there} px; take less, or resize it before")
        return wide, tall

    @property
    def looks(self) -> bool:
        """See Edit."""
        return self.anchor == SALIENCY

    def settled(self, pictures: Sequence[np.ndarray]) -> Self:
        """See Edit."""
        if not self.looks:
            return self
        height, width = pictures[0].shape[:2]
        return self.model_copy(update={"anchor": anchors.settled(self.anchor, self.sized(width, height), pictures)})

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""

        def crop(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            height, width = pixels.shape[:2]
            wide, tall = self.sized(width, height)
            if (wide, tall) == (width, height):
                return pixels
            if self.box is not None:
                left, top = self.box[:2]
            else:
                anchor = anchors.settled(self.anchor, (wide, tall), [pixels])
                left, top = anchors.placed(anchor, (wide, tall), (width, height))
            return pixels[top : top + tall, left : left + wide]

        return crop
