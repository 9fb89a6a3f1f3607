"""A poster's canvas: its size, which format that is, and the area that no app and no trimmer covers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.errors import InputError

Format = Literal["square", "portrait", "tall", "wide"]
"""1:1; 4:5 and A3; 9:16; 16:9. A template may place its layers otherwise in each."""

FORMATS: tuple[Format, ...] = ("square", "portrait", "tall", "wide")

NAMED = {
    "square": (1080, 1080),
    "portrait": (1080, 1350),
    "story": (1080, 1920),
    "wide": (1920, 1080),
    "a3": (3508, 4961),
    "a3-wide": (4961, 3508),
}
"""Sizes by name. A3 is 297 x 420 mm at 300 dpi."""

SMALLEST, LARGEST = 64, 10_000
"""Pixels of a side."""

_MARGIN = 6.0
_TALL_TOP, _TALL_BOTTOM = 0.13, 0.18
"""What apps cover of a story with names and buttons: about 250 and 340 of 1920 px."""

_WRITTEN = re.compile(r"([0-9]{1,6})\s*[xX\u00d7]\s*([0-9]{1,6})")


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, from the upper left corner; sides may lie between pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


@dataclass(frozen=True)
class Canvas:
    """A canvas of so many pixels."""

    width: int
    height: int
    free_top: float = 0.0
    """What is left free at the upper edge for a label, in hundredths of the shorter side."""
    free_bottom: float = 0.0

    @property
    def whole(self) -> Box:
        """All of it."""
        return Box(0, 0, self.width, self.height)

    @property
    def unit(self) -> float:
        """A hundredth of the shorter side, in pixels."""
        return min(self.width, self.height) / 100

    @property
    def format(self) -> Format:
        """Which of the formats the canvas is nearest to."""
        aspect = self.width / self.height
        if aspect > 1.15:
            return "wide"
        if aspect >= 0.9:
            return "square"
        return "portrait" if aspect >= 0.62 else "tall"

    @property
    def safe(self) -> Box:
        """Where words are neither covered by an app's buttons nor trimmed away."""
        margin = _MARGIN * self.unit
        top, bottom = margin, margin
        if self.format == "tall":
            top, bottom = _TALL_TOP * self.height, _TALL_BOTTOM * self.height
        top, bottom = max(top, self.free_top * self.unit), max(bottom, self.free_bottom * self.unit)
        return Box(margin, top, self.width - 2 * margin, self.height - top - bottom)


def parse_size(text: str) -> Canvas:
    """`1080x1350`, or a size's name. Raises: InputError if it is neither, or too small or large to make."""
    if text in NAMED:
        return Canvas(*NAMED[text])
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text!r} is no size; write 1080x1350, or one of {', '.join(NAMED)}")
    width, height = int(match[1]), int(match[2])
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise InputError(f"{text}: a poster's sides are {SMALLEST} to {LARGEST:,} px")
    return Canvas(width, height)
