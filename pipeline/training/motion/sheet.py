"""A sheet of stick figures: what the generator does in each class, of the same seeds each time, so that sheets can be
leafed through."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.models.motion.network import MotionGenerator
from pipeline.motion.clip import Clip, posed
from pipeline.motion.figure import FIGURE
from pipeline.motion.generation import generate

COLUMNS = 16
"""Moments of each clip."""
MOST_ROWS = 12
"""Classes that are shown; of more, the first."""

_SECONDS = 3.0
_TILE = (76, 112)
_METRE_PX = 50.0
_PAPER, _FLOOR, _LABEL, _TITLE = (17, 18, 20), (44, 46, 50), (150, 152, 156), (240, 240, 238)
_LEFT, _RIGHT, _MIDDLE = (96, 165, 250), (248, 140, 110), (200, 202, 206)
_MARGIN, _FOOT, _HEAD = 8, 36, 18
_TURN = np.radians(50)
"""Seen from so far beside the front."""


def draw(generator: MotionGenerator, *, title: str, note: str) -> np.ndarray:
    """The sheet as (H, W, 3) uint8 sRGB, of even sides; the generator is in evaluation mode."""
    shown = generator.config.classes[:MOST_ROWS]
    across, down = COLUMNS * _TILE[0] + 2 * _MARGIN, len(shown) * (_TILE[1] + _HEAD) + _MARGIN + _FOOT
    page = Image.new("RGB", (across + across % 2, down + down % 2), _PAPER)
    pen, small, large = ImageDraw.Draw(page), ImageFont.load_default(size=12), ImageFont.load_default(size=16)
    for row, action in enumerate(shown):
        top = _MARGIN + row * (_TILE[1] + _HEAD)
        pen.text((_MARGIN, top), action, _LABEL, small)
        clip = generate(generator, [(action, _SECONDS)], seed=row, rate=generator.config.rate)
        _figures(pen, clip, top + _HEAD)
    pen.text((_MARGIN, page.height - _FOOT // 2), title, _TITLE, large, anchor="lm")
    pen.text((page.width - _MARGIN, page.height - _FOOT // 2), note, _LABEL, large, anchor="rm")
    return np.asarray(page)


def _figures(pen: ImageDraw.ImageDraw, clip: Clip, top: int) -> None:
    pose = posed(clip)
    floor = top + _TILE[1] - 6
    pen.line([(_MARGIN, floor), (_MARGIN + COLUMNS * _TILE[0], floor)], _FLOOR)
    for column, frame in enumerate(np.linspace(0, clip.frames - 1, COLUMNS).round().astype(int)):
        middle = _MARGIN + (column + 0.5) * _TILE[0]
        places = pose.positions[frame] - pose.positions[frame, 0] * [1, 0, 1]
        tips = pose.tips[frame] - pose.positions[frame, 0] * [1, 0, 1]
        ends = [(joint, places[joint], places[parent]) for joint, parent in enumerate(FIGURE.parents) if parent >= 0]
        ends += [(joint, tip, places[joint]) for (joint, _), tip in zip(FIGURE.tips, tips, strict=True)]
        for joint, *both in ends:
            line = [_seen(point, middle, floor) for point in both]
            pen.line(line, _colour(FIGURE.names[joint]), 2)


def _seen(point: np.ndarray, middle: float, floor: float) -> tuple[float, float]:
    beside = point[0] * np.cos(_TURN) - point[2] * np.sin(_TURN)
    return middle + _METRE_PX * beside, floor - _METRE_PX * point[1]


def _colour(name: str) -> tuple[int, int, int]:
    return _LEFT if name.startswith("Left") else _RIGHT if name.startswith("Right") else _MIDDLE
