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
    low, high = np.array(cube.lowest, np.float32), np.array(cube.highest, np.float32)
    at = np.clip((pixels - low) / (high - low), 0, 1) * np.float32(size - 1)
    cell = np.minimum(at.astype(np.int32), size - 2)
    fraction = at - cell
    # Of a point's place in the flat table, by axis: red runs fastest.
    steps = np.array([1, size, size * size], np.int32)
    first = cell @ steps
    largest, smallest = fraction.argmax(-1), fraction.argmin(-1)
    most, least = fraction.max(-1), fraction.min(-1)
    middle = fraction.sum(-1) - most - least
    # Where all three are equal the corners between have no weight, whichever they are.
    second, third = first + steps[largest], first + steps.sum() - steps[smallest]
    table = cube.table.reshape(-1, 3)
    corners = (first, 1 - most), (second, most - middle), (third, middle - least), (first + steps.sum(), least)
    made = np.zeros_like(pixels)
    for place, weight in corners:
        made += table[place] * weight[..., None]
    return made
