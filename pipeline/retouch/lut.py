"""3-D look-up tables, interpolated within tetrahedra: on the grey diagonal nothing but the table's own greys counts.

Source: Kasson, Nin, Plouffe and Hafner, Performing color space conversions with three-dimensional linear interpolation,
1995. A colour lies in the tetrahedron of its cell's first corner, its last, and the two on the way along the axes in
the order of its fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from pipeline.retouch.cube import Cube, read_cube
from pipeline.retouch.edit import Brush, Edit, Moment

_BAND = 64
"""Rows at a time: what lies between of a whole large picture would take gigabytes."""


class Lut(Edit):
    """Colours by a table."""

    main: ClassVar[str] = "file"
    like: ClassVar[str] = "lut: look.cube"
    files: ClassVar[tuple[str, ...]] = ("file",)

    file: Annotated[str, Field(description="a 3-D .cube file; a path or s3://")]
    strength: Annotated[float, Field(ge=0, le=1, description="0 keeps the colours, 1 is all the table")] = 1.0

    def check(self, files: Mapping[str, bytes]) -> None:
        """See Edit."""
        read_cube(files["file"], where=self.file)

    def brush(self, files: Mapping[str, bytes]) -> Brush:
        """See Edit."""
        cube, strength = read_cube(files["file"], where=self.file), np.float32(self.strength)

        def look_up(pixels: np.ndarray, moment: Moment) -> np.ndarray:
            if strength == 0:
                return pixels
            made = np.empty_like(pixels)
            for top in range(0, len(pixels), _BAND):
                band = slice(top, top + _BAND)
                made[band] = looked_up(cube, pixels[band])
            return made if strength == 1 else pixels + (made - pixels) * strength

        return look_up


def looked_up(cube: Cube, pixels: np.ndarray) -> np.ndarray:
    """What the table makes of colours: (…, 3) float32, red, green, blue. Those beyond it are taken at its edge."""
    size = len(cube.table)
    # Of a point's place in the flat table, by axis: red runs fastest.
    steps = np.int32(1), np.int32(size), np.int32(size * size)
    first, fractions = np.zeros(pixels.shape[:-1], np.int32), []
    for axis, step in enumerate(steps):
        low, high = np.float32(cube.lowest[axis]), np.float32(cube.highest[axis])
        at = np.clip((pixels[..., axis] - low) / (high - low), 0, 1) * np.float32(size - 1)
        cell = np.minimum(at.astype(np.int32), np.int32(size - 2))
        first += cell * step
        fractions.append(at - cell)
    red, green, blue = fractions
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    middle = np.maximum(np.minimum(red, green), np.minimum(np.maximum(red, green), blue))
    # Of equal ones red counts as the largest and blue as the smallest, so that no axis is both.
    largest = np.where(red == most, steps[0], np.where(green == most, steps[1], steps[2]))
    smallest = np.where(blue == least, steps[2], np.where(green == least, steps[1], steps[0]))
    last = first + sum(steps)
    corners = (first, 1 - most), (first + largest, most - middle), (last - smallest, middle - least), (last, least)
    made = np.empty_like(pixels)
    for channel in range(3):
        table = np.ascontiguousarray(cube.table[..., channel]).ravel()
        made[..., channel] = sum(table.take(place) * weight for place, weight in corners)
    return made
