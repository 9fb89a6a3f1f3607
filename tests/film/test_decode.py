import io
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from pipeline.errors import MediaError, SourceMissing, StorageUnavailable
from pipeline.film import access
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from tests.media import number_of, numbered_picture, resident_mib, write_film


def _numbers(source, start, stop, **options):
    return [number_of(frame) for frame in read_frames(source, start, stop, **options)]


FILMS = {
    "b_frames.mp4": {},
    "open_gop.mp4": {"options": {"preset": "veryfast", "x264-params": "open-gop=1:keyint=10:bframes=3:b-adapt=0"}},
    "one_keyframe.mkv": {"options": {"preset": "veryfast", "x264-params": "keyint=1000:bframes=3"}},
    "intra_refresh.mp4": {"options": {"preset": "veryfast", "x264-params": "intra-refresh=1:keyint=10"}},
    "transport.ts": {},
    "old.avi": {"codec": "mpeg4", "options": {"g": "12"}},
    "hevc.mp4": {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none:keyint=10"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "fast.mp4": {"rate": 60},
}


@pytest.mark.parametrize("name", FILMS)
def test_every_chunk_starts_at_its_very_frame(tmp_path, name):
    source = probe(str(write_film(tmp_path / name, 40, **FILMS[name])))
    assert source.frames == 40
    assert _numbers(source, 0, 40) == list(range(40))
    for start in (1, 9, 10, 11, 23, 39):
        assert _numbers(source, start, min(40, start + 3)) == list(range(40))[start : start + 3]


def test_chunks_give_the_same_pixels_as_one_pass(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mp4", 40)))
    whole = list(read_frames(source, 0, 40))
    chunks = [frame for start in range(0, 40, 7) for frame in read_frames(source, start, min(40, start + 7))]
    threaded = list(read_frames(source, 0, 40, threads=4))
    for one, other, third in zip(whole, chunks, threaded, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)


def test_variable_rate_holds_frames(tmp_path):
    times = [0, 40, 80, 120, 320, 360, 400, 440]
    film = write_film(tmp_path / "a.mkv", len(times), rate=25, times=times, time_base=Fraction(1, 1000))
    source = probe(str(film), rate=Fraction(25))
    assert _numbers(source, 0, source.frames) == [0, 1, 2, 3, 3, 3, 3, 3, 4, 5, 6, 7]
    held = list(read_frames(source, 4, 6))
    held[0][:] = 0
    assert held[1].any()


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (-90, 3)])
def test_rotated_film_is_shown_upright(tmp_path, degrees, turns):
    source = probe(str(write_film(tmp_path / "a.mp4", 1, codec="mpeg4", rotation=degrees)))
    (frame,) = read_frames(source, 0, 1)
    assert frame.shape == (source.height, source.width, 3)
    difference = np.abs(frame.astype(int) - np.rot90(numbered_picture(0), turns))
    assert difference.mean() < 6


def test_pixels_are_made_square_and_sized(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mp4", 1, aspect=Fraction(3, 2))))
    assert next(read_frames(source, 0, 1)).shape == (64, 144, 3)
    assert next(read_frames(source, 0, 1, size=72)).shape == (32, 72, 3)


def test_odd_sizes_keep_every_pixel(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mkv", 2, size=(95, 63), codec="ffv1", pix_fmt="yuv444p")))
    frame = list(read_frames(source, 0, 2))[1]
    assert frame.shape == (63, 95, 3)
    assert np.abs(frame.astype(int) - numbered_picture(1, 95, 63)).max() < 8


@pytest.mark.parametrize(("height", "tag", "expected"), [(64, 2, 76), (64, 1, 54), (720, 2, 54), (720, 5, 76)])
def test_matrix_follows_the_tag_else_the_size(tmp_path, height, tag, expected):
    """Full red's luma is 76 in BT.601 and 54 in BT.709: a film made with it must come back red."""
    film = tmp_path / "a.mkv"
    with av.open(str(film), "w") as output:
        stream = output.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, height, "yuv444p"
        stream.codec_context.colorspace = tag
        stream.codec_context.color_range = 2
        frame = av.VideoFrame(64, height, "yuv444p")
        chroma = {76: (85, 255), 54: (99, 255)}[expected]
        for plane, value in zip(frame.planes, (expected, *chroma), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.colorspace, frame.color_range = 0, tag, 2
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    (pixels,) = read_frames(probe(str(film)), 0, 1)
    assert np.abs(pixels[height // 2, 32].astype(int) - (255, 0, 0)).max() <= 2


def test_black_and_white_reach_the_ends_in_8_and_16_bit(tmp_path):
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:, 48:] = 255
    source = probe(str(write_film(tmp_path / "a.mkv", [picture], codec="ffv1", pix_fmt="yuv422p10le")))
    shallow, deep = (next(read_frames(source, 0, 1, deep=deep)) for deep in (False, True))
    assert (shallow[32, 8, 0], shallow[32, 88, 0]) == (0, 255)
    assert deep.dtype == np.uint16
    assert deep[32, 8, 0] == 0
    assert deep[32, 88, 0] >= 65_535 - 32


def test_ten_bit_ramp_keeps_its_codes(tmp_path):
    ramp = np.linspace(0, 65_535, 1920).astype(np.uint16)
    picture = np.repeat(np.tile(ramp, (16, 1))[..., None], 3, axis=-1)
    source = probe(str(write_film(tmp_path / "a.mkv", [picture], codec="ffv1", pix_fmt="yuv422p10le")))
    (deep,) = read_frames(source, 0, 1, deep=True)
    assert len(np.unique(deep[8, :, 1])) > 870


def test_memory_does_not_grow_with_the_film(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mp4", 120, size=(320, 240))))
    resident = [resident_mib() for _ in range(3) for _ in read_frames(source, 0, 120)]
    assert max(resident[120:]) - max(resident[:120]) < 10


def test_frames_outside_the_film_are_refused(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mp4", 4)))
    with pytest.raises(MediaError, match="not within its 4"):
        list(read_frames(source, 2, 5))


def test_film_that_vanishes_names_the_frame(tmp_path):
    film = write_film(tmp_path / "a.mp4", 4)
    source = probe(str(film))
    film.unlink()
    with pytest.raises(MediaError, match=r"frame 3: .*no such file"):
        list(read_frames(source, 2, 4))


def test_one_picture_that_vanishes_is_a_bad_frame_and_all_of_them_are_a_missing_source(tmp_path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"shot.{number:04d}.png"), numbered_picture(number))
    source = probe(str(tmp_path / "shot.%04d.png"))
    (tmp_path / "shot.0001.png").unlink()
    with pytest.raises(MediaError, match=r"frame 1: .*no such file") as one:
        list(read_frames(source, 0, 3))
    assert not isinstance(one.value, SourceMissing)
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(SourceMissing):
        list(read_frames(source, 0, 3))


def test_film_replaced_by_a_shorter_one_names_the_frame(tmp_path):
    film = write_film(tmp_path / "a.mp4", 40)
    source = probe(str(film))
    write_film(film, 10)
    with pytest.raises(MediaError, match=r"frame 9: .*has changed since the job was planned: .* submit again"):
        list(read_frames(source, 8, 40))


def test_store_that_fails_midway_names_the_frame_and_may_be_retried(tmp_path, monkeypatch):
    film = write_film(
        tmp_path / "a.mp4", [np.random.default_rng(n).integers(0, 256, (64, 96, 3), np.uint8) for n in range(60)]
    )
    source = probe(f"file://{film}")
    opened = access.open_bytes

    class Failing(io.RawIOBase):
        def __init__(self, reader):
            self._reader, self._left = reader, 40

        def readable(self):
            return True

        def seekable(self):
            return True

        def seek(self, *where):
            return self._reader.seek(*where)

        def tell(self):
            return self._reader.tell()

        def close(self):
            self._reader.close()
            super().close()

        def read(self, size=-1):
            self._left -= 1
            if self._left < 0:
                raise StorageUnavailable("the store went away")
            return self._reader.read(min(size, 4096) if size > 0 else size)

    monkeypatch.setattr(access, "open_bytes", lambda url, options=None: Failing(opened(url, options)))
    with pytest.raises(StorageUnavailable, match=r"^frame \d+: the store went away"):
        list(read_frames(source, 0, 60))
