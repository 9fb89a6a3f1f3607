"""Cameras keep figures in the picture, and move as a hand on a dolly would."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.motion.clip import posed
from pipeline.motion.editing import cut
from pipeline.motion.view.cameras import Camera, Fixed, Follow, Orbit
from pipeline.motion.view.paths import CameraPath
from tests.motion.making import walk

WALK = walk(5.0)
POSE = posed(WALK)
CAMERAS = [Follow(), Follow(turns=True, side_deg=170), Orbit(turn_s=4), Fixed(side_deg=-80, height_deg=30)]


def path(camera: Camera, width: int = 640, height: int = 360) -> CameraPath:
    return CameraPath(camera, [POSE], ["sword"], width=width, height=height, rate=WALK.rate)


@pytest.mark.parametrize("size", [(640, 360), (200, 640)])
@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: type(camera).__name__)
def test_every_joint_is_in_the_picture_in_every_frame(camera: Camera, size: tuple[int, int]) -> None:
    made = path(camera, *size)
    places = np.stack([made.view(frame).pixels(POSE.positions[frame]) for frame in range(WALK.frames)])
    least, most = places.min(axis=(0, 1)), places.max(axis=(0, 1))
    assert (least > 0).all()
    assert (most < size).all()
    # And they fill it, one way or the other.
    assert ((most - least) / size).max() > 0.5


@pytest.mark.parametrize("camera", [Follow(), Follow(turns=True), Orbit()], ids=lambda camera: type(camera).__name__)
def test_a_moving_camera_does_not_sway_with_the_steps(camera: Camera) -> None:
    made = path(camera)
    eyes = np.stack([made.view(frame).eye for frame in range(WALK.frames)])
    hips = POSE.positions[:, 0]

    def shaking(values: np.ndarray) -> float:
        return float(np.abs(np.diff(values, n=3, axis=0)).max())

    assert shaking(eyes) < 0.15 * shaking(hips)


def test_a_following_camera_looks_ahead() -> None:
    made = path(Follow())
    middle = slice(WALK.frames // 3, 2 * WALK.frames // 3)
    speed = np.gradient(POSE.positions[:, 0], axis=0)[middle][:, [0, 2]]
    lead = np.stack([made.target(frame) for frame in range(WALK.frames)])[middle][:, [0, 2]]
    lead = lead - POSE.positions[middle, 0][:, [0, 2]]
    assert (lead * speed).sum(axis=1).mean() > 0.05 * np.linalg.norm(speed, axis=1).mean()


def test_an_orbit_comes_back_and_a_fixed_camera_stays() -> None:
    orbit, fixed = path(Orbit(turn_s=3)), path(Fixed())
    assert orbit.view(90).azimuth - orbit.view(0).azimuth == pytest.approx(2 * np.pi)
    assert np.array_equal(fixed.view(0).eye, fixed.view(100).eye)


def test_a_camera_stands_beside_the_figure_where_it_was_told() -> None:
    for side, along in ((0.0, 1.0), (180.0, -1.0)):
        made = path(Follow(side_deg=side))
        to_eye = (made.view(0).eye - made.target(0))[[0, 2]]
        assert to_eye @ np.array([0.0, 1.0]) * along > 0.9 * np.linalg.norm(to_eye)


def test_one_frame_is_enough() -> None:
    one = cut(WALK, 3, 4)
    for camera in CAMERAS:
        made = CameraPath(camera, [posed(one)], [None], width=64, height=64, rate=Fraction(30))
        assert np.isfinite(made.view(0).eye).all()


@pytest.mark.parametrize("change", [{"height_deg": 85}, {"lens_deg": 1}, {"zoom": 0}, {"height_deg": float("nan")}])
def test_a_camera_out_of_range_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError, match=rf"{next(iter(change))} is .* to "):
        replace(Follow(), **change).check()
    with pytest.raises(InputError, match="turn_s is 1 to 3600"):
        Orbit(turn_s=0).check()
