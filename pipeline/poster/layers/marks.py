"""Layers that are small pictures with meaning: a logo, a QR code."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal

import cv2
import numpy as np
from pydantic import Field

from pipeline.errors import InputError
from pipeline.poster.actors import Actor, Still
from pipeline.poster.canvas import Box
from pipeline.poster.colours import contrast_of
from pipeline.poster.layers.base import Layer, Scene
from pipeline.poster.sprites import Sprite, opaque
from pipeline.poster.variables import fill

_QUIET = 4
"""Modules of light around a code. Source: ISO/IEC 18004, 6.3.8."""

_LEAST_CONTRAST = 3.0
"""Of a code's colours, below which phones begin to fail."""

_SMALLEST_MODULE = 2
"""Pixels."""


class LogoLayer(Layer):
    """A picture with transparency, shown whole."""

    layer: Literal["logo"]
    logo: Annotated[str, Field(description="path or s3:// address of a picture; relative to the template")]
    colour: Annotated[str | None, Field(description="paints all of it in one colour; default: its own")] = None

    def texts(self) -> Iterator[str]:
        """See Layer."""
        yield from (*super().texts(), self.logo)

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield from filter(None, [self.colour])

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        path = fill(self.logo, scene.values)
        if not path:
            return
        picture = scene.picture(path)
        aspect = picture.shape[1] / picture.shape[0]
        box = self.resolved(scene, aspect=aspect)
        box = self.noted(scene, _fitted(box, aspect))
        rgba = picture
        if self.colour is not None:
            colour = scene.colour(self.colour)
            hides = cv2.extractChannel(rgba, 3)
            rgba = cv2.merge(
                [cv2.convertScaleAbs(hides, alpha=value / 255 * colour.alpha) for value in (*colour.rgb, 255)]
            )
        size = max(1, round(box.width)), max(1, round(box.height))
        flags = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
        sized = cv2.resize(rgba, size, interpolation=flags)
        # Cubic filtering overshoots.
        sized = np.minimum(sized, sized[..., 3:])
        yield Still(
            Sprite(sized, round(box.left), round(box.top)), scene.canvas.unit, self.tracks(scene), self.rest(scene)
        )


class CodeLayer(Layer):
    """A QR code, its modules whole pixels."""

    layer: Literal["qr"]
    text: Annotated[str, Field(description="what it says: most often a link")]
    dark: Annotated[str, Field(description="colour of its modules")] = "black"
    light: Annotated[str, Field(description="colour of its ground, and of the quiet zone around it")] = "white"
    correction: Annotated[Literal["l", "m", "q", "h"], Field(description="how much may be covered: 7 to 30 %")] = "m"

    def texts(self) -> Iterator[str]:
        """See Layer."""
        yield from (*super().texts(), self.text)

    def inks(self) -> Iterator[str]:
        """See Layer."""
        yield from (self.dark, self.light)

    def actors(self, scene: Scene) -> Iterator[Actor]:
        """See Layer."""
        text = fill(self.text, scene.values)
        if not text:
            return
        modules = _modules(text, self.correction)
        box = _fitted(self.resolved(scene, aspect=1.0), 1.0)
        size = int(box.width / len(modules))
        if size < _SMALLEST_MODULE:
            raise InputError(
                f"qr: {len(text)} letters make a code of {len(modules)} modules, which {box.width:.0f} px cannot show; "
                f"make its box at least {len(modules) * _SMALLEST_MODULE} px wide, or the link shorter"
            )
        dark, light = scene.colour(self.dark).rgb, scene.colour(self.light).rgb
        if (found := contrast_of(dark, light)) < _LEAST_CONTRAST:
            raise InputError(
                f"qr: {self.dark} on {self.light} has a contrast of {found:.1f}, which phones do not read; "
                f"choose colours with at least {_LEAST_CONTRAST:g}"
            )
        side = size * len(modules)
        left, top = round(box.left + (box.width - side) / 2), round(box.top + (box.height - side) / 2)
        self.noted(scene, Box(left, top, side, side))
        pixels = np.array([light, dark], np.uint8)[np.kron(modules, np.ones((size, size), np.int64))]
        yield Still(opaque(pixels, left, top), scene.canvas.unit, self.tracks(scene), self.rest(scene))


@lru_cache(maxsize=256)
def _modules(text: str, correction: str) -> np.ndarray:
    """(N, N) of 0, light, and 1, dark, with the quiet zone. Source: ISO/IEC 18004."""
    import segno

    try:
        code = segno.make(text, error=correction, micro=False, boost_error=False)
    except segno.DataOverflowError as error:
        raise InputError(f"qr: {len(text):,} letters are more than a QR code can hold; use a shorter link") from error
    return np.array([list(row) for row in code.matrix_iter(border=_QUIET)], np.int64)


def _fitted(box: Box, aspect: float) -> Box:
    """The largest box of that aspect in its middle."""
    width, height = min(box.width, box.height * aspect), min(box.height, box.width / aspect)
    return Box(box.left + (box.width - width) / 2, box.top + (box.height - height) / 2, width, height)
