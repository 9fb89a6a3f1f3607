"""Resizing: to a longest side, or into a box.

Smaller in linear light, so that fine bright lines do not darken; larger in sRGB, so that edges get no dark rims.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Self

import cv2
import numpy as np
from pydantic import BeforeValidator, Field, ValidationInfo

from pipeline.film.geometry import fitted_size
from pipeline.retouch import anchors
from pipeline.retouch.anchors import SALIENCY, Anchor
from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.light import encoded, linear
from pipeline.retouch.sizes import LARGEST_PX, size_of


def _check_size(value: object, info: ValidationInfo) -> object:
    if type(value) is int:
        if not 1 <= value <= LARGEST_PX:
            raise ValueError(f"size: {value} is out of range; the longest side is 1 to {LARGEST_PX:,} px")
        return value
    if not isinstance(value, str):
        raise ValueError(f"size: {str(value)[:40]} is no size; write the longest side, as 1080, or a box, as 1920x1080")
    try:
        size_of(value)
    except ValueError as error:
        raise ValueError(f"size: {error}") from error
    return value


class Resize(Edit):
    """Another size."""

    main: ClassVar[str] = "size"
    like: ClassVar[str] = "resize: 1080"

    size: Annotated[
        int | str,
        BeforeValidator(_check_size, json_schema_input_type=int | str),
        Field(description="longest side in pixels, as 1080, or a box, as 1920x1080"),
    ]
    fit: Annotated[
        Literal["inside", "cover", "stretch"],
        Field(description="of a box: `inside` it, `cover` all of it and cut off the rest, or `stretch` into it"),
    ] = "inside"
    anchor: Annotated[Anchor, Field(description="what `cover` keeps: as in crop")] = "center"

    def sized(self, width: int, height: int) -> tuple[int, int]:
        """See Edit."""
        if isinstance(self.size, int):
            return fitted_size(width, height, self.size)
        return size_of(self.size) if self.fit != "inside" else self._within(width, height)

    def _within(self, width: int, height: int) -> tuple[int, int]:
        wide, tall = size_of(str(self.size))
        scale = min(Fraction(wide, width), Fraction(tall, height))
        return max(1, round(width * scale)), max(1, round(height * scale))

    def _covers(self, width: int, height: int) -> tuple[int, int]:
        """The size before what is too much is cut off."""
        if self.fit != "cover" or isinstance(self.size, int):
            return self.sized(width, height)
        wide, tall = size_of(self.size)
        scale = max(Fraction(wide, width), Fraction(tall, height))
        return max(wide, round(width * scale)), max(tall, round(height * scale))

    @property
    def looks(self) -> bool:
        """See Edit."""
        return self.anchor == SALIENCY

    def settled(self, pictures: Sequence[np.ndarray]) -> Self:
        """See Edit."""
        if not self.looks:
            return self
        return self.model_copy(update={"anchor": self._where(pictures)})

    def _where(self, pictures: Sequence[np.ndarray]) -> object:
        """Of what is seen before it is resized: where the part lies that is kept."""
        height, width = pictures[0].shape[:2]
        covers, kept = self._covers(width, height), self.sized(width, height)
        inner = round(width * kept[0] / covers[0]), round(height * kept[1] / covers[1])
        return anchors.settled(self.anchor, inner, pictures)

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""

        def resize(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            height, width = pixels.shape[:2]
            kept, covers = self.sized(width, height), self._covers(width, height)
            made = resized(pixels, *covers)
            if kept == covers:
                return made
            left, top = anchors.placed(self.settled([pixels]).anchor, kept, covers)
            return made[top : top + kept[1], left : left + kept[0]]

        return resize


def resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """(H, W, 3) float32 sRGB at another size: averaged in linear light when smaller, bicubic when larger."""
    if pixels.shape[:2] == (height, width):
        return pixels
    if width * height < pixels.shape[0] * pixels.shape[1]:
        return encoded(cv2.resize(linear(pixels), (width, height), interpolation=cv2.INTER_AREA))
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
