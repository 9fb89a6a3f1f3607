"""What a room measures, so that directions can be learnt: by its plan, and by the pixels of its picture."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.drawing.colour import to_oklab
from pipeline.drawing.rooms.attributes import Room
from pipeline.drawing.rooms.drawing import draw
from pipeline.drawing.rooms.plan import Plan
from pipeline.drawing.rooms.space import Space, disc, flat
from pipeline.errors import InputError

MEANINGS: dict[str, str] = {
    "brightness": "mean lightness of the picture: OKLab L, 0 to 1",
    "warmth": "how golden rather than blue the picture is: its mean OKLab b",
    "contrast": "how far light and dark are apart: the standard deviation of OKLab L",
    "saturation": "how colourful the picture is: its mean OKLab chroma",
    "window": "share of the picture that the window takes",
    "daylight": "how bright the day outside is, from night at 0 to noon at 1",
    "clutter": "how many small things stand about, from none at 0 to eight at 1",
    "plants": "how much grows, from none at 0 to two large plants at 1",
    "art": "share of the picture that framed art takes, 0 for none",
    "rug": "share of the picture that the rug takes, 0 for none",
    "lamp": "how much light the lamp gives, 0 when it is off or not there",
    "ceiling": "height of the room in metres",
    "sofa": "width of the sofa in metres",
}
"""Each measure, in a line."""

MEASURED = ("brightness", "warmth", "contrast", "saturation", "clutter")
"""Those that `measure_pixels` finds in any picture, in order."""

MEASURES = tuple(MEANINGS)
"""Their names, in order."""

_SIDE = 64
"""Pixels along a side of the picture whose tones are measured."""
_LONG = 128
"""Pixels along the longer side of a picture whose edges are counted."""
_EDGE = 0.05
"""Lightness from one pixel to the next that makes an edge."""


def measures(room: Room, picture: np.ndarray | None = None) -> dict[str, float]:
    """Every one of MEASURES. Tones are those of `picture` (H, W, 3) uint8, if the room has been drawn already."""
    plan = Plan.of(room)
    tones = measure_pixels(draw(room, _SIDE) if picture is None else picture)
    window = plan.window
    values = {
        "window": _share(plan.space, plan.space.panel(window.wall, window.along, window.up)),
        "daylight": room.daylight,
        "clutter": room.clutter,
        "plants": sum(spot.size for spot in plan.plants) / 2,
        "art": sum(_share(plan.space, plan.space.panel(hung.wall, hung.along, hung.up)) for hung in plan.art),
        "rug": _rug(room, plan),
        "lamp": room.lamp if plan.lamp else 0.0,
        "ceiling": plan.space.height,
        "sofa": plan.sofa.x[1] - plan.sofa.x[0],
    }
    return {name: float(values[name] if name in values else tones[name]) for name in MEASURES}


def measure_pixels(picture: np.ndarray) -> dict[str, float]:
    """Brightness, warmth, contrast, saturation and clutter of any picture (H, W, 3) uint8, sRGB.

    Clutter is the share of pixels that lie on an edge, when the longer side is 128 px.

    Raises: InputError for an array that is not a picture.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
        raise InputError(f"picture: {picture.shape} {picture.dtype} is not a picture, which is (H, W, 3) uint8")
    scale = _LONG / max(picture.shape[:2])
    height, width = (max(round(side * scale), 2) for side in picture.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    lab = to_oklab(cv2.resize(picture, (width, height), interpolation=way) * np.float32(1 / 255))
    lightness = lab[..., 0]
    down, right = np.gradient(lightness)
    return {
        "brightness": float(lightness.mean()),
        "warmth": float(lab[..., 2].mean()),
        "contrast": float(lightness.std()),
        "saturation": float(np.hypot(lab[..., 1], lab[..., 2]).mean()),
        "clutter": float((np.hypot(down, right) > _EDGE).mean()),
    }


def _rug(room: Room, plan: Plan) -> float:
    rug = plan.rug
    if rug is None:
        return 0.0
    if room.rug_form == "round":
        return _share(plan.space, disc(rug.middle, (rug.x[1] - rug.x[0]) / 2))
    return _share(plan.space, flat(rug.x, rug.z))


def _share(space: Space, points: np.ndarray) -> float:
    """How much of the picture a convex polygon (M, 3) takes, whatever stands before it."""
    outline = space.project(points)
    for axis in (0, 1):
        for sign, edge in ((1.0, 0.0), (-1.0, -1.0)):
            outline = _clipped(outline, sign * outline[:, axis] - edge)
            if not len(outline):
                return 0.0
    x, y = outline.T
    return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2


def _clipped(outline: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The part of a polygon (M, 2) whose corners are so far inside (M,) an edge; outside is below 0."""
    kept = []
    for at in range(len(outline)):
        here, before = inside[at], inside[at - 1]
        if (here >= 0) != (before >= 0):
            kept.append(outline[at - 1] + (outline[at] - outline[at - 1]) * (before / (before - here)))
        if here >= 0:
            kept.append(outline[at])
    return np.array(kept).reshape(-1, 2)
