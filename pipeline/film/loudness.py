"""How loud a sound is as a whole, and by how much it is to be made louder: two passes, no dynamics.

Source: EBU R 128 and ITU-R BS.1770-5, as libav's `ebur128` measures them: K-weighted, gated at -70 LUFS and 10 LU
below, true peaks at four times the rate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph

from pipeline.film.container import opened_film
from pipeline.film.mix import RATE
from pipeline.film.sound_edits import Loudness

_SILENT = -69.9
"""LUFS below which nothing passed the gate."""

_NEARLY_DB = 0.05


@dataclass(frozen=True)
class Measured:
    """A whole sound."""

    loudness: float
    """Integrated, in LUFS; -inf of silence."""
    peak: float
    """True peak, in dBTP; -inf of silence."""

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing whose loudness could be changed."""
        return self.loudness < _SILENT

    def __str__(self) -> str:
        """For people: `-23.0 LUFS, true peak -5.2 dBTP`."""
        return "silence" if self.is_silent else f"{self.loudness:.1f} LUFS, true peak {self.peak:.1f} dBTP"


def measured(blocks: Iterable[np.ndarray], layout: str) -> Measured:
    """The loudness of (channels, n) float32 blocks at 48 kHz."""
    return _measured(framed(blocks, layout), RATE, layout, "fltp")


def measured_file(path: Path) -> Measured:
    """The loudness of a film's first track, as it is heard. Raises: MediaError if it cannot be read."""
    with opened_film(str(path)) as container:
        track = container.streams.audio[0]
        codec = track.codec_context
        return _measured(container.decode(track), codec.sample_rate, codec.layout.name, codec.format.name)


def _measured(frames: Iterable[AudioFrame], rate: int, layout: str, sample_format: str) -> Measured:
    graph = Graph()
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    source = graph.add_abuffer(sample_rate=rate, format=sample_format, layout=layout, time_base=Fraction(1, rate))
    graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
    last: dict[str, str] = {}
    peak = 0.0
    for frame in frames:
        graph.push(frame)
        last, peak = _drained(graph, last, peak)
    graph.push(None)
    last, peak = _drained(graph, last, peak)
    loudness = float(last.get("lavfi.r128.I", "-inf"))
    return Measured(loudness if loudness > _SILENT else -math.inf, 20 * math.log10(peak) if peak > 0 else -math.inf)


def _drained(graph: Graph, last: dict[str, str], peak: float) -> tuple[dict[str, str], float]:
    while True:
        try:
            frame = cast(AudioFrame, graph.pull())
        except (BlockingIOError, EOFError):
            return last, peak
        # Values of the whole until here; frames shorter than 100 ms have none.
        told = dict(frame.metadata)
        last = told if "lavfi.r128.I" in told else last
        peaks = [float(value) for name, value in told.items() if name.startswith("lavfi.r128.true_peaks_ch")]
        peak = max([peak, *peaks])


def framed(blocks: Iterable[np.ndarray], layout: str) -> Iterator[AudioFrame]:
    """Blocks of samples at 48 kHz as libav has them, with their times."""
    at = 0
    for block in blocks:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        at += block.shape[1]
        yield frame


def gain_for(wanted: Loudness, sound: Measured) -> tuple[float, str]:
    """What brings a sound to its loudness, in dB, and what people should know of it.

    Where the true peak would be too high, it is made as loud as that allows, and no louder: nothing is compressed.
    """
    if sound.is_silent:
        return 0.0, "its sound is silent, and no gain makes it as loud as was asked for"
    gain = wanted.target - sound.loudness
    room = wanted.peak - sound.peak
    moved = f"from {sound.loudness:.1f}"
    if gain <= room + _NEARLY_DB:
        return gain, f"loudness brought {moved} to {wanted.target:.1f} LUFS"
    reached = sound.loudness + room
    return room, (
        f"loudness brought {moved} to {reached:.1f} LUFS and not to {wanted.target:.1f}: "
        f"louder, its true peaks would exceed {wanted.peak:.1f} dBTP"
    )
