"""The film that a drill paints again and again: a user's, or one that is drawn here, small, with sound."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from pipeline.errors import InputError
from pipeline.film.probe import probe
from pipeline.storage import is_remote

FRAMES = 24
"""Frames that a drill paints: enough for some chunks, few enough for hundreds of rounds."""
CHUNK = 4
SIZE_PX = 160
"""Longest side that is painted."""

_WIDTH, _HEIGHT = 320, 180
_RATE = Fraction(24)
_SOUND_HZ = 48_000


def first_frames(film: str) -> str:
    """The frames of a film to paint, as job files say it; empty for all.

    Raises: InputError if the film cannot be used.
    """
    if is_remote(film) or not Path(film).is_file():
        raise InputError(f"--film {film}: is no file on this machine; the drill puts it into the store itself")
    source = probe(film)
    return f"{source.first}-{source.first + FRAMES - 1}" if source.frames > FRAMES else ""


def draw_film(path: Path) -> Path:
    """A second of two lights that pass each other, with a tone."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=_RATE, options={"preset": "veryfast", "crf": "20"})
        picture.width, picture.height, picture.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=_SOUND_HZ, layout="stereo")
        for number in range(FRAMES):
            container.mux(picture.encode(av.VideoFrame.from_ndarray(_picture(number), "rgb24")))
        container.mux(picture.encode(None))
        for frame in _tone():
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return path


def _picture(number: int) -> np.ndarray:
    """(H, W, 3) uint8."""
    rows, columns = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    across = _WIDTH * (number + 1) / (FRAMES + 1)
    one = np.exp(-((columns - across) ** 2 + (rows - 60) ** 2) / 1200)
    other = np.exp(-((columns - (_WIDTH - across)) ** 2 + (rows - 120) ** 2) / 2000)
    sky = np.stack([rows / _HEIGHT * 90, rows / _HEIGHT * 60 + 20, 120 - rows / _HEIGHT * 60], axis=-1)
    light = one[..., None] * (230, 180, 60) + other[..., None] * (60, 140, 220)
    return (sky + light).clip(0, 255).astype(np.uint8)


def _tone() -> Iterator[av.AudioFrame]:
    samples = int(FRAMES / _RATE * _SOUND_HZ)
    wave = (0.3 * np.sin(2 * np.pi * 440 * np.arange(samples) / _SOUND_HZ)).astype(np.float32)
    for start in range(0, samples, 1024):
        frame = av.AudioFrame.from_ndarray(np.tile(wave[start : start + 1024], (2, 1)), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = _SOUND_HZ, start, Fraction(1, _SOUND_HZ)
        yield frame
