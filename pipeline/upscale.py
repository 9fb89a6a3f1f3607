"""Pictures for presentation: enlarged to any size by our small network, in tiles, so that memory stays bounded.

The network itself, which doubles a picture, is in models/upscale.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from pipeline.catalog import Model, find_upscaler
from pipeline.errors import InputError, ModelError
from pipeline.models import open_model
from pipeline.models.upscale import ARCHITECTURE, UpscaleNetwork
from pipeline.tensors import to_pixels, to_tensor

LARGEST_PX = 8192
"""The longest side that can be asked for."""

TILE_PX = 224
"""Side of the tiles, before they are doubled: with what lies around them, about what a core's cache is good for."""

_CROOKED = 0.02
"""By which part of a side the proportions asked for may be others than the picture's: sizes are whole pixels."""

_MARGIN_PX = 8
"""What is doubled around a band that is then reduced: more than the reduction sees."""


class Upscaler:
    """Enlarges pictures. The same picture and size give the same bytes on the same machine."""

    def __init__(self, network: UpscaleNetwork, name: str, *, tile_px: int = TILE_PX):
        """`network`: in evaluation mode, on its device. `name`: what pictures are to say of themselves."""
        self.name = name
        self._network, self._tile_px = network, tile_px
        self._device = next(network.parameters()).device

    @classmethod
    def open(cls, model: Model | None = None, device: torch.device | str = "cpu") -> Upscaler:
        """That of a catalog's row; without one, the one that ships.

        Raises: ModelError if it cannot be loaded or is no upscaler; IntegrityError if its weights were replaced.
        """
        row = model or find_upscaler()
        network = open_model(row, device)
        if not isinstance(network, UpscaleNetwork):
            raise ModelError(f"{row.name}: enlarges nothing; leave it out, an upscaler comes with Atelier")
        return cls(network, f"{row.name} ({ARCHITECTURE}, sha256 {row.sha256[:12]})")

    @torch.inference_mode()
    def enlarge(self, picture: np.ndarray, size: tuple[int, int] | int) -> np.ndarray:
        """The picture, (H, W, 3) uint8 sRGB, at the size asked: (height, width), or the longer side. In pixels.

        Doubled until it is large enough, and then reduced to the exact size. Asked for less than it is, it is reduced
        by area; at its own size it stays as it is.
        Raises: InputError if the array is no picture, or the size is none, too large, or of other proportions.
        """
        height, width = _wanted(picture, size)
        ratio = max(height / picture.shape[0], width / picture.shape[1])
        if ratio <= 1:
            return _by_area(picture, height, width)
        small = to_tensor(picture[None])[0]
        while max(height / small.shape[1], width / small.shape[2]) > 2:
            # Half precision is finer than eight bits, and half as large.
            doubled = small.new_empty((3, 2 * small.shape[1], 2 * small.shape[2]), dtype=torch.float16)
            self._double(small, 0, doubled)
            small = doubled
        return self._finished(small, height, width)

    def _finished(self, small: Tensor, height: int, width: int) -> np.ndarray:
        """The last doubling and the reduction to the exact size, a band of rows at a time."""
        finished = np.empty((height, width, 3), np.uint8)
        rows, columns = 2 * small.shape[1], 2 * small.shape[2]
        step = rows / height
        band_px = max(1, int(2 * self._tile_px / step))
        for top in range(0, height, band_px):
            bottom = min(height, top + band_px)
            begin, end = top * step, min(bottom * step, float(rows))
            first = max(0, int(begin) - _MARGIN_PX) // 2
            last = min(rows, int(end) + _MARGIN_PX) // 2
            doubled = small.new_empty((3, 2 * (last - first), columns), dtype=torch.float32)
            self._double(small, first, doubled)
            box = (0.0, begin - 2 * first, float(columns), end - 2 * first)
            # Of the filters that do not ring, the one that is sharpest.
            whole = Image.fromarray(to_pixels(doubled[None])[0])
            band = whole.resize((width, bottom - top), Image.Resampling.HAMMING, box=box)
            finished[top:bottom] = np.asarray(band)
        return finished

    def _double(self, small: Tensor, first: int, doubled: Tensor) -> None:
        """Fill `doubled`, `(3, 2 h, 2 W)`, with twice the rows of the small picture, `(3, H, W)`, from `first` on."""
        _, height, width = small.shape
        for rows in _tiles(doubled.shape[1] // 2, self._tile_px):
            for columns in _tiles(width, self._tile_px):
                above, below = self._around(first + rows.start, first + rows.stop, height)
                left, right = self._around(columns.start, columns.stop, width)
                tile = small[None, :, above:below, left:right].to(self._device, torch.float32)
                painted = self._network(tile)[0]
                top, begin = 2 * (first + rows.start - above), 2 * (columns.start - left)
                whole = painted[:, top : top + 2 * len(rows), begin : begin + 2 * len(columns)]
                doubled[:, 2 * rows.start : 2 * rows.stop, 2 * columns.start : 2 * columns.stop] = whole

    def _around(self, start: int, stop: int, size: int) -> tuple[int, int]:
        """The tile and all that the network sees around it, as far as there is any."""
        reach = self._network.reach_px
        return max(0, start - reach), min(size, stop + reach)


def _tiles(size: int, tile_px: int) -> Iterator[range]:
    return (range(at, min(size, at + tile_px)) for at in range(0, size, tile_px))


def _wanted(picture: np.ndarray, size: tuple[int, int] | int) -> tuple[int, int]:
    """Height and width in pixels. Raises: InputError as `enlarge`."""
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or picture.size == 0:
        raise InputError(f"a picture to enlarge is (H, W, 3) uint8, not {picture.shape} {picture.dtype}")
    height, width = picture.shape[:2]
    shortest, longest = (min(size), max(size)) if isinstance(size, tuple) else (size, size)
    if not 1 <= shortest <= longest <= LARGEST_PX:
        said = f"{size[1]}x{size[0]} px" if isinstance(size, tuple) else f"{size} px"
        raise InputError(f"a picture cannot be made {said}; ask for sides from 1 to {LARGEST_PX}")
    if not isinstance(size, tuple):
        return max(1, round(height * size / max(height, width))), max(1, round(width * size / max(height, width)))
    across, down = size[1] / width, size[0] / height
    if abs(across - down) > max(_CROOKED * max(across, down), 1 / min(height, width)):
        raise InputError(
            f"a picture of {width}x{height} px would be distorted at {size[1]}x{size[0]}; ask for its longer side"
        )
    return size


def _by_area(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    if picture.shape[:2] == (height, width):
        return picture.copy()
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
