"""The photograph as the generator would have made it: square, of its size."""

from __future__ import annotations

from torch import Tensor

from pipeline.artwork.painting import check_picture, resize
from pipeline.portraits.projection.face import LEAST_PX, Box, check_face, check_photograph


def target_of(photograph: Tensor, resolution: int, *, face: Box | None = None) -> Tensor:
    """The largest square in the middle of `(1, 3, H, W)` float in [0, 1], or the one about a face, at this resolution.

    A square that would reach beyond the photograph's edge is moved, and made smaller if it must be.
    Raises: MediaError if the photograph is no picture, is smaller than 16 px, or the face lies outside of it.
    """
    check_picture(photograph, "the photograph")
    height, width = photograph.shape[2:]
    check_photograph(width, height)
    left, top, right, bottom = (0, 0, width, height) if face is None else face
    check_face((left, top, right, bottom), width, height)
    wanted = min(right - left, bottom - top) if face is None else max(right - left, bottom - top)
    side = max(min(wanted, width, height), min(LEAST_PX, width, height))
    rows, columns = _about(top + bottom, side, height), _about(left + right, side, width)
    return resize(photograph[..., rows, columns], resolution, resolution)


def _about(twice_the_middle: int, side: int, length: int) -> slice:
    start = min(max((twice_the_middle - side) // 2, 0), length - side)
    return slice(start, start + side)
