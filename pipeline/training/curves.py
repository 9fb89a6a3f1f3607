"""A training's numbers as curves over the thousands of images seen: one picture, drawn with Pillow alone."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from pipeline.training.record import Row

_PANEL = (460, 240)
_BOX = (64, 40, 440, 200)
"""Left, top, right and bottom of a panel's axes, in px."""
_INK, _FAINT, _DOT = "#222222", "#dddddd", 3

Line = tuple[str, str, str]
"""Name in the rows, words, colour."""

Panels = tuple[tuple[str, tuple[Line, ...]], ...]
"""What each panel shows: its title, and its lines."""


def encode(rows: Sequence[Row], title: str, panels: Panels, *, along: str = "thousand images") -> bytes:
    """The plot as a PNG file. `along`: what `kimg` counts."""
    file = io.BytesIO()
    draw(rows, title, panels, along=along).save(file, "PNG", optimize=True)
    return file.getvalue()


def draw(rows: Sequence[Row], title: str, panels: Panels, *, along: str = "thousand images") -> Image.Image:
    """Two panels beside each other, two below, and so on; where there is no number, no point."""
    page = Image.new("RGB", (2 * _PANEL[0], -(-len(panels) // 2) * _PANEL[1] + 30), "white")
    ImageDraw.Draw(page).text((_BOX[0], 5), title, _INK, _font(18))
    for at, (name, lines) in enumerate(panels):
        corner = (at % 2 * _PANEL[0], 30 + at // 2 * _PANEL[1])
        page.paste(_panel(rows, name, lines, along), corner)
    return page


@dataclass(frozen=True)
class Axis:
    """From one number to another, in px from `begin` to `end`."""

    least: float
    most: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value lies, in px."""
        return self.begin + (value - self.least) / (self.most - self.least) * (self.end - self.begin)

    @property
    def ticks(self) -> list[float]:
        """Three to six round numbers on it."""
        step = 10.0 ** math.floor(math.log10(self.most - self.least))
        step *= next(part for part in (0.2, 0.5, 1, 2) if (self.most - self.least) / (step * part) <= 6)
        first = math.ceil(self.least / step - 1e-9)
        return [step * number for number in range(first, math.floor(self.most / step + 1e-9) + 1)]


def _axis(values: Sequence[float], begin: float, end: float) -> Axis:
    least, most = min([0.0, *values]), max(values, default=1.0)
    return Axis(least, most if most > least else least + 1, begin, end)


def _panel(rows: Sequence[Row], name: str, lines: Sequence[Line], along: str) -> Image.Image:
    panel = Image.new("RGB", _PANEL, "white")
    pen = ImageDraw.Draw(panel)
    left, top, right, bottom = _BOX
    across = _axis([row["kimg"] for row in rows], left, right)
    up = _axis([row[key] for row in rows for key, _, _ in lines if key in row], bottom, top)
    for value in up.ticks:
        pen.line([(left, up(value)), (right, up(value))], fill=_FAINT)
        pen.text((left - 6, up(value)), f"{value:.4g}", _INK, _font(12), anchor="rm")
    for value in across.ticks:
        pen.text((across(value), bottom + 5), f"{value:.4g}", _INK, _font(12), anchor="ma")
    pen.line([(left, top), (left, bottom), (right, bottom)], fill=_INK)
    pen.text((left, top - 18), name, _INK, _font(14))
    pen.text((right, bottom + 22), along, _INK, _font(12), anchor="ra")
    x = right
    for key, words, colour in reversed(lines):
        corners = [(across(row["kimg"]), up(row[key])) for row in rows if key in row]
        _curve(pen, corners, colour)
        pen.text((x, top - 16), words, colour, _font(12), anchor="ra")
        x -= round(pen.textlength(words, _font(12))) + 12
    return panel


def _curve(pen: ImageDraw.ImageDraw, corners: Sequence[tuple[float, float]], colour: str) -> None:
    if len(corners) > 1:
        pen.line(corners, fill=colour, width=2)
    for x, y in corners:
        pen.ellipse([x - _DOT, y - _DOT, x + _DOT, y + _DOT], fill=colour)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
