"""The photograph as the generator would have made it: square, of its size."""

from __future__ import annotations

from torch import Tensor

from pipeline.artwork.painting import check_picture, resize
from pipeline.errors import MediaError

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px, half-open."""

_LEAST_PX = 16


def target_of(photograph: Tensor, resolution: int, *, face: Box | None = None) -> Tensor:
    """The largest square in the middle of `(1, 3, H, W)` float in [0, 1], or the one about a face, at this resolution.

    A square that would reach beyond the photograph's edge is moved, and made smaller if it must be.
    Raises: MediaError if the photograph is no picture, is smaller than 16 px, or the face lies outside of it.
    """
    check_picture(photograph, "the photograph")
    height, width = photograph.shape[2:]
    if min(height, width) < _LEAST_PX:
        raise MediaError(f"the photograph: is {width}x{height} px; nothing can be seen in less than {_LEAST_PX} px")
    left, top, right, bottom = (0, 0, width, height) if face is None else face
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise MediaError(f"the face: {face} lies outside of the photograph, which is {width}x{height} px")
    wanted = min(right - left, bottom - top) if face is None else max(right - left, bottom - top)
    side = max(min(wanted, width, height), min(_LEAST_PX, width, height))
    rows, columns = _about(top + bottom, side, height), _about(left + right, side, width)
    return resize(photograph[..., rows, columns], resolution, resolution)


def _about(twice_the_middle: int, side: int, length: int) -> slice:
    start = min(max((twice_the_middle - side) // 2, 0), length - side)
    return slice(start, start + side)
