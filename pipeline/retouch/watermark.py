"""A watermark: a picture of the user's, a logo mostly, laid over every frame in the same place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field

from pipeline.images import read_premultiplied
from pipeline.retouch import anchors
from pipeline.retouch.edit import Brush, Edit, Moment
from pipeline.retouch.layers import Layer, laid


class Watermark(Edit):
    """A logo over the picture."""

    main: ClassVar[str] = "picture"
    like: ClassVar[str] = "watermark: {picture: logo.png, anchor: top-right, opacity: 0.6}"
    files: ClassVar[tuple[str, ...]] = ("picture",)

    picture: Annotated[str, Field(description="PNG with transparency, or any other picture; a path or s3://")]
    anchor: Annotated[anchors.Corner, Field(description="side or corner, or a point as [0.3, 0.5], from 0 to 1")] = (
        "bottom-right"
    )
    size: Annotated[float, Field(gt=0, le=100, description="its width, in per cent of the picture's")] = 15.0
    margin: Annotated[float, Field(ge=0, le=50, description="around it, in per cent of the shorter side")] = 4.0
    opacity: Annotated[float, Field(ge=0, le=1, description="0 is not seen, 1 hides what is below")] = 0.8

    def check(self, files: Mapping[str, bytes]) -> None:
        """See Edit."""
        read_premultiplied(files["picture"], where=self.picture)

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        logo = read_premultiplied(files["picture"], where=self.picture)
        fitted = lru_cache(maxsize=8)(lambda width, height: self._layer(logo, width, height))

        def mark(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            height, width = pixels.shape[:2]
            return pixels if self.opacity == 0 else laid(pixels, (fitted(width, height),), self.opacity)

        return mark

    def _layer(self, logo: np.ndarray, width: int, height: int) -> Layer:
        """The logo as it lies in a picture of that size."""
        margin = round(self.margin / 100 * min(width, height))
        room = max(1, width - 2 * margin), max(1, height - 2 * margin)
        scale = min(self.size / 100 * width / logo.shape[1], room[0] / logo.shape[1], room[1] / logo.shape[0])
        wide, tall = max(1, round(logo.shape[1] * scale)), max(1, round(logo.shape[0] * scale))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        rgba = np.clip(cv2.resize(logo.astype(np.float32) / 255, (wide, tall), interpolation=way), 0, 1)
        left, top = anchors.placed(self.anchor, (wide, tall), room)
        return Layer(np.ascontiguousarray(rgba[..., :3]), rgba[..., 3:].copy(), left + margin, top + margin)
