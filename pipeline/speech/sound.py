"""Samples as libav has them: to our rate, faster or slower, and into files. Mono, float32, torch-free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.error import FFmpegError
from av.filter import Graph
from av.filter.context import FilterContext

from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.film.container import opened_film
from pipeline.film.deliverables import SOUNDS
from pipeline.film.loudness import framed
from pipeline.film.mix import BLOCK, RATE

LAYOUT = "mono"

_OPUS_BITS_PER_SECOND = 48_000
"""Of one voice: beyond, nobody hears a difference."""

_LEAST_TEMPO = 0.5
"""Of libav's filter; what is slower goes through it twice."""


def at_our_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    """(n,) float32 samples at another rate, at 48 kHz. Nothing is shifted: what was at a second still is."""
    if rate == RATE or not samples.size:
        return samples
    return _filtered(samples, rate, [("aresample", f"{RATE}:filter_size=64:cutoff=0.97")])


def stretched(samples: np.ndarray, rate: int, tempo: float) -> np.ndarray:
    """The same faster or slower, its pitch kept. `tempo`: 2 is twice as fast."""
    if tempo == 1 or not samples.size:
        return samples
    steps = []
    while tempo < _LEAST_TEMPO:
        steps.append(("atempo", str(_LEAST_TEMPO)))
        tempo /= _LEAST_TEMPO
    return _filtered(samples, rate, [*steps, ("atempo", f"{tempo:.9f}")])


def _filtered(samples: np.ndarray, rate: int, steps: list[tuple[str, str]]) -> np.ndarray:
    graph = Graph()
    nodes: list[FilterContext] = [
        graph.add_abuffer(sample_rate=rate, format="flt", layout=LAYOUT, time_base=Fraction(1, rate)),
        *(graph.add(name, said) for name, said in steps),
        graph.add("aformat", f"sample_fmts=flt:channel_layouts={LAYOUT}"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), "flt", LAYOUT)
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    graph.push(frame)
    graph.push(None)
    return np.concatenate([each.to_ndarray()[0] for each in _pulled(graph)] or [samples[:0]])


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            yield cast(AudioFrame, graph.pull())
        except (BlockingIOError, EOFError):
            return


def blocks_of(samples: np.ndarray) -> Iterator[np.ndarray]:
    """(1, n) each, as loudness.py and the encoders take them."""
    for at in range(0, samples.size, BLOCK):
        yield samples[None, at : at + BLOCK]


def write(blocks: Iterable[np.ndarray], name: str, target: Path) -> None:
    """Blocks of (1, n) float32 at 48 kHz as a file. `name`: one of SOUNDS. The same samples give the same bytes.

    Raises: MediaError if they cannot be written so; StorageFull, AccessDenied.
    """
    row = SOUNDS[name]
    try:
        with av.open(
            str(target), "w", format=row.container, container_options={"fflags": "+bitexact"}, options={}
        ) as output:
            stream = cast(
                AudioStream, output.add_stream(row.codec, rate=RATE, layout=LAYOUT, options=dict(row.options))
            )
            stream.codec_context.flags |= Flags.bitexact
            stream.codec_context.format = row.pix_fmt
            if name == "opus":
                stream.codec_context.bit_rate = _OPUS_BITS_PER_SECOND
            stream.codec_context.open()
            graph = _packing(stream)
            for frame in framed(blocks, LAYOUT):
                graph.push(frame)
                for made in _pulled(graph):
                    output.mux(stream.encode(made))
            graph.push(None)
            for made in _pulled(graph):
                output.mux(stream.encode(made))
            output.mux(stream.encode(None))
    except FFmpegError as error:
        if isinstance(error, OSError):
            raise access.write_error(target, error) from error
        raise MediaError(f"{target.name}: the sound cannot be written: {error}") from error


def _packing(stream: AudioStream) -> Graph:
    codec = stream.codec_context
    graph = Graph()
    nodes = [
        graph.add_abuffer(sample_rate=RATE, format="fltp", layout=LAYOUT, time_base=Fraction(1, RATE)),
        graph.add("aformat", f"sample_fmts={codec.format.name}:sample_rates={RATE}:channel_layouts={LAYOUT}"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    if codec.frame_size:
        graph.set_audio_frame_size(codec.frame_size)
    return graph


def read(path: Path) -> Iterator[np.ndarray]:
    """The samples of a file that `write` wrote, (1, n) each. Raises: MediaError if it is damaged."""
    with opened_film(str(path)) as container:
        try:
            for frame in container.decode(container.streams.audio[0]):
                samples = frame.to_ndarray()
                yield (samples / np.float32(2**31)).astype(np.float32) if samples.dtype == np.int32 else samples
        except (FFmpegError, ValueError) as error:
            raise MediaError(f"{path.name}: its sound is damaged") from error
