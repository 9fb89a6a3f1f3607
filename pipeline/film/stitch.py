"""Joins the segments of a film by packet copy, with the source's sound. Nothing is decoded; memory holds one segment.

Times are written anew for the whole film: frame i is shown at i / rate, and packets are stored in one rising order.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Literal

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from pipeline.errors import IntegrityError, MediaError
from pipeline.film import access, audio, timecode
from pipeline.film.container import CONFINED
from pipeline.film.deliverables import Deliverable
from pipeline.film.edited_sound import edited_sound_of
from pipeline.film.sound_edits import Editing
from pipeline.film.source import Source


@dataclass(frozen=True)
class Segment:
    """One chunk's segment, as SegmentEncoder made it."""

    name: str
    """For messages."""
    frames: int
    """How many frames its receipt says it holds."""
    open: Callable[[], BinaryIO]
    """Gives a seekable reader; called twice at most, one segment after the other."""

    @classmethod
    def of_file(cls, path: Path, frames: int) -> Segment:
        """The segment in a local file."""
        return cls(name=str(path), frames=frames, open=lambda: access.open_bytes(str(path)))


@dataclass(frozen=True)
class Delivered:
    """What was written."""

    frames: int
    duration_s: Fraction
    audio: Literal["copied", "encoded", "edited", "none"]
    notes: tuple[str, ...] = ()


def concatenate(
    segments: Iterable[Segment],
    target: Path,
    *,
    deliverable: Deliverable,
    rate: Fraction,
    source: Source | None = None,
    first: int = 0,
    options: Any = None,
    tags: Mapping[str, str] = MappingProxyType({}),
    editing: Editing | None = None,
) -> Delivered:
    """Write the film of all segments, in their order, to `target`.

    `rate`: frames per second. `source`: whose sound and timecode it gets, `first` being the source's frame (from 0)
    that the film starts with. `tags`: the film's own metadata, by name. `editing`: what is done to its sound, if
    anything. The same input gives the same bytes. If it fails, nothing is left at `target`.
    Raises: IntegrityError naming the segment that is not what its receipt says; MediaError if the sound is damaged;
    StorageFull, StorageUnavailable, AccessDenied.
    """
    segments = list(segments)
    frames = sum(segment.frames for segment in segments)
    if frames == 0:
        raise MediaError(f"{target.name}: there are no frames to join")
    try:
        with ExitStack() as closing:
            joined = _Joined(segments, deliverable, rate)
            output = closing.enter_context(_output(target, deliverable, tags))
            joined.add_track(output)
            sound = audio.SILENT
            if source is not None and source.kind == "film":
                _carry_timecode(output, deliverable, source, first)
            if editing is not None:
                start = Fraction(0) if source is None else audio.span_of(source, first, frames).start
                lasts = frames / rate
                sound = edited_sound_of(source, start, lasts, editing, output, deliverable, options=options)
            elif source is not None and source.kind == "film":
                span = audio.span_of(source, first, frames)
                sound = audio.sound_of(source, span, output, deliverable, closing=closing, options=options)
            for _, packet in heapq.merge(joined.packets(), sound.packets, key=lambda timed: timed[0]):
                output.mux(packet)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise access.write_error(target, error) from error
        if isinstance(error, FFmpegError):
            raise IntegrityError(f"{target.name}: its packets cannot be written: {error}; redo the job") from error
        raise
    return Delivered(frames, frames / rate, sound.made, sound.notes)


class _Joined:
    """The packets of all segments as those of one film."""

    def __init__(self, segments: list[Segment], row: Deliverable, rate: Fraction) -> None:
        self._segments, self._row, self._rate = segments, row, rate
        self._track: VideoStream | None = None
        self._parameters: tuple[Any, ...] = ()

    def add_track(self, output: OutputContainer) -> None:
        """Adds a track like the first segment's."""
        with _opened(self._segments[0]) as (_, stream):
            self._parameters = _parameters(stream)
            # Opaque: it is copied from the decoder, for which libav may have no encoder of the same name.
            self._track = output.add_stream_from_template(stream, opaque=True)
        self._track.time_base = 1 / self._rate
        self._track.codec_context.framerate = self._rate
        if self._row.tag:
            self._track.codec_context.codec_tag = self._row.tag

    def packets(self) -> Iterator[audio.TimedPacket]:
        """Every packet with its time. Raises: IntegrityError."""
        done = 0
        for segment in self._segments:
            with _opened(segment) as (container, stream):
                if _parameters(stream) != self._parameters:
                    raise IntegrityError(f"{segment.name}: was encoded with other settings than the first segment")
                packets = _read(container, stream, segment)
            places = _places(packets, segment, self._row.reorder)
            for number, (packet, place) in enumerate(zip(packets, places, strict=True)):
                packet.stream = self._track
                packet.time_base = 1 / self._rate
                packet.pts = done + place
                packet.dts = done + number - self._row.reorder
                packet.duration = 1
                yield packet.dts / self._rate, packet
            done += len(packets)


@contextmanager
def _opened(segment: Segment) -> Iterator[tuple[InputContainer, VideoStream]]:
    """A segment's container and video track. Raises: IntegrityError if it is no film."""
    with ExitStack() as closing:
        reader = closing.enter_context(segment.open())
        try:
            container = closing.enter_context(av.open(reader, "r", container_options=CONFINED))
            stream = container.streams.video[0]
        except (FFmpegError, ValueError, IndexError) as error:
            raise IntegrityError(f"{segment.name}: is damaged; redo its frames") from error
        yield container, stream


def _read(container: InputContainer, stream: VideoStream, segment: Segment) -> list[Packet]:
    try:
        packets = [packet for packet in container.demux(stream) if packet.size]
    except (FFmpegError, ValueError) as error:
        raise IntegrityError(f"{segment.name}: is damaged; redo its frames") from error
    if len(packets) != segment.frames:
        raise IntegrityError(f"{segment.name}: holds {len(packets)} frames, its receipt says {segment.frames}")
    return packets


def _places(packets: list[Packet], segment: Segment, reorder: int) -> list[int]:
    """For each packet in decoding order, its frame's place in the order of showing."""
    times = [packet.pts for packet in packets if packet.pts is not None]
    ranks = {time: rank for rank, time in enumerate(sorted(times))}
    if len(ranks) != len(packets):
        raise IntegrityError(f"{segment.name}: two frames are shown at the same time; redo its frames")
    places = [ranks[time] for time in times]
    if not packets[0].is_keyframe or places[0] != 0:
        raise IntegrityError(f"{segment.name}: does not start with a keyframe; redo its frames")
    if any(number - reorder > place for number, place in enumerate(places)):
        raise IntegrityError(f"{segment.name}: its frames are reordered by more than {reorder}; redo its frames")
    return places


def _parameters(stream: VideoStream) -> tuple[Any, ...]:
    codec = stream.codec_context
    return codec.name, codec.width, codec.height, codec.pix_fmt, codec.extradata


def _output(target: Path, row: Deliverable, tags: Mapping[str, str]) -> OutputContainer:
    options = {"fflags": "+bitexact"}
    if row.container in ("mp4", "mov"):
        # The index goes to the front, so that the film plays while it loads. Names that libav does not know are left
        # out without a word unless they are to be written as they are.
        options["movflags"] = "+faststart+use_metadata_tags" if tags else "+faststart"
    output = av.open(os.fspath(target), "w", format=row.container, container_options=options)
    output.metadata.update(tags)
    return output


def _carry_timecode(output: OutputContainer, row: Deliverable, source: Source, first: int) -> None:
    if source.timecode and source.rate and row.container == "mov":
        output.metadata["timecode"] = timecode.shifted(source.timecode, first, source.rate)
