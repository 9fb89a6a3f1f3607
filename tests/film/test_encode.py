import io
import os
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.decode import read_frames
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.encode import SegmentEncoder
from pipeline.film.probe import probe
from tests.media import number_of, numbered_picture

RATE = Fraction(24000, 1001)
SEGMENTS = [name for name, row in DELIVERABLES.items() if row.made_of == "segments"]


def _encoded(name, pictures):
    height, width = pictures[0].shape[:2]
    with SegmentEncoder(DELIVERABLES[name], width, height, RATE) as encoder:
        for picture in pictures:
            encoder.write(picture)
    return encoder.close()


def _decoded(data):
    with av.open(io.BytesIO(data)) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("name", SEGMENTS)
def test_segment_holds_every_frame_tagged_and_in_order(name):
    frames = _decoded(_encoded(name, [numbered_picture(n, 128, 96) for n in range(20)]))
    assert [number_of(frame.to_ndarray(format="rgb24")) for frame in frames] == list(range(20))
    assert {(f.colorspace, f.color_range, f.color_primaries, f.color_trc) for f in frames} == {(1, 1, 1, 1)}
    assert frames[0].key_frame


@pytest.mark.parametrize("name", SEGMENTS)
def test_same_frames_give_the_same_bytes(name):
    pictures = [numbered_picture(n, 128, 96) for n in range(10)]
    assert _encoded(name, pictures) == _encoded(name, pictures)


@pytest.mark.parametrize("name", [name for name in SEGMENTS if DELIVERABLES[name].even])
def test_odd_sizes_are_padded_by_their_edge(name):
    (frame,) = _decoded(_encoded(name, [numbered_picture(5, 127, 95)]))
    assert (frame.width, frame.height) == (128, 96)
    pixels = frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(pixels[:, 127] - pixels[:, 126]).mean() < 6


def test_what_shares_no_chroma_keeps_odd_sizes():
    (frame,) = _decoded(_encoded("prores-4444", [numbered_picture(5, 127, 95)]))
    assert (frame.width, frame.height) == (127, 95)


@pytest.mark.parametrize("frames", [1, 2, 3])
@pytest.mark.parametrize("name", [name for name in SEGMENTS if DELIVERABLES[name].container != "matroska"])
def test_the_packets_of_a_short_segment_are_numbered(name, frames):
    data = _encoded(name, [numbered_picture(n, 128, 96) for n in range(frames)])
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        times = [packet.dts * packet.time_base * RATE for packet in container.demux(stream) if packet.size]
    reorder = DELIVERABLES[name].reorder
    assert times == [number - reorder for number in range(frames)]


def test_pure_red_has_the_luma_of_limited_bt709():
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    (frame,) = _decoded(_encoded("h264", [red]))
    assert abs(np.frombuffer(memoryview(frame.planes[0]), np.uint8)[0].astype(int) - 63) <= 1


@pytest.mark.parametrize(("deep", "codes"), [(True, range(860, 878)), (False, range(200, 221))])
def test_prores_keeps_the_codes_of_a_ten_bit_ramp(deep, codes):
    """877 codes lie between black (64) and white (940); through 8 bits at most 220 are left."""
    ramp = np.linspace(0, 65_535, 4096).astype(np.uint16)
    picture = np.repeat(np.tile(ramp, (32, 1))[..., None], 3, axis=-1)
    (frame,) = _decoded(_encoded("prores", [picture if deep else (picture >> 8).astype(np.uint8)]))
    luma = np.frombuffer(memoryview(frame.planes[0]), np.uint16).reshape(32, -1)[:, :4096]
    assert abs(int(luma.min()) - 64) <= 2
    assert abs(int(luma.max()) - 940) <= 2
    if deep:
        assert len(np.unique(luma)) in codes
    else:
        # The codec's own noise spreads each of the few codes a little.
        assert len(np.unique(np.median(luma, axis=0))) < 600


def test_deep_pixels_survive_delivery(tmp_path):
    ramp = np.linspace(0, 65_535, 1920).astype(np.uint16)
    picture = np.repeat(np.tile(ramp, (32, 1))[..., None], 3, axis=-1)
    film = tmp_path / "a.mov"
    film.write_bytes(_encoded("prores", [picture]))
    (deep,) = read_frames(probe(str(film)), 0, 1, deep=True)
    assert np.abs(deep.astype(int) - picture).max() < 65_536 / 1024 * 4
    assert np.abs(deep.astype(int) - picture).mean() < 65_536 / 1024


def test_segment_may_be_written_to_a_file(tmp_path):
    pictures = [numbered_picture(n) for n in range(5)]
    with SegmentEncoder(DELIVERABLES["h264"], 96, 64, RATE, target=tmp_path / "a.mp4") as encoder:
        for picture in pictures:
            encoder.write(picture)
    assert probe(str(tmp_path / "a.mp4")).frames == encoder.frames == 5


def test_headers_are_repeated_in_every_segment():
    data = _encoded("h264", [numbered_picture(0)])
    with av.open(io.BytesIO(data)) as container:
        first = bytes(next(container.demux(video=0)))
    kinds, at = [], 0
    while at < len(first):
        length = int.from_bytes(first[at : at + 4], "big")
        kinds.append(first[at + 4] & 31)
        at += 4 + length
    sequence_header, picture_header, idr = 7, 8, 5
    assert {sequence_header, picture_header, idr} <= set(kinds)


def test_frames_of_another_size_are_refused():
    with SegmentEncoder(DELIVERABLES["h264"], 96, 64, RATE) as encoder:
        encoder.write(numbered_picture(0))
        with pytest.raises(MediaError, match="frame 1 is 48x64, but the segment is 96x64"):
            encoder.write(numbered_picture(1, 48, 64))


def test_deliverables_without_segments_are_refused():
    with pytest.raises(MediaError, match="'gif' is not made of segments"):
        SegmentEncoder(DELIVERABLES["gif"], 96, 64, RATE)


def test_every_row_names_what_libav_has():
    for row in DELIVERABLES.values():
        if row.codec:
            av.codec.Codec(row.codec, "w")
            assert row.container in av.formats_available
        if row.audio_codec:
            av.codec.Codec(row.audio_codec, "w")


def test_no_encoder_makes_this_process_real_time() -> None:
    """SVT-AV1 does, when root runs it: whatever is started afterwards would keep others from running."""
    with SegmentEncoder(DELIVERABLES["av1"], 64, 64, Fraction(24)) as encoder:
        for _ in range(3):
            encoder.write(np.zeros((64, 64, 3), np.uint8))
        policies = {os.sched_getscheduler(int(thread)) for thread in os.listdir("/proc/self/task")}
    assert policies == {os.SCHED_OTHER}
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_prores_4444_keeps_colour_and_alpha():
    colour = cv2.GaussianBlur(numbered_picture(7, 128, 96), (0, 0), 3)
    alpha = np.linspace(0, 255, 128, dtype=np.uint8)[None].repeat(96, 0)
    (frame,) = _decoded(_encoded("prores-4444", [np.dstack([colour, alpha])]))
    pixels = frame.to_ndarray(format="rgba").astype(int)
    assert np.abs(pixels[..., 3] - alpha).max() <= 1
    assert np.abs(pixels[..., :3] - colour).mean() < 3


def test_prores_4444_of_a_film_without_alpha_hides_everything():
    (frame,) = _decoded(_encoded("prores-4444", [numbered_picture(7, 128, 96)]))
    assert (frame.to_ndarray(format="rgba")[..., 3] == 255).all()
