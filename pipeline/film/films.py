"""Probing one film: which frames it shows and when, how large, in which colours. No sequences, no pixels kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from pipeline.errors import MediaError
from pipeline.film import access, geometry, rates, sequences
from pipeline.film.colour import HDR_TRANSFERS
from pipeline.film.container import opened_film, video_stream
from pipeline.film.limits import Limits
from pipeline.film.source import Source
from pipeline.film.timecode import is_timecode

# Only these say how long they should be; elsewhere libav guesses the duration.
_DECLARES_DURATION = ("mov", "matroska", "avi", "flv", "asf")
_SHORTFALL_S = Fraction(1)
_SHORTFALL_COUNTED_S = Fraction(1, 10)

_VP8_SHOWN = 0b1_0000


@dataclass
class _Timeline:
    """What one pass over the packets tells."""

    pts: set[int] = field(default_factory=set)
    packets: int = 0
    first_keyframe: int | None = None
    end: int = 0
    """Where the last frame ends, in the stream's time base."""
    end_s: Fraction = Fraction(0)
    """Where the last packet of any track ends, in seconds."""


def probe_film(url: str, *, rate: Fraction | None, limits: Limits, options: Any) -> Source:
    """The film as a source; reads all its packets once and decodes one frame.

    Raises: MediaError, AccessDenied, StorageUnavailable.
    """
    fingerprint = access.fingerprint(url, options)
    with opened_film(url, limits=limits, options=options) as container:
        stream = video_stream(container, url)
        _refuse_hdr(stream.codec_context.color_trc, url)
        limits.check_size(stream.width, stream.height, url)
        timeline = _timeline(container, stream, url)
        _refuse_cut_off(container, stream, timeline, url)
        pts = _shown_pts(timeline, url)
        timing = _timing(stream, pts, timeline.end, rate=rate, limits=limits, url=url)
        sound = container.streams.audio[0] if container.streams.audio else None
        audio_codec = _codec_name(sound) if sound else None
        timecode = _timecode(container)
        time_base, aspect = _time_base(stream), stream.sample_aspect_ratio
    frame = _first_frame(url, limits, options)
    _refuse_hdr(frame.color_trc, url)
    limits.check_frames(len(timing.pts), url)
    orientation, turned = orientation_of(frame)
    width, height = geometry.square_size(frame.width, frame.height, aspect)
    if geometry.turns_sideways(orientation):
        width, height = height, width
    limits.check_size(width, height, url)
    return Source(
        kind="film",
        url=url,
        fingerprint=fingerprint,
        stem=sequences.stem(access.basename(url)),
        width=width,
        height=height,
        frames=len(timing.pts),
        max_pixels=limits.pixels,
        rate=timing.rate,
        bit_depth=max(component.bits for component in frame.format.components),
        pts=timing.pts,
        time_base=time_base,
        variable_rate=timing.variable,
        audio_codec=audio_codec,
        timecode=timecode,
        notes=(*timing.notes, *turned, *_looks(frame, aspect)),
    )


def orientation_of(frame: av.VideoFrame) -> tuple[int, tuple[str, ...]]:
    """How the frame is to be turned (EXIF's number), and what to tell the user about it."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return geometry.UPRIGHT, ()
    orientation = geometry.orientation_of_display_matrix(bytes(cast(Any, matrix)))
    if orientation is None:
        return geometry.UPRIGHT, ("its display matrix turns by no multiple of 90°, and is ignored",)
    if orientation == geometry.UPRIGHT:
        return orientation, ()
    return orientation, (f"{geometry.ORIENTATION_NAMES[orientation]} by its display matrix",)


@dataclass(frozen=True)
class _Timing:
    rate: Fraction
    pts: tuple[int, ...]
    variable: bool
    notes: tuple[str, ...]


def _timeline(container: InputContainer, stream: VideoStream, url: str) -> _Timeline:
    timeline = _Timeline()
    timed = [track for track in container.streams if track.type in ("video", "audio")]
    try:
        for packet in container.demux(timed):
            if packet.size and packet.time_base:
                if packet.pts is not None:
                    end = (packet.pts + (packet.duration or 0)) * packet.time_base
                    timeline.end_s = max(timeline.end_s, end)
                if packet.stream_index == stream.index:
                    _note(timeline, packet, stream.codec_context.name)
    except (FFmpegError, ValueError) as error:
        raise MediaError(f"{url}: is damaged or cut off after {timeline.packets} frames; copy it again") from error
    return timeline


def _note(timeline: _Timeline, packet: Packet, codec: str) -> None:
    timeline.packets += 1
    if packet.pts is None:
        return
    if packet.is_keyframe and timeline.first_keyframe is None:
        timeline.first_keyframe = packet.pts
    if timeline.first_keyframe is None or packet.is_discard or not _is_shown(packet, codec):
        return
    timeline.pts.add(packet.pts)
    timeline.end = max(timeline.end, packet.pts + (packet.duration or 0))


def _is_shown(packet: Packet, codec: str) -> bool:
    """VP8 stores reference frames that are never shown as packets of their own."""
    return codec != "vp8" or bool(memoryview(packet)[0] & _VP8_SHOWN)


def _shown_pts(timeline: _Timeline, url: str) -> list[int]:
    if timeline.packets == 0:
        raise MediaError(f"{url}: holds no frames; give a film that plays")
    if timeline.first_keyframe is None:
        raise MediaError(f"{url}: has no keyframe with a time stamp to start from; convert it to .mp4 first")
    # Pictures before the first keyframe need one that is not there.
    pts = sorted(value for value in timeline.pts if value >= timeline.first_keyframe)
    if not pts:
        raise MediaError(f"{url}: shows no frames; give a film that plays")
    return pts


def _refuse_cut_off(container: InputContainer, stream: VideoStream, timeline: _Timeline, url: str) -> None:
    if not container.format.name.startswith(_DECLARES_DURATION):
        return
    # Edit lists hide frames of a whole .mov, so a short count alone proves nothing; a short time with it does.
    counted = "mov" in container.format.name and timeline.packets < stream.frames
    declared = Fraction(container.duration or 0, av.time_base)
    if timeline.end_s + (_SHORTFALL_COUNTED_S if counted else _SHORTFALL_S) < declared:
        raise MediaError(
            f"{url}: is cut off: it ends after {float(timeline.end_s):.1f} s of {float(declared):.1f} s; copy it again"
        )


def _timing(
    stream: VideoStream, pts: list[int], end: int, *, rate: Fraction | None, limits: Limits, url: str
) -> _Timing:
    time_base = _time_base(stream)
    average = _average(stream, pts, time_base)
    own = rates.even_rate(pts, time_base, _candidates(stream, average))
    stated = rate or own or rates.snapped(average)
    limits.check_rate(stated, url)
    if own is not None and stated == own:
        return _Timing(own, tuple(pts), variable=False, notes=())
    if end <= pts[-1]:
        end = pts[-1] + round(1 / (average * time_base))
    limits.check_frames(int((end - pts[0]) * time_base * stated), url)
    shown = rates.held(pts, end, time_base, stated)
    if own is None:
        note = f"variable rate, resampled to {_written(stated)} (each place holds the nearest frame before it)"
    else:
        note = f"resampled from {_written(own)} to {_written(stated)}"
    return _Timing(stated, shown, variable=own is None, notes=(note,))


def _average(stream: VideoStream, pts: list[int], time_base: Fraction) -> Fraction:
    """Frames per second over the whole film; what the container says if it has one frame."""
    if len(pts) > 1:
        return Fraction(len(pts) - 1) / ((pts[-1] - pts[0]) * time_base)
    return stream.average_rate or stream.guessed_rate or Fraction(0)


def _candidates(stream: VideoStream, average: Fraction) -> list[Fraction]:
    declared = [stream.average_rate, stream.guessed_rate, stream.base_rate]
    # The container's average is exact only by luck (23.98 in a 1 ms time base), so the standard rate goes first.
    known = [candidate for rate in declared if rate for candidate in (rates.snapped(rate), rate)]
    known += [rates.snapped(average)] if average else []
    return list(dict.fromkeys(known))


def _first_frame(url: str, limits: Limits, options: Any) -> av.VideoFrame:
    try:
        with opened_film(url, limits=limits, options=options) as container:
            for frame in container.decode(video_stream(container, url)):
                return frame
    except (FFmpegError, ValueError) as error:
        raise MediaError(f"{url}: its first frame cannot be decoded; convert it to H.264 first") from error
    raise MediaError(f"{url}: shows no frames; give a film that plays")


def _refuse_hdr(transfer: int, url: str) -> None:
    name = HDR_TRANSFERS.get(transfer)
    if name:
        raise MediaError(f"{url}: is HDR ({name}), which is not supported yet; convert it to BT.709 first")


def _looks(frame: av.VideoFrame, aspect: Fraction | None) -> tuple[str, ...]:
    notes = []
    if aspect and aspect != 1:
        notes.append(f"pixels of {aspect.numerator}:{aspect.denominator} made square")
    if frame.interlaced_frame:
        notes.append("interlaced; both fields stay in one frame")
    if frame.color_primaries == 9:
        notes.append("BT.2020 primaries are shown as if BT.709")
    if "a" in frame.format.name.replace("gray", "").replace("pal8", ""):
        notes.append("its transparency is ignored")
    return tuple(notes)


def _timecode(container: InputContainer) -> str | None:
    for holder in (container, *container.streams):
        timecode = holder.metadata.get("timecode")
        # What is none would only be refused once the film is painted.
        if timecode and is_timecode(timecode):
            return timecode
    return None


def _codec_name(stream: av.AudioStream) -> str | None:
    return stream.codec_context.codec.canonical_name if stream.codec_context else None


def _time_base(stream: VideoStream) -> Fraction:
    return stream.time_base or Fraction(1, 1000)


def _written(rate: Fraction) -> str:
    return f"{rate}" if rate.denominator == 1 else f"{rate} ({float(rate):.3f})"
