"""Whether a photograph, and a face in it, can be projected. Torch-free; what is cut out is target.py's."""

from __future__ import annotations

from pipeline.errors import MediaError

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px, half-open."""

LEAST_PX = 16
"""Of a photograph's sides."""


def check_photograph(width: int, height: int, *, where: str = "the photograph") -> None:
    """Raises: MediaError if it is too small."""
    if min(width, height) < LEAST_PX:
        raise MediaError(f"{where}: is {width}x{height} px; nothing can be seen in less than {LEAST_PX} px")


def check_face(face: Box, width: int, height: int) -> None:
    """Raises: MediaError if a face is empty, or lies outside of its photograph."""
    left, top, right, bottom = face
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise MediaError(f"face: {list(face)} lies outside of the photograph, which is {width}x{height} px")
