"""Draws a short film of our own, so that the demo needs nothing but this repository: a boat on a moonlit bay.

640x360, 24 frames a second, with a little music. The same bytes of picture every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np

WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 24, 5
_HORIZON = 0.58
_SUPERSAMPLING = 2
_SOUND_RATE = 48_000


def draw_film(path: Path, *, most: int = RATE * SECONDS, crf: int = 16) -> Path:
    """Write the film to `path` (.mp4), or its first `most` frames. It appears there only when it is whole.

    `crf`: of x264; more is smaller, and worse.
    """
    part = path.with_name(f".{path.name}.part")
    with av.open(str(part), "w", format="mp4", container_options={"fflags": "+bitexact"}) as output:
        picture = output.add_stream("libx264", rate=RATE, options={"crf": str(crf), "preset": "veryfast"})
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = output.add_stream("aac", rate=_SOUND_RATE)
        sound.layout = "stereo"
        for pixels in islice(frames(), most):
            for packet in picture.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                output.mux(packet)
        output.mux(picture.encode(None))
        for block in _blocks(music()[:, : most * _SOUND_RATE // RATE]):
            output.mux(sound.encode(block))
        output.mux(sound.encode(None))
    part.replace(path)
    return path


def frames() -> Iterator[np.ndarray]:
    """The film's frames: (H, W, 3) uint8 sRGB."""
    scene = _Scene(WIDTH * _SUPERSAMPLING, HEIGHT * _SUPERSAMPLING)
    count = RATE * SECONDS
    for number in range(count):
        large = scene.paint(number / count, number / RATE)
        small = cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        yield np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)


class _Scene:
    """A bay at night: sky, stars, moon, three ranges of hills, water, and a boat that crosses it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.horizon = int(height * _HORIZON)
        chance = np.random.default_rng(5)
        self.stars = chance.uniform((0, 0, 0.6, 0), (1, _HORIZON * 0.8, 2.2, 6.28), (160, 4))
        self.ranges = [_hills(width * 2, chance, roughness) for roughness in (0.35, 0.55, 0.8)]
        self.rows, self.columns = np.mgrid[0:height, 0:width].astype(np.float32)

    def paint(self, progress: float, seconds: float) -> np.ndarray:
        """The picture at a time; `progress` runs from 0 to 1 over the film. (H, W, 3) float32 in [0, 1]."""
        moon = int(self.width * (0.78 - 0.12 * progress)), int(self.height * (0.2 - 0.04 * progress))
        canvas = self._sky(moon)
        self._draw_stars(canvas, seconds)
        self._draw_clouds(canvas, seconds)
        cv2.circle(canvas, moon, self.height // 13, (1.0, 0.97, 0.82), -1, cv2.LINE_AA)
        self._draw_hills(canvas, progress)
        self._pour_water(canvas, moon, seconds)
        self._draw_boat(canvas, progress, seconds)
        return canvas

    def _sky(self, moon: tuple[int, int]) -> np.ndarray:
        top, bottom = np.array([0.05, 0.10, 0.32], np.float32), np.array([0.93, 0.56, 0.38], np.float32)
        height = np.clip(self.rows / self.horizon, 0, 1)[..., None] ** 1.6
        distance = np.hypot(self.columns - moon[0], self.rows - moon[1]) / self.height
        glow = np.exp(-((distance / 0.22) ** 2))[..., None] * np.array([0.55, 0.5, 0.3], np.float32)
        return np.ascontiguousarray(top * (1 - height) + bottom * height + glow, dtype=np.float32)

    def _draw_stars(self, canvas: np.ndarray, seconds: float) -> None:
        layer = np.zeros_like(canvas)
        for across, down, size, phase in self.stars:
            light = 0.6 + 0.4 * np.sin(3 * seconds + phase)
            centre = int(across * self.width), int(down * self.height)
            cv2.circle(layer, centre, round(size * _SUPERSAMPLING), (light, light, 0.85 * light), -1, cv2.LINE_AA)
        np.maximum(canvas, layer, out=canvas)

    def _draw_clouds(self, canvas: np.ndarray, seconds: float) -> None:
        layer = np.zeros((self.height, self.width), np.float32)
        for start, level, length in ((0.1, 0.16, 0.17), (0.42, 0.3, 0.22), (0.95, 0.38, 0.2), (0.62, 0.1, 0.12)):
            across = int(((start + 0.025 * seconds) % 1.2 - 0.1) * self.width)
            axes = int(length * self.width), int(0.018 * self.height)
            cv2.ellipse(layer, (across, int(level * self.height)), axes, 0, 0, 360, 1, -1, cv2.LINE_AA)
        soft = cv2.GaussianBlur(layer, (0, 0), self.height / 45)[..., None] * 0.55
        canvas += soft * (np.array([0.98, 0.72, 0.62], np.float32) - canvas)

    def _draw_hills(self, canvas: np.ndarray, progress: float) -> None:
        colours = ((0.46, 0.34, 0.52), (0.27, 0.22, 0.42), (0.10, 0.12, 0.26))
        for depth, (line, colour) in enumerate(zip(self.ranges, colours, strict=True)):
            shift = int(progress * self.width * 0.05 * (depth + 1))
            reach = self.height * (0.24 - 0.055 * depth)
            tops = self.horizon - line[shift : shift + self.width] * reach
            edge = np.column_stack([np.arange(self.width), tops])
            shape = np.vstack([edge, [[self.width - 1, self.horizon], [0, self.horizon]]])
            cv2.fillPoly(canvas, [np.rint(shape).astype(np.int32)], colour, cv2.LINE_AA)

    def _pour_water(self, canvas: np.ndarray, moon: tuple[int, int], seconds: float) -> None:
        depth = (self.rows[self.horizon :] - self.horizon) / (self.height - self.horizon)
        swell = np.sin(self.rows[self.horizon :] * (0.55 - 0.4 * depth) - 5 * seconds)
        across = self.columns[self.horizon :] + (3 + 16 * depth) * swell
        mirrored = 2 * self.horizon - self.rows[self.horizon :] * 1.0 - 4 * depth * swell
        mirror = cv2.remap(canvas, across, mirrored, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        glitter = np.exp(-(((self.columns[self.horizon :] - moon[0]) / (self.width * (0.03 + 0.09 * depth))) ** 2))
        ripple = np.clip(np.sin(across * 0.03 + self.rows[self.horizon :] * 0.9 - 7 * seconds), 0, 1) * (0.3 + depth)
        light = (glitter * ripple)[..., None] * np.array([0.9, 0.8, 0.55], np.float32)
        canvas[self.horizon :] = mirror * 0.68 + np.array([0.02, 0.07, 0.16], np.float32) + light * 0.8

    def _draw_boat(self, canvas: np.ndarray, progress: float, seconds: float) -> None:
        size = self.height * 0.2
        centre = np.array([self.width * (0.14 + 0.5 * progress), self.height * (0.76 + 0.008 * np.sin(2.4 * seconds))])
        tilt = 0.05 * np.sin(2.1 * seconds)
        turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])

        def fill(points: list[tuple[float, float]], colour: tuple[float, float, float]) -> None:
            placed = centre + np.array(points) * size @ turn.T
            cv2.fillPoly(canvas, [np.rint(placed).astype(np.int32)], colour, cv2.LINE_AA)

        fill([(0.04, -1.3), (0.04, -0.12), (0.72, -0.12)], (0.96, 0.90, 0.76))
        fill([(-0.03, -1.1), (-0.03, -0.12), (-0.52, -0.12)], (0.84, 0.36, 0.26))
        fill([(-0.01, -1.35), (0.03, -1.35), (0.03, 0), (-0.01, 0)], (0.25, 0.15, 0.1))
        fill([(-0.7, -0.08), (0.85, -0.08), (0.6, 0.14), (-0.5, 0.14)], (0.38, 0.19, 0.12))
        fill([(-0.7, -0.08), (0.85, -0.08), (0.83, -0.03), (-0.67, -0.03)], (0.85, 0.68, 0.42))


def _hills(length: int, chance: np.random.Generator, roughness: float) -> np.ndarray:
    """A line of hills: heights in [0, 1] at each column."""
    columns = np.arange(length) / length
    line = sum(
        np.sin(2 * np.pi * (waves * columns + chance.uniform())) * roughness**octave
        for octave, waves in enumerate((2, 5, 9, 17, 31))
    )
    return (line - np.min(line)) / np.ptp(line)


def music() -> np.ndarray:
    """Four soft chords: (2, samples) float32 in [-1, 1] at 48 kHz."""
    times = np.arange(_SOUND_RATE * SECONDS) / _SOUND_RATE
    chords = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7), (164.8, 220.0, 277.2))
    length = SECONDS / len(chords)
    sound = np.zeros_like(times)
    for number, chord in enumerate(chords):
        since = times - number * length
        swell = np.clip(since * 4, 0, 1) * np.exp(-np.clip(since, 0, None) * 1.3) * (since >= 0)
        sound += swell * sum(np.sin(2 * np.pi * pitch * times) for pitch in chord) / 9
    return np.stack([sound, np.roll(sound, _SOUND_RATE // 90)]).astype(np.float32)


def _blocks(sound: np.ndarray) -> Iterator[av.AudioFrame]:
    for start in range(0, sound.shape[1], 1024):
        block = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound[:, start : start + 1024]), format="fltp", layout="stereo"
        )
        block.sample_rate, block.pts, block.time_base = _SOUND_RATE, start, Fraction(1, _SOUND_RATE)
        yield block
