"""A chain of edits over pictures: pixels in, pixels out, float32 between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from pipeline.errors import MediaError
from pipeline.retouch.brief import Step
from pipeline.retouch.edit import Brush, Edit, Moment


class Chain:
    """Edits, one after the other. Made once; edits pictures from any thread."""

    def __init__(self, brushes: Sequence[Brush]) -> None:
        self._brushes = tuple(brushes)

    @classmethod
    def of(cls, steps: Sequence[Step], file: Callable[[int], bytes]) -> Chain:
        """`file(n)`: what lies in the plan's nth file. Raises: InputError if a file cannot be used."""
        read = [{key: file(place) for key, place in step.files.items()} for step in steps]
        return cls([step.read().brush(files) for step, files in zip(steps, read, strict=True)])

    def edit(self, pixels: np.ndarray, moment: Moment, *, deep: bool) -> np.ndarray:
        """A picture, (H, W, 3) uint8 or uint16 sRGB, edited: uint16 if deep, else uint8. No edits change no value.

        Raises: MediaError if it cannot be edited, as too small a picture cannot be cropped.
        """
        return to_pixels(self.run(to_floats(pixels), moment), deep=deep)

    def run(self, picture: np.ndarray, moment: Moment) -> np.ndarray:
        """The same between pictures of float32."""
        for brush in self._brushes:
            picture = brush(picture, moment)
        return picture


def sizes(edits: Sequence[Edit], width: int, height: int) -> tuple[int, int]:
    """The size that edits give a picture of this one, px. Raises: MediaError."""
    for edit in edits:
        width, height = edit.sized(width, height)
    return width, height


def settled(
    edits: Sequence[Edit], files: Sequence[Mapping[str, bytes]], pictures: Sequence[np.ndarray]
) -> tuple[Edit, ...]:
    """The edits with what depends on what is seen decided by some of a film's frames, float32."""
    made: list[Edit] = []
    for edit, read in zip(edits, files, strict=True):
        made.append(edit.settled(pictures))
        brush = made[-1].brush(read)
        pictures = [brush(picture, Moment()) for picture in pictures]
    return tuple(made)


def to_floats(pixels: np.ndarray) -> np.ndarray:
    """uint8 or uint16 → float32 in [0, 1]. Raises: MediaError if the array is no picture."""
    if pixels.dtype not in (np.uint8, np.uint16):
        raise MediaError(f"a picture is uint8 or uint16, not {pixels.dtype}")
    return pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max)


def to_pixels(picture: np.ndarray, *, deep: bool) -> np.ndarray:
    """float32 → uint16 if deep, else uint8; what lies beyond black and white is cut off, halves round to even."""
    kind = np.uint16 if deep else np.uint8
    return np.rint(np.clip(picture, 0, 1) * np.float32(np.iinfo(kind).max)).astype(kind)
