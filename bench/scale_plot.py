"""The picture of docs/benchmarks.md: what a chunk costs in farms of different size. Drawn with Pillow alone."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_SIZE = (960, 540)
_BOX = (90, 70, 700, 460)
"""Left, top, right and bottom of the axes, in px."""
_INK, _FAINT = "#222222", "#dddddd"

SERIES = {
    "workers": ("#1f6fb4", "CPU of workers"),
    "redis": ("#c23b22", "CPU of Redis"),
    "reconciler": ("#3a8f4d", "CPU of the reconciler"),
    "wait": ("#8a5fb0", "end of a chunk to next lease"),
}
"""Colour and legend of each line."""

Point = tuple[int, float]
"""Chunks in the farm, ms a chunk."""


def points(measured: Mapping[str, Any]) -> dict[str, list[Point]]:
    """Each line's points: medians over the runs of one size."""
    found: dict[str, dict[int, list[float]]] = {name: defaultdict(list) for name in SERIES}
    for run in measured["runs"]:
        for name in SERIES:
            value = run["pace"]["wait_ms"] if name == "wait" else run["cost"][f"{name}_ms"]
            found[name][run["chunks"]].append(value)
    return {
        name: [(chunks, statistics.median(values)) for chunks, values in sorted(rows.items())]
        for name, rows in found.items()
    }


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis from one power of ten, or less, to another."""

    least: float
    most: float
    begin: float
    end: float
    """In px."""

    def __call__(self, value: float) -> float:
        """Where a value lies, in px."""
        low, high = math.log10(self.least), math.log10(self.most)
        part = (math.log10(max(value, self.least)) - low) / (high - low)
        return self.begin + part * (self.end - self.begin)

    @property
    def ticks(self) -> list[float]:
        """The powers of ten on it."""
        low, high = math.ceil(math.log10(self.least) - 1e-9), math.floor(math.log10(self.most) + 1e-9)
        return [10.0**power for power in range(low, high + 1)]


def draw(measured: Mapping[str, Any], path: Path) -> None:
    """Draw a measurement's lines into a PNG file."""
    lines = points(measured)
    values = [value for row in lines.values() for _, value in row if value > 0]
    sizes = [chunks for row in lines.values() for chunks, _ in row]
    left, top, right, bottom = _BOX
    across = Axis(0.8 * min(sizes), 1.25 * max(sizes), left, right)
    floor = 10.0 ** math.floor(math.log10(min(values)))
    up = Axis(floor, max(10 * floor, 10.0 ** math.ceil(math.log10(max(values)))), bottom, top)
    image = Image.new("RGB", _SIZE, "white")
    pen = ImageDraw.Draw(image)
    _axes(pen, across, up, sorted(set(sizes)))
    for name, row in lines.items():
        _line(pen, [(across(chunks), up(value)) for chunks, value in row if value > 0], SERIES[name][0])
    _legend(pen, lines)
    image.save(path, optimize=True)


def _axes(pen: ImageDraw.ImageDraw, across: Axis, up: Axis, sizes: Sequence[int]) -> None:
    left, top, right, bottom = _BOX
    pen.text((left, 24), "What a chunk costs as the farm grows", font=_font(22), fill=_INK)
    pen.text((left, bottom + 44), "chunks in the farm", font=_font(15), fill=_INK)
    pen.text((left, top - 22), "ms a chunk", font=_font(15), fill=_INK)
    for value in up.ticks:
        pen.line([(left, up(value)), (right, up(value))], fill=_FAINT)
        pen.text((left - 10, up(value)), f"{value:g}", font=_font(14), fill=_INK, anchor="rm")
    for size in sizes:
        pen.line([(across(size), top), (across(size), bottom)], fill=_FAINT)
        pen.text((across(size), bottom + 10), f"{size:,}", font=_font(14), fill=_INK, anchor="ma")
    pen.line([(left, top), (left, bottom), (right, bottom)], fill=_INK, width=2)


def _line(pen: ImageDraw.ImageDraw, corners: Sequence[tuple[float, float]], colour: str) -> None:
    pen.line(corners, fill=colour, width=3)
    for x, y in corners:
        pen.ellipse([x - 5, y - 5, x + 5, y + 5], fill=colour)


def _legend(pen: ImageDraw.ImageDraw, lines: Mapping[str, Sequence[Point]]) -> None:
    y = _BOX[1] + 10.0
    for name, row in lines.items():
        colour, words = SERIES[name]
        pen.ellipse([720, y + 3, 730, y + 13], fill=colour)
        pen.text((738, y), words, font=_font(14), fill=_INK)
        ends = " to ".join(f"{value:.2g}" for _, value in (row[0], row[-1]))
        pen.text((738, y + 19), f"{ends} ms", font=_font(14), fill=colour)
        y += 56


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
