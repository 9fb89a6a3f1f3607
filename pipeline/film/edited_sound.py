"""The edited sound of a delivered film: mixed, measured over the whole film, and encoded once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from typing import Any, cast

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.filter import Graph

from pipeline.errors import MediaError
from pipeline.film.audio import SILENT, Sound, TimedPacket, opened_encoder, timed
from pipeline.film.container import opened_film
from pipeline.film.deliverables import Deliverable
from pipeline.film.loudness import framed, gain_for, measured
from pipeline.film.mix import RATE, Mix, mix_of
from pipeline.film.sound_edits import Editing
from pipeline.film.source import Source

_LAYOUT = "stereo"
"""Of films that have no sound of their own."""


def edited_sound_of(
    source: Source | None,
    start: Fraction,
    duration: Fraction,
    editing: Editing,
    output: OutputContainer,
    row: Deliverable,
    *,
    options: Any,
) -> Sound:
    """Adds the track to `output` and gives its packets. `source`: whose own sound is heard, from its second `start` on,
    or None; `duration`: the film's, in seconds.

    Raises: MediaError if a sound cannot be read.
    """
    edits = editing.edits
    own = source.url if source is not None and edits.keeps_own and source.audio_codec is not None else None
    if not row.audio_codec or not (own is not None or edits.added):
        return SILENT
    layout = _LAYOUT if own is None else _layout_of(own, options)
    mix = mix_of(editing, own=own, start=start, duration=duration, layout=layout, options=options)
    gain, notes = 1.0, []
    if edits.loudness is not None:
        gain_db, note = gain_for(edits.loudness, measured(mix.blocks(), mix.layout))
        gain = 10 ** (gain_db / 20)
        notes.append(note)
    where = own or "the film"
    encoder = opened_encoder(output, row.audio_codec, rate=RATE, layout=mix.layout, where=where)
    return Sound(_encoded(mix, gain, encoder, where), "edited", tuple(notes))


def _layout_of(url: str, options: Any) -> str:
    with ExitStack() as closing:
        container = closing.enter_context(opened_film(url, options=options))
        return container.streams.audio[0].codec_context.layout.name


def _encoded(mix: Mix, gain: float, encoder: AudioStream, where: str) -> Iterator[TimedPacket]:
    codec = encoder.codec_context
    graph = Graph()
    nodes = [
        graph.add_abuffer(sample_rate=RATE, format="fltp", layout=mix.layout, time_base=Fraction(1, RATE)),
        graph.add("aformat", f"sample_fmts={codec.format.name}:sample_rates={RATE}:channel_layouts={mix.layout}"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    if codec.frame_size:
        graph.set_audio_frame_size(codec.frame_size)
    try:
        for frame in framed(mix.blocks(gain), mix.layout):
            graph.push(frame)
            yield from _drained(graph, encoder)
        graph.push(None)
        yield from _drained(graph, encoder)
        for packet in encoder.encode(None):
            yield timed(packet)
    except (FFmpegError, ValueError) as error:
        raise MediaError(f"{where}: its edited sound cannot be encoded: {error}") from error


def _drained(graph: Graph, encoder: AudioStream) -> Iterator[TimedPacket]:
    while True:
        try:
            frame = cast(AudioFrame, graph.pull())
        except (BlockingIOError, EOFError):
            return
        for packet in encoder.encode(frame):
            yield timed(packet)
