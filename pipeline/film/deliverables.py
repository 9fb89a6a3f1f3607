"""What can be delivered: one row for each deliverable. Torch-free, and imports no codec.

A new deliverable is a row here, if its container and codec are libav's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

_MP4_SOUND = frozenset({"aac", "mp3", "opus", "ac3", "eac3", "alac", "flac"})
"""What players take in .mp4. libav also writes vorbis into it, which few of them play."""

_MOV_SOUND = frozenset(
    {"aac", "mp3", "ac3", "eac3", "alac"}
    | {f"pcm_{kind}" for kind in ("s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "u8")}
)

_MKV_SOUND = (_MP4_SOUND | _MOV_SOUND | {"vorbis", "dts", "truehd", "mp2"}) - {"pcm_u8"}


@dataclass(frozen=True)
class Deliverable:
    """One kind of result, and all that its makers must know."""

    name: str
    made_of: Literal["segments", "animation", "frames", "speech"]
    """`segments`: workers encode closed segments, the stitcher copies their packets. `animation`: the stitcher encodes
    all frames in one pass. `frames`: the frame files themselves are the result. `speech`: what is said at a frame."""
    suffix: str
    """Of the file, or of each frame's file; with its dot."""
    deep: bool = False
    """Whether it gains from 16-bit pixels."""
    keeps_alpha: bool = False
    """Whether what is transparent stays so."""
    container: str = ""
    """libav's muxer."""
    codec: str = ""
    """libav's encoder."""
    pix_fmt: str = ""
    """What the encoder takes: a format of pixels, or of samples."""
    options: Mapping[str, str] = field(default_factory=dict)
    """The encoder's. All of them fixed, threads too: the same frames must give the same bytes on every machine."""
    threads: int = 1
    narrowest: int = 1
    """Pixels. Of a narrower film the encoder would not say no, but write beyond its memory."""
    tag: str = ""
    """The codec's four letters in the container, where the default is not the one players want."""
    reorder: int = 0
    """By how many frames the encoder's decoding order may run ahead of the order of showing."""
    copies_audio: frozenset[str] = frozenset()
    """Codecs whose packets are copied from the source as they are."""
    audio_codec: str = ""
    """libav's encoder for any other sound; empty if the deliverable is silent."""

    @property
    def carries_marks(self) -> bool:
        """Whether its files have a place for what they say of themselves: all but those of times have."""
        return self.made_of != "speech" or bool(self.container)

    @property
    def even(self) -> bool:
        """Whether neighbours share their chroma, so that odd sizes are padded by repeating the last row or column."""
        return "420" in self.pix_fmt or "422" in self.pix_fmt


_H264 = {
    "preset": "veryfast",
    "crf": "18",
    "x264-params": "repeat-headers=1:open-gop=0:keyint=240:cpu-independent=1",
}

_ROWS = (
    Deliverable(
        name="h264",
        made_of="segments",
        suffix=".mp4",
        container="mp4",
        codec="libx264",
        pix_fmt="yuv420p",
        options=_H264,
        threads=2,
        reorder=2,
        copies_audio=_MP4_SOUND,
        audio_codec="aac",
    ),
    Deliverable(
        name="h264-mkv",
        made_of="segments",
        suffix=".mkv",
        container="matroska",
        codec="libx264",
        pix_fmt="yuv420p",
        options=_H264,
        threads=2,
        reorder=2,
        copies_audio=_MKV_SOUND,
        audio_codec="flac",
    ),
    Deliverable(
        name="hevc",
        made_of="segments",
        suffix=".mp4",
        deep=True,
        container="mp4",
        codec="libx265",
        narrowest=64,
        pix_fmt="yuv420p10le",
        # Frame threads and pools change the bytes with the number of cores.
        options={
            "preset": "veryfast",
            "crf": "20",
            "x265-params": "repeat-headers=1:open-gop=0:keyint=240:pools=none:frame-threads=1:info=0:log-level=error",
        },
        tag="hvc1",
        reorder=2,
        copies_audio=_MP4_SOUND,
        audio_codec="aac",
    ),
    Deliverable(
        name="av1",
        made_of="segments",
        suffix=".mp4",
        deep=True,
        container="mp4",
        codec="libsvtav1",
        narrowest=64,
        pix_fmt="yuv420p10le",
        options={"preset": "8", "crf": "28", "svtav1-params": "lp=2:keyint=240:irefresh-type=2"},
        copies_audio=_MP4_SOUND,
        audio_codec="aac",
    ),
    Deliverable(
        name="prores",
        made_of="segments",
        suffix=".mov",
        deep=True,
        container="mov",
        codec="prores_ks",
        pix_fmt="yuv422p10le",
        options={"profile": "hq", "vendor": "apl0"},
        copies_audio=_MOV_SOUND,
        audio_codec="pcm_s24le",
    ),
    Deliverable(
        name="prores-4444",
        made_of="segments",
        suffix=".mov",
        deep=True,
        keeps_alpha=True,
        container="mov",
        codec="prores_ks",
        pix_fmt="yuva444p10le",
        options={"profile": "4444", "vendor": "apl0", "alpha_bits": "16"},
        # Joined by packet copy it would be called 422 HQ, and decoders would look for other pixels.
        tag="ap4h",
        copies_audio=_MOV_SOUND,
        audio_codec="pcm_s24le",
    ),
    Deliverable(name="gif", made_of="animation", suffix=".gif", container="gif", codec="gif", pix_fmt="pal8"),
    Deliverable(name="webp", made_of="animation", suffix=".webp"),
    Deliverable(name="apng", made_of="animation", suffix=".apng"),
    Deliverable(name="png", made_of="frames", suffix=".png", keeps_alpha=True),
    Deliverable(name="png16", made_of="frames", suffix=".png", deep=True, keeps_alpha=True),
    Deliverable(name="tiff", made_of="frames", suffix=".tif", deep=True),
    Deliverable(name="jpeg", made_of="frames", suffix=".jpg"),
    # `webp` has always been an animation.
    Deliverable(name="webp-still", made_of="frames", suffix=".webp", keeps_alpha=True),
    Deliverable(name="pdf", made_of="frames", suffix=".pdf"),
)

DELIVERABLES: Mapping[str, Deliverable] = {row.name: row for row in _ROWS}
"""Name → row, of what shows frames."""

_SPEECH = (
    Deliverable(name="wav", made_of="speech", suffix=".wav", container="wav", codec="pcm_s24le", pix_fmt="s32"),
    Deliverable(
        name="flac",
        made_of="speech",
        suffix=".flac",
        container="flac",
        codec="flac",
        pix_fmt="s32",
        options={"compression_level": "8"},
    ),
    Deliverable(
        name="opus",
        made_of="speech",
        suffix=".opus",
        container="opus",
        codec="libopus",
        pix_fmt="flt",
        options={"application": "audio", "vbr": "on"},
    ),
    # Of each piece and word; captions are made of it.
    Deliverable(name="timings", made_of="speech", suffix=".json"),
)

SPEECH: Mapping[str, Deliverable] = {row.name: row for row in _SPEECH}
"""The same of what is heard."""

SOUNDS: Mapping[str, Deliverable] = {name: row for name, row in SPEECH.items() if row.container}
"""Those that are sounds."""

EVERY: Mapping[str, Deliverable] = {**DELIVERABLES, **SPEECH}
"""Everything that a plan may name."""
