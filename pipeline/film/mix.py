"""The sound of a film as its edits make it: one row of samples from the film's beginning to its end, never by chunks.

Each part is brought to one rate and layout and put where it belongs in time by libav; then parts are added in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from av.audio.layout import AudioLayout
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.filter import Graph

from pipeline.errors import MediaError
from pipeline.film.container import opened_film
from pipeline.film.ducking import WINDOW, Ducker
from pipeline.film.sound_edits import Duck, Editing

RATE = 48_000
"""Samples a second of every sound that is edited."""

BLOCK = 4096
"""Samples that are mixed at a time."""

_PULSE_BLOCKS = 128
"""Eleven seconds of sound."""

_PREROLL_S = 2
"""Decoders need packets before the first one that is heard, and containers index sound coarsely."""

_SLOWEST = Fraction(1, 2)
"""Of libav's filter for tempo; what is slower goes through it twice."""


@dataclass(frozen=True)
class Part:
    """One sound in the mix."""

    url: str
    start: Fraction
    """From where on it is heard, in its own seconds."""
    speed: Fraction
    at: int
    """The film's sample that it begins with."""
    gain: float
    duck: Duck | None = None
    """How the parts that duck nothing make room for it."""


@dataclass(frozen=True)
class Mix:
    """A film's sound, which can be had again and again: measured first, then stored."""

    parts: tuple[Part, ...]
    samples: int
    layout: str
    fade_in: int
    """Samples."""
    fade_out: int
    options: Any
    pulse: Callable[[], None]

    @property
    def channels(self) -> int:
        """How many."""
        return AudioLayout(self.layout).nb_channels

    def blocks(self, gain: float = 1.0) -> Iterator[np.ndarray]:
        """(channels, n) float32 each, n at most BLOCK, `samples` in all. Raises: MediaError if a sound is damaged."""
        with ExitStack() as closing:
            rows = [_Row(self.decoded(part, closing), part.at, self.channels) for part in self.parts]
            ducking = [_Ducking(self, part, closing) for part in self.parts if part.duck is not None]
            for start in range(0, self.samples, BLOCK):
                if start % (_PULSE_BLOCKS * BLOCK) == 0:
                    self.pulse()
                stop = min(start + BLOCK, self.samples)
                mixed = np.zeros((self.channels, stop - start), np.float32)
                room = [duck.gains(start, stop) for duck in ducking]
                for part, row in zip(self.parts, rows, strict=True):
                    block = row.read(start, stop) * np.float32(part.gain)
                    mixed += block if part.duck is not None or not room else block * np.min(room, axis=0)
                yield mixed * (self._envelope(start, stop) * np.float32(gain))

    def _envelope(self, start: int, stop: int) -> np.ndarray:
        at = np.arange(start, stop)
        up = at / self.fade_in if self.fade_in else np.ones(1)
        down = (self.samples - 1 - at) / self.fade_out if self.fade_out else np.ones(1)
        return np.clip(np.minimum(up, down), 0, 1).astype(np.float32)

    def decoded(self, part: Part, closing: ExitStack) -> Iterator[np.ndarray]:
        container = closing.enter_context(opened_film(part.url, options=self.options))
        if not container.streams.audio:
            raise MediaError(f"{part.url}: has no sound; give a .wav, .flac, .mp3, .m4a or a film that has")
        track = container.streams.audio[0]
        graph = _graph(track, part, self.layout)
        _seek(container, track, part.start)
        try:
            for frame in container.decode(track):
                graph.push(frame)
                yield from _pulled(graph)
            graph.push(None)
            yield from _pulled(graph)
        except (FFmpegError, ValueError) as error:
            raise MediaError(f"{part.url}: its sound is damaged; repair it, or remove that track") from error


def mix_of(editing: Editing, *, own: str | None, start: Fraction, duration: Fraction, layout: str, options: Any) -> Mix:
    """The mix for a film of that duration.

    `own`: where the film's own sound is, if it is heard, and `start`: from where on, in its seconds. `layout`: as the
    own sound has it.
    """
    edits = editing.edits
    parts = [] if own is None else [Part(own, start, edits.speed, 0, _linear(edits.gain_db))]
    for added in edits.added:
        path = str(editing.files[added.file])
        gain = _linear(added.gain_db)
        parts.append(Part(path, Fraction(0), Fraction(1), round(added.at_s * RATE), gain, added.duck))
    return Mix(
        parts=tuple(parts),
        samples=round(duration * RATE),
        layout=edits.channels or layout,
        fade_in=round(edits.fade_in_s * RATE),
        fade_out=round(edits.fade_out_s * RATE),
        options=options,
        pulse=editing.pulse,
    )


class _Ducking:
    """The gain that a part leaves to the others, which must know of it before it is heard: it is read a second time."""

    def __init__(self, mix: Mix, part: Part, closing: ExitStack) -> None:
        assert part.duck is not None, "only such parts duck"
        ahead = round(part.duck.attack_s * RATE / WINDOW) * WINDOW
        self._row, self._gain = _Row(mix.decoded(part, closing), part.at - ahead, mix.channels), part.gain
        self._ducker = Ducker(part.duck, RATE)
        # What is heard at once finds room.
        self.gains(-ahead, 0)

    def gains(self, start: int, stop: int) -> np.ndarray:
        return self._ducker.gains(self._row.read(start, stop) * np.float32(self._gain))


class _Row:
    """Decoded samples, read in order: silence before they begin and after they end."""

    def __init__(self, decoded: Iterator[np.ndarray], begins: int, channels: int) -> None:
        self._decoded, self._channels = decoded, channels
        self._next = begins
        self._left: np.ndarray | None = None
        """Decoded and not yet read; its first sample is `_next`."""

    def read(self, start: int, stop: int) -> np.ndarray:
        block = np.zeros((self._channels, stop - start), np.float32)
        while self._next < stop:
            if self._left is None or not self._left.shape[1]:
                self._left = next(self._decoded, None)
                if self._left is None:
                    break
            if self._next < start:
                self._drop(start)
                continue
            take = min(stop - self._next, self._left.shape[1])
            block[:, self._next - start : self._next - start + take] = self._left[:, :take]
            self._left, self._next = self._left[:, take:], self._next + take
        return block

    def _drop(self, start: int) -> None:
        assert self._left is not None
        lost = min(start - self._next, self._left.shape[1])
        self._left, self._next = self._left[:, lost:], self._next + lost


def _linear(gain_db: float) -> float:
    return 10 ** (gain_db / 20)


def _graph(track: AudioStream, part: Part, layout: str) -> Graph:
    """Cut, in sync, at our rate, layout and tempo."""
    graph = Graph()
    start = float(part.start)
    wanted = f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts={layout}"
    nodes = [
        graph.add_abuffer(template=track),
        graph.add("atrim", f"start={start:.9f}"),
        graph.add("asetpts", f"PTS-{start:.9f}/TB"),
        # Fills holes with silence, that before the first sample too, so that what follows stays in sync.
        graph.add("aresample", f"{RATE}:async=1:first_pts=0"),
        graph.add("aformat", wanted),
    ]
    speed = part.speed
    while speed < _SLOWEST:
        nodes.append(graph.add("atempo", str(float(_SLOWEST))))
        speed /= _SLOWEST
    if speed != 1:
        nodes.append(graph.add("atempo", f"{float(speed):.9f}"))
    # That of tempo takes its samples packed.
    nodes += [graph.add("aformat", wanted), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    return graph


def _pulled(graph: Graph) -> Iterator[np.ndarray]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        yield frame.to_ndarray()


def _seek(container: InputContainer, track: AudioStream, start: Fraction) -> None:
    if start <= _PREROLL_S:
        return
    try:
        container.seek(int((start - _PREROLL_S) / (track.time_base or 1)), stream=track)
    except FFmpegError:
        # Without an index it is read from the beginning.
        container.seek(0)
