from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.limits import Limits
from pipeline.film.probe import probe
from tests.media import numbered_picture, write_film, write_picture, write_sound


def test_film_is_measured(tmp_path):
    source = probe(str(write_film(tmp_path / "a.mp4", 30, rate=Fraction(24000, 1001), sound="aac")))
    assert (source.kind, source.width, source.height, source.frames) == ("film", 96, 64, 30)
    assert source.rate == Fraction(24000, 1001)
    assert not source.variable_rate
    assert source.audio_codec == "aac"
    assert source.stem == "a"
    assert list(source.pts) == sorted(set(source.pts))


def test_relative_path_becomes_absolute(tmp_path, monkeypatch):
    write_film(tmp_path / "a.mp4", 3)
    monkeypatch.chdir(tmp_path)
    assert probe("a.mp4").url == str(tmp_path / "a.mp4")


def test_webm_milliseconds_keep_the_standard_rate(tmp_path):
    film = write_film(tmp_path / "a.mkv", 100, rate=Fraction(30000, 1001))
    source = probe(str(film))
    assert source.rate == Fraction(30000, 1001)
    assert not source.variable_rate


def test_variable_rate_is_resampled_and_said(tmp_path):
    # Frame 3 stays for five frames' time.
    times = [0, 40, 80, 120, 320, 360, 400, 440]
    film = write_film(tmp_path / "a.mkv", len(times), rate=25, times=times, time_base=Fraction(1, 1000))
    source = probe(str(film), rate=Fraction(25))
    assert source.variable_rate
    assert source.pts == (0, 40, 80, 120, 120, 120, 120, 120, 320, 360, 400, 440)
    assert "resampled to 25" in source.notes[0]


def test_jitter_below_half_a_frame_is_an_even_rate(tmp_path):
    times = [0, 47, 76, 127, 155, 203, 236, 284]
    film = write_film(tmp_path / "a.mkv", len(times), rate=25, times=times, time_base=Fraction(1, 1000))
    source = probe(str(film))
    assert (source.rate, source.variable_rate, source.pts) == (Fraction(25), False, tuple(times))


def test_other_rate_repeats_and_drops_frames(tmp_path):
    film = write_film(tmp_path / "a.mp4", 24, rate=24)
    assert probe(str(film), rate=Fraction(48)).frames == 48
    assert probe(str(film), rate=Fraction(12)).frames == 12


def test_rotation_and_aspect_give_the_shown_size(tmp_path):
    film = write_film(tmp_path / "a.mp4", 2, size=(96, 64), rotation=90, aspect=Fraction(3, 2))
    source = probe(str(film))
    assert (source.width, source.height) == (64, 144)
    assert len(source.notes) == 2


def test_odd_size_and_deep_colour_are_reported(tmp_path):
    film = write_film(tmp_path / "a.mkv", 2, size=(95, 63), codec="ffv1", pix_fmt="yuv444p10le")
    source = probe(str(film))
    assert (source.width, source.height, source.bit_depth) == (95, 63, 10)


def test_timecode_is_read(tmp_path):
    film = write_film(tmp_path / "a.mov", 4, timecode="01:02:03:04")
    assert probe(str(film)).timecode == "01:02:03:04"


def test_fingerprint_changes_with_the_file(tmp_path):
    film = write_film(tmp_path / "a.mp4", 4)
    before = probe(str(film)).fingerprint
    write_film(film, 5)
    assert probe(str(film)).fingerprint != before


def test_stored_film_is_probed_like_a_local_one(tmp_path):
    film = write_film(tmp_path / "a.mp4", 12, sound="aac")
    stored = probe(f"file://{film}")
    assert stored.model_copy(update={"url": "", "fingerprint": ""}) == probe(str(film)).model_copy(
        update={"url": "", "fingerprint": ""}
    )


def _cut_in_half(film: Path) -> None:
    data = film.read_bytes()
    film.write_bytes(data[: len(data) // 2])


def test_bad_films_say_what_to_do(tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("hello, this is no film\n" * 50)
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    write_sound(tmp_path / "song.m4a")
    _cut_in_half(write_film(tmp_path / "index_last.mp4", 48))
    expected = {
        "missing.mp4": "no such file",
        "empty.mp4": "empty",
        "text.mp4": "text file",
        "noise.mp4": "no film that we can read",
        "song.m4a": "no video",
        "index_last.mp4": "cut off",
    }
    for name, words in expected.items():
        with pytest.raises(MediaError, match=words) as caught:
            probe(str(tmp_path / name))
        assert str(tmp_path / name) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "options"), [("a.mp4", {"movflags": "+faststart"}), ("a.mkv", {}), ("a.avi", {})])
def test_film_cut_off_in_the_middle_is_refused(tmp_path, name, options):
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    film = write_film(tmp_path / name, 120, codec=codec, container_options=options)
    _cut_in_half(film)
    with pytest.raises(MediaError, match="cut off"):
        probe(str(film))


def test_film_trimmed_by_its_edit_list_is_whole(tmp_path):
    # Sound and picture start at 1 s: what comes before is hidden by the edit list, as phones trim.
    film = write_film(tmp_path / "a.mp4", 48, times=range(-24, 24))
    source = probe(str(film))
    assert source.frames == 24


def test_playlists_are_never_followed(tmp_path):
    film = write_film(tmp_path / "a.mp4", 4)
    (tmp_path / "list.ffconcat").write_text(f"ffconcat version 1.0\nfile '{film}'\n")
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n")
    for name in ("list.ffconcat", "list.m3u8"):
        with pytest.raises(MediaError, match="text file"):
            probe(str(tmp_path / name))


def test_hdr_is_refused(tmp_path):
    film = write_film(tmp_path / "a.mp4", 2, tags={"color_trc": 16})
    with pytest.raises(MediaError, match=r"HDR \(PQ\)"):
        probe(str(film))


def test_a_million_frames_a_second_are_refused(tmp_path):
    film = write_film(
        tmp_path / "a.nut", 10, codec="ffv1", rate=1_000_000, times=range(10), time_base=Fraction(1, 1_000_000)
    )
    with pytest.raises(MediaError, match="1e\\+06 frames per second"):
        probe(str(film))
    with pytest.raises(MediaError, match="0 frames per second"):
        probe(str(film), rate=Fraction(0))


def test_too_large_sources_are_refused_before_decoding(tmp_path):
    film = write_film(tmp_path / "a.mp4", 10)
    picture = write_picture(tmp_path / "a.png", numbered_picture(1))
    small, short = Limits(side_px=80), Limits(frames=9)
    for path in (film, picture):
        with pytest.raises(MediaError, match="larger than the limit"):
            probe(str(path), limits=small)
    with pytest.raises(MediaError, match="more than the limit of 9"):
        probe(str(film), limits=short)


def test_picture_bomb_is_refused_from_its_header(tmp_path):
    # A PNG header that claims 30,000 x 30,000 pixels, and nothing behind it.
    import struct
    import zlib

    ihdr = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    idat = b"IDAT" + zlib.compress(b"\0" * 1000)
    chunks = b"".join(struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (ihdr, idat))
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    with pytest.raises(MediaError, match="30000x30000 is larger"):
        probe(str(tmp_path / "bomb.png"))
