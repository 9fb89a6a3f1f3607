"""The source's sound for a delivered film: its own packets where the container carries them, else encoded once, whole.

Never cut and joined chunk by chunk: every AAC chunk gains up to 1,024 samples, and a film of chunks drifts. Sound that
is edited is edited_sound.py's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, cast

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.packet import Packet

from pipeline.errors import MediaError
from pipeline.film.container import opened_film
from pipeline.film.deliverables import Deliverable
from pipeline.film.source import Source

# Decoders need packets before the first one that is heard (AAC 23 ms, Opus 80 ms); the edit list hides them.
_PREROLL_S = Fraction(1, 10)

_LOSSY_BITS_PER_SECOND = 192_000

TimedPacket = tuple[Fraction, Packet]
"""When it is to be stored among the others (seconds), and the packet."""


@dataclass(frozen=True)
class Span:
    """The part of the source's time that is delivered, in seconds; `stop` None is to the end of its sound."""

    start: Fraction
    stop: Fraction | None
    from_first: bool
    """Whether the span starts with the film itself, so that nothing that sounds comes before it."""


@dataclass(frozen=True)
class Sound:
    """A film's sound, ready to be stored."""

    packets: Iterator[TimedPacket]
    made: Literal["copied", "encoded", "edited", "none"]
    notes: tuple[str, ...] = ()


SILENT = Sound(packets=iter(()), made="none")


def span_of(source: Source, first: int, frames: int) -> Span:
    """When frames [first, first + frames) of a film are heard; the end is open if they are its last."""
    rate, time_base = source.rate or Fraction(1), source.time_base or Fraction(1)
    # A sequence has no sound of its own, and begins when it begins.
    begins = source.pts[0] * time_base if source.pts else Fraction(0)
    start = begins + first / rate
    stop = None if first + frames >= source.frames else start + frames / rate
    return Span(start, stop, from_first=first == 0)


def sound_of(
    source: Source, span: Span, output: OutputContainer, row: Deliverable, *, closing: ExitStack, options: Any
) -> Sound:
    """Adds the track to `output` and gives its packets; the source stays open until `closing` ends.

    Raises: MediaError if the source's sound cannot be read.
    """
    if source.audio_codec is None or not row.audio_codec:
        return SILENT
    container = closing.enter_context(opened_film(source.url, options=options))
    track = container.streams.audio[0]
    if source.audio_codec in row.copies_audio:
        stored = output.add_stream_from_template(track)
        # Matroska has no edit list: what is stored is heard.
        lead = Fraction(0) if row.container == "matroska" and not span.from_first else _PREROLL_S
        return Sound(_copied(container, track, stored, span, lead, source), "copied")
    own = track.codec_context
    encoder = opened_encoder(output, row.audio_codec, rate=own.sample_rate, layout=own.layout.name, where=source.url)
    made = encoder.codec.canonical_name
    note = f"the source's {source.audio_codec} sound was encoded to {made}: {row.suffix} cannot carry it"
    return Sound(_encoded(container, track, encoder, span, source), "encoded", (note,))


def _copied(
    container: InputContainer, track: AudioStream, stored: AudioStream, span: Span, lead: Fraction, source: Source
) -> Iterator[TimedPacket]:
    """The packets that overlap the span, whole: it is cut at their edges."""
    time_base = track.time_base or Fraction(1, 1)
    shift = round(span.start / time_base)
    _seek(container, track, span.start - lead)
    try:
        for packet in container.demux(track):
            time = packet.pts if packet.pts is not None else packet.dts
            if not packet.size or time is None:
                continue
            starts, ends = time * time_base, (time + (packet.duration or 1)) * time_base
            if span.stop is not None and starts >= span.stop:
                return
            if ends <= span.start - lead:
                continue
            packet.pts = time - shift
            packet.dts = packet.pts
            packet.stream = stored
            yield starts - span.start, packet
    except (FFmpegError, ValueError) as error:
        raise _unreadable(source) from error


def opened_encoder(output: OutputContainer, codec: str, *, rate: int, layout: str, where: str) -> AudioStream:
    """A track that is encoded. `where`: whose sound it is, for messages. Raises: MediaError if the codec cannot."""
    encoder = cast(AudioStream, output.add_stream(codec, rate=rate, layout=layout))
    encoder.codec_context.flags |= Flags.bitexact
    if codec == "aac":
        encoder.codec_context.bit_rate = _LOSSY_BITS_PER_SECOND
    try:
        encoder.codec_context.open()
    except (FFmpegError, ValueError) as error:
        what = f"{rate} samples a second, {layout}"
        raise MediaError(f"{where}: {codec} cannot hold its sound of {what}; remove that track") from error
    return encoder


def _encoded(
    container: InputContainer, track: AudioStream, encoder: AudioStream, span: Span, source: Source
) -> Iterator[TimedPacket]:
    graph = _trimming(track, encoder, span)
    _seek(container, track, span.start - _PREROLL_S)
    try:
        for frame in container.decode(track):
            if span.stop is not None and _starts(frame) >= span.stop:
                break
            graph.push(frame)
            yield from _drained(graph, encoder, span)
        graph.push(None)
        yield from _drained(graph, encoder, span)
        for packet in encoder.encode(None):
            yield timed(packet)
    except (FFmpegError, ValueError) as error:
        raise _unreadable(source) from error


def _trimming(track: AudioStream, encoder: AudioStream, span: Span) -> Graph:
    codec = encoder.codec_context
    end = "" if span.stop is None else f":end={float(span.stop):.9f}"
    graph = Graph()
    nodes = [
        graph.add_abuffer(template=track),
        # Fills holes with silence, so that what follows them stays in sync.
        graph.add("aresample", "async=1"),
        graph.add("atrim", f"start={float(span.start):.9f}{end}"),
        graph.add(
            "aformat",
            f"sample_fmts={codec.format.name}:sample_rates={codec.sample_rate}:channel_layouts={codec.layout.name}",
        ),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    if codec.frame_size:
        graph.set_audio_frame_size(codec.frame_size)
    return graph


def _drained(graph: Graph, encoder: AudioStream, span: Span) -> Iterator[TimedPacket]:
    codec = encoder.codec_context
    while True:
        try:
            frame = cast(AudioFrame, graph.pull())
        except (BlockingIOError, EOFError):
            return
        frame.pts = round((_starts(frame) - span.start) * codec.sample_rate)
        frame.time_base = Fraction(1, codec.sample_rate)
        for packet in encoder.encode(frame):
            yield timed(packet)


def _starts(frame: AudioFrame) -> Fraction:
    return (frame.pts or 0) * (frame.time_base or Fraction(1))


def timed(packet: Packet) -> TimedPacket:
    """A packet of an encoder with its time."""
    return Fraction(packet.dts or 0) * packet.time_base, packet


def _seek(container: InputContainer, track: AudioStream, start: Fraction) -> None:
    if start <= 1:
        return
    try:
        # A second too early: containers index sound coarsely, and what is not wanted is dropped.
        container.seek(int((start - 1) / (track.time_base or 1)), stream=track)
    except FFmpegError:
        # Without an index it is read from the beginning.
        container.seek(0)


def _unreadable(source: Source) -> MediaError:
    return MediaError(f"{source.url}: its {source.audio_codec} sound is damaged; repair it, or remove that track")
