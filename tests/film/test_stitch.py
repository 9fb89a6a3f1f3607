import io
from fractions import Fraction

import av
import numpy as np
import pytest

from pipeline.errors import IntegrityError, MediaError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.encode import SegmentEncoder
from pipeline.film.probe import probe
from pipeline.film.stitch import Segment, concatenate
from tests.media import number_of, numbered_picture, packet_payloads, resident_mib, write_film

RATE = Fraction(24)
VIDEO = [name for name, row in DELIVERABLES.items() if row.made_of == "segments"]


def _segments(name, frames, chunk, *, size=(96, 64), first=0):
    segments = []
    for start in range(0, frames, chunk):
        with SegmentEncoder(DELIVERABLES[name], *size, RATE) as encoder:
            for number in range(start, min(frames, start + chunk)):
                encoder.write(numbered_picture(first + number, *size))
        data = encoder.close()
        segments.append(Segment(f"chunk {start}", encoder.frames, lambda data=data: io.BytesIO(data)))
    return segments


def _joined(tmp_path, name, segments, **options):
    row = DELIVERABLES[name]
    target = tmp_path / f"film{row.suffix}"
    return target, concatenate(segments, target, deliverable=row, rate=RATE, **options)


def _decoded(path_or_file):
    with av.open(path_or_file) as container:
        stream = container.streams.video[0]
        return [(frame.pts * stream.time_base, _pixels(frame)) for frame in container.decode(stream)]


def _pixels(frame):
    if not frame.format.name.startswith("yuva"):
        return frame.to_ndarray()
    # PyAV makes no array of four planes.
    rows = [np.frombuffer(memoryview(plane), np.uint16).reshape(frame.height, -1) for plane in frame.planes]
    return np.stack([row[:, : frame.width] for row in rows])


@pytest.mark.parametrize("name", VIDEO)
def test_joined_film_is_its_segments_at_even_times(tmp_path, name):
    segments = _segments(name, 60, 7)
    target, delivered = _joined(tmp_path, name, segments)
    film = _decoded(str(target))
    apart = [pixels for segment in segments for _, pixels in _decoded(segment.open())]
    assert delivered.frames == len(film) == len(apart) == 60
    assert delivered.duration_s == Fraction(60, 24)
    for number, ((time, joined), alone) in enumerate(zip(film, apart, strict=True)):
        assert abs(time - number / RATE) <= Fraction(1, 1000)
        np.testing.assert_array_equal(joined, alone)


@pytest.mark.parametrize("name", ["h264", "prores"])
def test_same_input_gives_the_same_bytes(tmp_path, name):
    source = probe(str(write_film(tmp_path / "source.mov", 24, sound="pcm_s16le", timecode="01:00:00:00")))
    segments = _segments(name, 24, 10)
    contents = []
    for _ in range(2):
        target, _ = _joined(tmp_path, name, segments, source=source)
        contents.append(target.read_bytes())
    assert contents[0] == contents[1]


def test_joined_film_seeks_to_the_very_frame(tmp_path):
    target, _ = _joined(tmp_path, "h264", _segments("h264", 60, 7))
    from pipeline.film.decode import read_frames

    source = probe(str(target))
    assert [number_of(next(read_frames(source, n, n + 1))) for n in (0, 6, 7, 30, 59)] == [0, 6, 7, 30, 59]


SOUNDS = [
    ("source.mp4", "aac", "h264"),
    ("source.mp4", "aac", "prores"),
    ("source.mp4", "libmp3lame", "hevc"),
    ("source.mov", "pcm_s16le", "prores"),
    ("source.webm", "libopus", "av1"),
    ("source.mkv", "libopus", "h264-mkv"),
]


@pytest.mark.parametrize(("film", "codec", "name"), SOUNDS)
def test_sound_is_the_sources_own_packets(tmp_path, film, codec, name):
    options = {"codec": "libvpx-vp9", "options": {"deadline": "realtime"}} if film.endswith("webm") else {}
    path = write_film(tmp_path / film, 48, sound=codec, **options)
    target, delivered = _joined(tmp_path, name, _segments(name, 48, 20, size=(128, 96)), source=probe(str(path)))
    assert delivered.audio == "copied"
    own = packet_payloads(path, "audio")
    if codec == "pcm_s16le":
        assert b"".join(packet_payloads(target, "audio")) == b"".join(own)
    else:
        assert packet_payloads(target, "audio") == own


def _click_times(path):
    """When the sound's clicks begin, in seconds."""
    times = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            values = frame.to_ndarray()
            scale = np.iinfo(values.dtype).max if values.dtype.kind == "i" else 1
            by_channel = values if frame.format.is_planar else values.reshape(frame.samples, -1).T
            loud = np.flatnonzero(np.abs(by_channel.astype(np.float64)).max(axis=0) > 0.4 * scale)
            if len(loud):
                times.append(float(frame.pts * frame.time_base) + loud[0] / frame.sample_rate)
    return [time for number, time in enumerate(times) if number == 0 or time - times[number - 1] > 0.1]


@pytest.mark.parametrize("name", ["h264", "prores", "h264-mkv"])
@pytest.mark.parametrize("codec", ["aac", "libopus"])
def test_range_of_frames_keeps_its_sound_in_sync(tmp_path, name, codec):
    path = write_film(tmp_path / "source.mkv", 96, sound=codec)
    segments = _segments(name, 48, 20, first=24)
    target, _ = _joined(tmp_path, name, segments, source=probe(str(path)), first=24)
    with av.open(str(target)) as container:
        zero = float(container.streams.video[0].start_time * container.streams.video[0].time_base)
    heard = [time - zero for time in _click_times(target)]
    # Frame 24 is shown at 1 s; the click that begins with it may be cut by a packet's edge.
    own = [time - 1 for time in _click_times(path) if 1.1 < time < 2.9]
    assert [time for time in heard if 0.1 < time < 1.9] == pytest.approx(own, abs=0.0015)


def test_sound_that_the_container_cannot_carry_is_encoded_once_and_said(tmp_path):
    path = write_film(tmp_path / "source.mkv", 48, sound="flac")
    target, delivered = _joined(tmp_path, "prores", _segments("prores", 48, 20), source=probe(str(path)))
    assert delivered.audio == "encoded"
    assert delivered.notes == ("the source's flac sound was encoded to pcm_s24le: .mov cannot carry it",)
    assert _click_times(target) == pytest.approx([0.0, 0.5, 1.0, 1.5], abs=0.002)


def test_sound_starts_with_the_films_first_frame(tmp_path):
    # The picture starts 0.25 s late in the source, so the click at 0.5 s is heard at 0.25 s.
    path = write_film(
        tmp_path / "source.mkv",
        48,
        times=range(250, 250 + 48 * 40, 40),
        time_base=Fraction(1, 1000),
        rate=25,
        sound="flac",
    )
    target, _ = _joined(tmp_path, "prores", _segments("prores", 48, 48), source=probe(str(path)))
    assert _click_times(target)[0] == pytest.approx(0.25, abs=0.002)


@pytest.mark.parametrize(("first", "expected"), [(0, "01:00:00:20"), (12, "01:00:01:08")])
def test_prores_carries_the_timecode(tmp_path, first, expected):
    source = probe(str(write_film(tmp_path / "source.mov", 24, timecode="01:00:00:20")))
    target, _ = _joined(tmp_path, "prores", _segments("prores", 12, 12), source=source, first=first)
    assert probe(str(target)).timecode == expected


def test_index_of_an_mp4_comes_first(tmp_path):
    target, _ = _joined(tmp_path, "h264", _segments("h264", 12, 12))
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_wrong_segments_are_named_and_nothing_is_left(tmp_path):
    good = _segments("h264", 20, 10)
    short = Segment("chunk 10", 11, good[1].open)
    noise = Segment("chunk 10", 10, lambda: io.BytesIO(b"noise" * 100))
    other = Segment("chunk 10", 10, _segments("h264", 10, 10, size=(128, 96))[0].open)
    cases = {"holds 10 frames, its receipt says 11": short, "is damaged": noise, "other settings": other}
    for words, bad in cases.items():
        with pytest.raises(IntegrityError, match=f"chunk 10: .*{words}"):
            _joined(tmp_path, "h264", [good[0], bad])
        assert not (tmp_path / "film.mp4").exists()
    with pytest.raises(MediaError, match="no frames"):
        _joined(tmp_path, "h264", [])


def test_memory_does_not_grow_with_the_film(tmp_path):
    (segment,) = _segments("h264", 48, 48, size=(256, 192))
    levels = []

    def opened():
        levels.append(resident_mib())
        return segment.open()

    source = probe(str(write_film(tmp_path / "source.mp4", 24, sound="aac")))
    _joined(tmp_path, "h264", [Segment("s", 48, opened)] * 200, source=source)
    assert levels[-1] - levels[20] < 16
