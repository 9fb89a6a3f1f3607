"""Draws small films, sounds and pictures to test with. Every picture carries its own number, which can be read back."""

from __future__ import annotations

import resource
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

BITS = 10
"""Of a picture's number."""


def numbered_picture(number: int, width: int = 96, height: int = 64) -> np.ndarray:
    """(H, W, 3) uint8: a moving gradient, with the number in black and white blocks along the middle."""
    across = np.linspace(40, 215, width) + 30 * np.sin(number / 5)
    down = np.linspace(60, 190, height)[:, None]
    picture = np.stack(
        [
            np.broadcast_to(across, (height, width)),
            np.broadcast_to(down, (height, width)),
            np.full((height, width), 128.0),
        ],
        axis=-1,
    )
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        picture[height // 4 : 3 * height // 4, left:right] = 255 if number >> bit & 1 else 0
    return picture.clip(0, 255).astype(np.uint8)


def number_of(picture: np.ndarray) -> int:
    """The number that `numbered_picture` drew, after any codec and scaling."""
    height, width = picture.shape[:2]
    white = 2**15 if picture.dtype == np.uint16 else 128
    row = picture[height // 2]
    return sum(int(row[(2 * bit + 1) * width // (2 * BITS)].mean() > white) << bit for bit in range(BITS))


def write_film(
    path: Path,
    frames: int | Sequence[np.ndarray] = 24,
    *,
    rate: Fraction | int = 24,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    times: Iterable[int] | None = None,
    time_base: Fraction | None = None,
    rotation: int = 0,
    aspect: Fraction | None = None,
    sound: str | None = None,
    timecode: str | None = None,
    tags: dict[str, int] | None = None,
    container_options: dict[str, str] | None = None,
) -> Path:
    """A film of numbered pictures (or of those given), 2 B-frames and a keyframe every 12 frames by default.

    `times`: a pts for each frame, in `time_base`, for variable rates. `sound`: an audio codec. `rotation`: degrees
    anticlockwise, in the display matrix. `tags`: codec context attributes, such as color_trc.
    """
    pictures = [numbered_picture(n, *size) for n in range(frames)] if isinstance(frames, int) else list(frames)
    base = time_base or 1 / Fraction(rate)
    with av.open(str(path), "w", container_options=container_options or {}) as output:
        if timecode:
            output.metadata["timecode"] = timecode
        stream = output.add_stream(codec, rate=Fraction(rate), options=options or _options(codec))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = base
        stream.codec_context.thread_count = 1
        if rotation:
            stream.set_display_rotation(rotation)
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        track = output.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        for pts, picture in zip(times or range(len(pictures)), pictures, strict=True):
            output.mux(stream.encode(_frame(picture, pts, base, pix_fmt)))
        output.mux(stream.encode(None))
        if track:
            _write_sound(output, track, seconds=len(pictures) / Fraction(rate))
    return path


def write_sound(path: Path, seconds: Fraction = Fraction(1), codec: str = "aac") -> Path:
    """A film without pictures."""
    with av.open(str(path), "w") as output:
        _write_sound(output, output.add_stream(codec, rate=48_000, layout="stereo"), seconds)
    return path


def clicks(seconds: Fraction, rate: int = 48_000) -> np.ndarray:
    """(2, samples) float32: silence with a click of 5 ms at every half second."""
    samples = np.arange(int(seconds * rate))
    tone = 0.8 * np.sin(2 * np.pi * 1000 * samples / rate)
    return np.tile(np.where(samples % (rate // 2) < rate // 200, tone, 0).astype(np.float32), (2, 1))


def write_picture(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    """An 8-bit picture, in the format of its suffix."""
    from PIL import Image

    Image.fromarray(pixels).save(path, **options)
    return path


def resident_mib() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def packet_payloads(path: Path, kind: str) -> list[bytes]:
    """Of the first audio or video track."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.get({kind: 0})) if packet.size]


def _options(codec: str) -> dict[str, str]:
    if codec == "libx264":
        return {"preset": "veryfast", "crf": "12", "x264-params": "bframes=2:keyint=12:b-adapt=0"}
    return {}


def _frame(picture: np.ndarray, pts: int, base: Fraction, pix_fmt: str) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(
        np.ascontiguousarray(picture), "rgb48le" if picture.dtype == np.uint16 else "rgb24"
    )
    frame = frame.reformat(format=pix_fmt, threads=1)
    frame.pts, frame.time_base = pts, base
    return frame


def _write_sound(output: av.container.OutputContainer, track: av.AudioStream, seconds: Fraction) -> None:
    samples = clicks(seconds)
    step = 1024
    resampler = av.AudioResampler(format=track.codec_context.format, layout="stereo", rate=48_000)
    for start in range(0, samples.shape[1], step):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, start : start + step]), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        for ready in resampler.resample(frame):
            output.mux(track.encode(ready))
    output.mux(track.encode(None))
