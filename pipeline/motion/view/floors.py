"""The floor, y = 0, as a camera sees it."""

from __future__ import annotations

import numpy as np

from pipeline.motion.view.body import Parts
from pipeline.motion.view.quadrics import Quadrics
from pipeline.motion.view.surfaces import Surfaces
from pipeline.motion.view.views import View

_SINK_M = 0.008
"""Over which a surface vanishes behind the floor."""


def horizon(view: View) -> int:
    """The first row in which there is floor."""
    row = view.middle[1] - view.focal * np.tan(view.elevation)
    return int(np.clip(np.ceil(row + 2), 0, view.height))


def of_pixels(view: View) -> np.ndarray:
    """`(3, 3)`: from (column, row, 1) of pixels' middles to (x, z, 1) on the floor, up to a factor."""
    x, y = view.middle
    to_rays = np.array(
        [[1 / view.focal, 0, (0.5 - x) / view.focal], [0, 1 / view.focal, (0.5 - y) / view.focal], [0, 0, 1]]
    )
    rays = view.turn.T @ to_rays
    eye_x, height, eye_z = view.eye
    # The floor is so many rays away: height over the ray's way down.
    return np.stack([height * rays[0] - eye_x * rays[1], height * rays[2] - eye_z * rays[1], -rays[1]])


def hide_below(made: Surfaces, parts: Parts, shapes: Quadrics, view: View) -> None:
    """Take away what is seen of surfaces below the floor: recorded feet sink into it."""
    lowest = np.minimum(parts.starts[:, 1] - parts.radii[:, 0], parts.stops[:, 1] - parts.radii[:, 1])
    boxes = shapes.boxes[lowest[shapes.parts] < 0]
    if not len(boxes) or view.eye[1] <= 0:
        return
    left, top = boxes[:, :2].min(axis=0) - made.box[:2]
    right, bottom = boxes[:, 2:].max(axis=0) - made.box[:2]
    rows = np.arange(top, bottom) + made.box[1]
    down = of_pixels(view)[2]
    # Above the horizon the floor is nowhere.
    slopes = np.maximum(down[1] * rows + down[2], 1e-6)
    floor = (view.eye[1] / slopes).astype(np.float32)[:, None]
    here = np.s_[top:bottom, left:right]
    made.cover[here] *= np.clip((floor - made.depth[here]) / _SINK_M + 1, 0, 1)
