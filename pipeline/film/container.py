"""Opening film containers safely: only formats that hold their own data, and one clear sentence on failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from pipeline.errors import AccessDenied, MediaError
from pipeline.film import access
from pipeline.film.limits import DEFAULT_LIMITS, Limits

# Playlists and manifests (hls, dash, concat, sdp) open what they name, so none is here.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mxf,flv,asf,ogg,nut,gif,dv,ivf,yuv4mpegpipe,"
    "wav,mp3,aac,flac,m4v,h264,hevc"
)

CONFINED = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
"""Options of every container that libav opens: it reads the file that it is given, and opens nothing else."""


@contextmanager
def opened_film(url: str, *, limits: Limits = DEFAULT_LIMITS, options: Any = None) -> Iterator[InputContainer]:
    """The film's container, closed afterwards.

    Raises: MediaError if it is missing, empty, cut off or no film; AccessDenied; StorageUnavailable.
    """
    if access.size(url, options) == 0:
        raise MediaError(f"{url}: the file is empty; copy it again")
    with access.open_bytes(url, options) as reader:
        # Local films are read by libav itself, without a Python call for every buffer.
        file: Any = reader if access.is_remote(url) else url
        try:
            container = av.open(
                file,
                options={"max_pixels": str(limits.pixels)},
                container_options=CONFINED,
            )
        except PermissionError as error:
            raise AccessDenied(f"{url}: we may not read it; check its permissions") from error
        except (FFmpegError, ValueError) as error:
            raise MediaError(_unopened(url, options)) from error
        with container:
            yield container


def video_stream(container: InputContainer, url: str, *, limits: Limits = DEFAULT_LIMITS) -> VideoStream:
    """The film's first video track; cover pictures of songs do not count.

    Raises: MediaError if it has none, or none that we can decode.
    """
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            if stream.codec_context is None:
                raise MediaError(f"{url}: its video is in a codec that we cannot decode; convert it to H.264 first")
            # A film may change its size midway, long after its header was checked.
            stream.codec_context.options = {"max_pixels": str(limits.pixels)}
            return stream
    if container.streams.audio:
        raise MediaError(f"{url}: has sound but no video; give a film or pictures")
    raise MediaError(f"{url}: has no video; give a film or pictures")


def _unopened(url: str, options: Any) -> str:
    with access.open_bytes(url, options) as reader:
        head = reader.read(4096)
    if head[4:8] in (b"ftyp", b"mdat", b"free", b"wide", b"moov"):
        return f"{url}: the film is cut off or damaged (its index is missing); copy it again"
    if _is_text(head):
        return f"{url}: is a text file, not a film; check the path"
    return f"{url}: is no film that we can read, or it is damaged; convert it to .mp4 or .mov first"


def _is_text(head: bytes) -> bool:
    printable = sum(byte in b"\t\n\r\f\b" or 32 <= byte < 127 or byte >= 128 for byte in head)
    return bool(head) and b"\0" not in head and printable == len(head)
