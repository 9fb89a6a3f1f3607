"""A film, picture or segment makes us open nothing but itself: no connection, and no other file."""

from __future__ import annotations

import io
import os
import socket
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from pipeline.errors import AtelierError, InputError, IntegrityError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.probe import probe
from pipeline.film.stitch import Segment, concatenate
from pipeline.images import read_picture
from tests.media import numbered_picture, write_film, write_picture


class Trap:
    """A server that nobody may connect to."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def assert_untouched(self) -> None:
        """Nobody did."""
        with pytest.raises(BlockingIOError):
            self._listener.accept()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    """A server that nobody may connect to, and nobody did."""
    made = Trap()
    yield made
    made.assert_untouched()
    made.close()


def lures(host: str, film: Path) -> dict[str, bytes]:
    """What files say that would have libav open a URL or another file."""
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{}\n#EXT-X-ENDLIST\n"
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" profiles="urn:mpeg:dash:profile:'
        'isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1"><BaseURL>{}</BaseURL>'
        "</Representation></AdaptationSet></Period></MPD>"
    )
    texts = {"hls": hls, "concat": "ffconcat version 1.0\nfile '{}'\n", "dash": dash, "edl": "# mpv EDL v0\n{}\n"}
    texts |= {
        "asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>',
        "uri": "{}\n",
        "ref": "[Reference]\nRef1={}",
    }
    targets = {"http": f"http://{host}/a.mp4", "tcp": f"tcp://{host}", "file": f"file://{film}", "path": str(film)}
    made = {
        f"{form} {name}": text.format(url).encode() for form, text in texts.items() for name, url in targets.items()
    }
    made["sdp"] = (
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {host[10:]} RTP/AVP 96\n".encode()
    )
    made["hls key"] = (
        hls.format(str(film)).replace("#EXTINF", f'#EXT-X-KEY:METHOD=AES-128,URI="http://{host}/k"\n#EXTINF').encode()
    )
    made["svg"] = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://{host}/a.png"/></svg>'.encode()
    made["eps"] = f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(http://{host}) run\n".encode()
    return made  # fmt: skip


NAMES = ("film.mp4", "film.m3u8", "film.ffconcat", "film.sdp", "film.mpd", "film.webm", "film", "film.png")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film that could be read, were it opened."""
    (tmp_path / "private").mkdir()
    return write_film(tmp_path / "private/other.mp4", 4)


@pytest.mark.parametrize("name", NAMES)
def test_playlists_are_no_films_whatever_they_are_called(tmp_path: Path, trap: Trap, film: Path, name: str) -> None:
    path = tmp_path / name
    for lure in lures(trap.host, film).values():
        path.write_bytes(lure)
        for url in (str(path), f"file://{path}"):
            with pytest.raises(AtelierError):
                probe(url)


def test_playlists_are_no_pictures_either(trap: Trap, film: Path) -> None:
    for lure in lures(trap.host, film).values():
        with pytest.raises(AtelierError):
            read_picture(lure, where="painting.png")


def test_segment_in_the_store_cannot_be_a_playlist(tmp_path: Path, trap: Trap, film: Path) -> None:
    for lure in lures(trap.host, film).values():
        segment = Segment("chunk 0", 4, lambda lure=lure: io.BytesIO(lure))  # type: ignore[misc]
        with pytest.raises(IntegrityError):
            concatenate([segment], tmp_path / "a.mp4", deliverable=DELIVERABLES["h264"], rate=Fraction(24))


@pytest.mark.parametrize(
    "address",
    [
        *("http://{host}/a.mp4", "https://{host}/a.mp4", "tcp://{host}", "rtsp://{host}/a", "rtmp://{host}/a", "udp://{host}"),
        *("ftp://{host}/a", "gopher://{host}/a", "HTTP://{host}/a.mp4", "s3+http://{host}/a", "http://169.254.169.254/a"),
    ],
)  # fmt: skip
def test_other_schemes_are_refused_by_name(trap: Trap, address: str) -> None:
    with pytest.raises(InputError, match="no store has the scheme"):
        probe(address.format(host=trap.host))


@pytest.mark.parametrize(
    "address",
    [
        *("concat:{film}|{film}", "subfile,,start,0,end,0,,:{film}", "async:{film}", "cache:{film}", "crypto:{film}"),
        *("file:{film}", "data:video/mp4;base64,AAAA", "pipe:0", "fd:0", "tee:{film}", "hls+file:{film}"),
    ],
)  # fmt: skip
def test_protocols_of_libav_are_names_of_files_that_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, film: Path, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AtelierError, match=r"no such file|no film"):
        probe(address.format(film=film))


@pytest.mark.parametrize("address", ["s3://{host}/key.mp4", "s3://me:pw@{host}/key.mp4", "s3://../key.mp4"])
def test_bucket_is_no_host(trap: Trap, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with pytest.raises(InputError, match="can be no bucket"):
        probe(address.format(host=trap.host))


def test_external_data_of_a_quicktime_file_is_not_fetched(tmp_path: Path, trap: Trap, film: Path) -> None:
    data = film.read_bytes()
    at = data.index(b"dref")
    location = f"http://{trap.host}/a.mp4\0".encode()
    # A box `url ` that says that the samples lie elsewhere; the boxes around it keep their sizes.
    entry = data.index(b"url ", at)
    changed = bytearray(data)
    changed[entry + 4 : entry + 8] = bytes(4)
    changed += location
    path = tmp_path / "elsewhere.mov"
    for kind in (b"url ", b"alis", b"rsrc"):
        changed[entry : entry + 4] = kind
        path.write_bytes(changed)
        try:
            probe(str(path))
        except AtelierError:
            continue


@pytest.mark.parametrize("name", ["film.mp4", "photo.png", "notes"])
def test_pipes_and_devices_are_no_sources(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    done = threading.Event()

    def ask() -> None:
        with pytest.raises(AtelierError, match=r"is a pipe or a device|the file is empty"):
            probe(str(tmp_path / name))
        done.set()

    threading.Thread(target=ask, daemon=True).start()
    assert done.wait(10), "it waits for somebody to write to the pipe"


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/proc/self/mem", "/proc/self/environ", "/dev/null"])
def test_devices_and_the_kernels_files_are_no_sources(path: str) -> None:
    with pytest.raises(AtelierError):
        probe(path)


def test_paths_that_can_be_none_are_refused(tmp_path: Path) -> None:
    for path in (f"{tmp_path}/a\0.mp4", f"{tmp_path}/a\0.png", "\0", f"{tmp_path}/{'a' * 5000}.mp4", "a\ud800.mp4"):
        with pytest.raises(AtelierError):
            probe(path)


def test_picture_with_more_bytes_than_its_pixels_could_need_is_not_read(tmp_path: Path) -> None:
    from pipeline.film.decode import read_frames
    from pipeline.film.limits import Limits

    path = write_picture(tmp_path / "a.png", numbered_picture(1))
    source = probe(str(path), limits=Limits(pixels=10_000))
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(AtelierError, match=r"has 1,099,511,627,776 bytes, and at most"):
        next(read_frames(source, 0, 1))
