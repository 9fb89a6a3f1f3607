"""One face of a font file: what it covers, its measures, and the same face set to a weight and a width.

HarfBuzz reads it, from memory or mapped from disk: of a collection of 30 MB only what is used is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import uharfbuzz as hb

from pipeline.errors import InputError

_OUTLINES = frozenset({"glyf", "CFF ", "CFF2"})

_SLANT = 0.2
"""How far letters lean for each unit of height, where a family has no italics."""

_DEFAULT_CAP = 0.7
"""In em, of a font that does not say how high its capitals are."""


class Box(NamedTuple):
    """A rectangle. In em, y grows upwards from the baseline; in pixels, downwards from the top."""

    x0: float
    y0: float
    x1: float
    y1: float


def around(boxes: Sequence[Box]) -> Box | None:
    """The box around all of these, None around none."""
    if not boxes:
        return None
    sides = list(zip(*boxes, strict=True))
    return Box(min(sides[0]), min(sides[1]), max(sides[2]), max(sides[3]))


class Face:
    """A font's face, of a path or bytes the one at `index`. `name` is what errors call it.

    Raises: InputError if it cannot be read.
    """

    def __init__(self, name: str, font: Path | bytes, index: int = 0) -> None:
        self.name = name
        try:
            blob = hb.Blob.from_file_path(font) if isinstance(font, Path) else hb.Blob(font)
        except hb.HarfBuzzError as error:
            raise InputError(f"font {name}: cannot be read") from error
        self._face = hb.Face(blob, index)
        self._plain = hb.Font(self._face)
        self._axes = {axis.tag: (axis.min_value, axis.max_value) for axis in self._face.axis_infos}
        self._settings: dict[tuple[float, float, bool, float], Setting] = {}
        self._lock = Lock()

    def check(self) -> None:
        """That there are letters to draw. Raises: InputError if there are none."""
        if not _OUTLINES & set(self._face.table_tags) or not self._face.glyph_count or not self._face.unicodes:
            raise InputError(f"font {self.name}: has no outlines of letters; an OpenType or TrueType font has")

    @cached_property
    def family(self) -> str:
        """The family's name, as `Noto Sans`."""
        names = hb.OTNameIdPredefined
        return self._face.get_name(names.TYPOGRAPHIC_FAMILY) or self._face.get_name(names.FONT_FAMILY) or self.name

    @cached_property
    def weights(self) -> tuple[float, float]:
        """The lightest and the boldest there is, from 1 to 1000."""
        own = self._plain.get_style_value(hb.StyleTag.WEIGHT)
        return self._axes.get("wght", (own, own))

    @cached_property
    def stretches(self) -> tuple[float, float]:
        """The narrowest and the widest there is, in per cent."""
        own = self._plain.get_style_value(hb.StyleTag.WIDTH)
        return self._axes.get("wdth", (own, own))

    @cached_property
    def is_italic(self) -> bool:
        """Whether its letters are italic as they are."""
        return bool(self._plain.get_style_value(hb.StyleTag.ITALIC))

    @cached_property
    def can_lean(self) -> bool:
        """Whether an axis of its own makes its letters italic."""
        return bool({"ital", "slnt"} & set(self._axes))

    def covers(self, letters: str) -> bool:
        """Whether there is a glyph for each of these characters."""
        return all(self._plain.get_nominal_glyph(ord(letter)) for letter in letters)

    def setting(self, *, weight: float, stretch: float, italic: bool, size_px: float) -> Setting:
        """The face at a weight, a width in per cent and an optical size; each as near as it can come."""
        key = (weight, stretch, italic, size_px if "opsz" in self._axes else 0)
        with self._lock:
            if key not in self._settings:
                self._settings[key] = self._set(*key)
            return self._settings[key]

    def _set(self, weight: float, stretch: float, italic: bool, size_px: float) -> Setting:
        font = hb.Font(self._face)
        wanted = {"wght": weight, "wdth": stretch, "opsz": size_px}
        if italic:
            wanted |= {"ital": 1, "slnt": -90}
        values = {tag: min(max(wanted[tag], low), high) for tag, (low, high) in self._axes.items() if tag in wanted}
        if values:
            font.set_variations(values)
        if italic and not self.is_italic and not self.can_lean:
            font.synthetic_slant = _SLANT
        return Setting(self, font)


@dataclass(eq=False)
class Setting:
    """A face at one weight, width and slant: what text is shaped and drawn with. Lengths are in em."""

    face: Face
    font: hb.Font
    _boxes: dict[int, Box | None] = field(default_factory=dict)

    @cached_property
    def em(self) -> float:
        """The font's units in one em."""
        return float(self.font.face.upem)

    @cached_property
    def cap_height(self) -> float:
        """How high capitals are."""
        height = self.font.get_metric_position(hb.OTMetricsTag.CAP_HEIGHT)
        return height / self.em if height else _DEFAULT_CAP

    def advance(self, letter: str) -> float:
        """How wide a letter is on its own."""
        return self.font.get_glyph_h_advance(self.font.get_nominal_glyph(ord(letter)) or 0) / self.em

    def box(self, glyph: int) -> Box | None:
        """Where a glyph has ink, None if nowhere."""
        if glyph not in self._boxes:
            found = self.font.get_glyph_extents(glyph)
            self._boxes[glyph] = None
            if found is not None and found.width and found.height:
                left, top = found.x_bearing / self.em, found.y_bearing / self.em
                self._boxes[glyph] = Box(left, top + found.height / self.em, left + found.width / self.em, top)
        return self._boxes[glyph]
