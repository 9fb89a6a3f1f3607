"""The way of a camera through a film: a View for each frame.

It is made of the whole motion before anything is drawn. So it is smooth without lagging behind, and any frame's view is
the same whoever asks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from pipeline.motion.clip import Pose
from pipeline.motion.figure import FIGURE
from pipeline.motion.rotations import from_matrices, yaw_of
from pipeline.motion.view.body import BLADE
from pipeline.motion.view.cameras import Camera, Fixed, Follow, Orbit
from pipeline.motion.view.figures import Prop
from pipeline.motion.view.views import View, axes, direction

_CALM_S = 0.55
"""Sigma of what swaying is smoothed with: a stride is twice as long."""

_TURN_S = 1.2
"""The same for turning round with a figure."""

_AHEAD_S, _AHEAD_M = 0.3, 0.35
"""So far before a figure is what the camera looks at: where it will be then, and never so many metres."""

_MARGIN = 0.8
"""Of the picture's half width and half height, which figures may fill."""

_FLAT_M = 0.35
"""The camera stays at one height where figures go up and down by less than that."""

_BODY_M = 0.13
"""From the joints to the body's skin."""


class CameraPath:
    """Views of all frames."""

    def __init__(
        self,
        camera: Camera,
        poses: Sequence[Pose],
        props: Sequence[Prop | None],
        *,
        width: int,
        height: int,
        rate: Fraction,
    ) -> None:
        """`poses`, `props`: of every figure. Whose motion ends before others' stands still."""
        self._width, self._height = width, height
        frames = max(len(pose.positions) for pose in poses)
        points = np.concatenate([_points(*both, frames) for both in zip(poses, props, strict=True)], axis=1)
        roots = np.stack([_longer(pose.positions[:, 0], frames) for pose in poses], axis=1)
        self._azimuths = _azimuths(camera, _longer(poses[0].turns[:, 0], frames), rate)
        self._elevation = math.radians(camera.height_deg)
        self._focal = height / 2 / math.tan(math.radians(camera.lens_deg) / 2)
        self._targets = _targets(camera, points, roots, rate)
        self.distance = self._framed(points) / camera.zoom
        """Metres from what it looks at."""

    @property
    def start(self) -> float:
        """Radians: where the camera stands in the first frame."""
        return float(self._azimuths[0])

    @property
    def is_still(self) -> bool:
        """Whether all frames have one view."""
        return not (np.ptp(self._azimuths) or np.ptp(self._targets, axis=0).any())

    def target(self, frame: int) -> np.ndarray:
        """`(3,)` metres: what the camera looks at."""
        made: np.ndarray = self._targets[min(frame, len(self._targets) - 1)]
        return made

    def view(self, frame: int) -> View:
        """After the last frame, as in it."""
        frame = min(frame, len(self._azimuths) - 1)
        azimuth = float(self._azimuths[frame])
        eye = self._targets[frame] + self.distance * direction(azimuth, self._elevation)
        return View(eye, azimuth, self._elevation, self._focal, self._width, self._height)

    def _framed(self, points: np.ndarray) -> float:
        """The least distance from which every point is in the picture, in all frames; raises or lowers the target."""
        # What is above and below the middle depends on the distance, a little.
        for _ in range(3):
            seen = self._seen(points)
            slopes = np.array([self._width, self._height]) / 2 / self._focal * _MARGIN
            over = [seen[..., axis] * sign / slopes[axis] - seen[..., 2] for axis in (0, 1) for sign in (-1, 1)]
            needed = [float(side.max()) for side in over]
            self._targets[:, 1] -= (needed[3] - needed[2]) / 2 * slopes[1]
        seen = self._seen(points)
        return float((np.abs(seen[..., :2]) / slopes - seen[..., 2:]).max()) + 2 * _BODY_M

    def _seen(self, points: np.ndarray) -> np.ndarray:
        """Points along the camera's axes, from its target."""
        turns = np.stack([axes(float(azimuth), self._elevation) for azimuth in self._azimuths])
        return np.einsum("fij,fnj->fni", turns, points - self._targets[:, None])


def _points(pose: Pose, prop: Prop | None, frames: int) -> np.ndarray:
    """`(frames, n, 3)`: what is to be in the picture."""
    made = [pose.positions, pose.tips]
    if prop == "sword":
        hand = FIGURE.index["RightHand"]
        made.append((pose.positions[:, hand] + pose.turns[:, hand] @ np.array(BLADE[1]))[:, None])
    return _longer(np.concatenate(made, axis=1), frames)


def _longer(values: np.ndarray, frames: int) -> np.ndarray:
    """The last one again and again."""
    return np.concatenate([values, np.repeat(values[-1:], frames - len(values), axis=0)])


def _azimuths(camera: Camera, hips: np.ndarray, rate: Fraction) -> np.ndarray:
    """Radians, of each frame. `hips`: `(frames, 3, 3)`, how the first figure's are turned."""
    yaw, frames = np.unwrap(yaw_of(from_matrices(hips))), len(hips)
    if isinstance(camera, Orbit):
        turn = 2 * math.pi * np.arange(frames) / (camera.turn_s * float(rate))
        return yaw[0] + math.radians(camera.start_deg) + turn
    side = math.radians(camera.side_deg)
    if isinstance(camera, Follow) and camera.turns:
        return _calm(yaw[:, None], _TURN_S * float(rate))[:, 0] + side
    return np.full(frames, yaw[0] + side)


def _targets(camera: Camera, points: np.ndarray, roots: np.ndarray, rate: Fraction) -> np.ndarray:
    """`(frames, 3)`: what the camera looks at."""
    if isinstance(camera, Fixed):
        every = points.reshape(-1, 3)
        middle = (every.min(axis=0) + every.max(axis=0)) / 2
        return np.tile(middle, (len(roots), 1))
    made = _calm(roots.mean(axis=1), _CALM_S * float(rate))
    if np.ptp(made[:, 1]) < _FLAT_M:
        made[:, 1] = made[:, 1].mean()
    if isinstance(camera, Follow):
        speeds = np.gradient(made[:, ::2], float(1 / rate), axis=0) if len(made) > 1 else np.zeros((1, 2))
        lead = speeds * _AHEAD_S
        # Fast ones are not left behind in the picture.
        lead /= 1 + np.linalg.norm(lead, axis=1, keepdims=True) / _AHEAD_M
        made[:, ::2] += _calm(lead, _CALM_S * float(rate))
    return made


def _calm(values: np.ndarray, sigma: float) -> np.ndarray:
    """`(frames, n)`, smoothed by a Gaussian that looks as far ahead as back; the ends go on as they began."""
    reach = math.ceil(3 * sigma)
    if reach < 1 or len(values) < 2:
        return values.copy()
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    bell /= bell.sum()
    # Point reflection keeps the speed at the ends, within what there is to reflect.
    pad = min(reach, len(values) - 1)
    head, tail = 2 * values[:1] - values[pad:0:-1], 2 * values[-1:] - values[-2 : -2 - pad : -1]
    longer = np.concatenate([head, values, tail])
    longer = np.pad(longer, ((reach - pad, reach - pad), (0, 0)), mode="edge")
    return np.stack([np.convolve(column, bell, mode="valid") for column in longer.T], axis=1)
