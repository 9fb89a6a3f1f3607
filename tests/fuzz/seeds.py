"""Small whole files of every kind that we read: what the damaged ones are made of."""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image

from pipeline.film.deliverables import SOUNDS
from pipeline.motion import bvh, bvh_text
from pipeline.provenance import embed, embed_file, latent_facts
from tests.media import numbered_picture, write_film, write_sound
from tests.motion import making
from tests.provenance import files
from tests.provenance.files import write_movie

PICTURE = numbered_picture(700, 48, 32)
IMAGE = Image.fromarray(PICTURE)


def _saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    file = io.BytesIO()
    (image or IMAGE).save(file, kind, **options)
    return file.getvalue()


def _deep(suffix: str) -> bytes:
    return cv2.imencode(suffix, PICTURE[..., ::-1].astype(np.uint16) * 257)[1].tobytes()


def _animated(kind: str) -> bytes:
    frames = [Image.fromarray(numbered_picture(n, 48, 32)) for n in range(4)]
    return _saved(kind, frames[0], save_all=True, append_images=frames[1:])


def _exr(folder: Path) -> bytes:
    path = folder / "seed.exr"
    with av.open(str(path), "w", format="image2", container_options={"update": "1"}) as output:
        stream = output.add_stream("exr", rate=1)
        stream.width, stream.height, stream.pix_fmt = 48, 32, "gbrapf32le"
        pixels = np.dstack([PICTURE.astype(np.float32) / 255, np.ones((32, 48, 1), np.float32)])
        output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "gbrapf32le")))
        output.mux(stream.encode(None))
    return path.read_bytes()


def _told(data: bytes) -> bytes:
    """With a latent, and what else portraits say of themselves."""
    return embed(data, {"model": "ffhq", "seed": "85"} | latent_facts(np.ones(16, np.float32)))


def _pngs(_: Path) -> list[bytes]:
    return [_saved("PNG"), _told(_saved("PNG")), _deep(".png"), _saved("PNG", IMAGE.quantize(8)), _animated("PNG")]


def _jpegs(_: Path) -> list[bytes]:
    return [
        _saved("JPEG"),
        _told(_saved("JPEG")),
        _saved("JPEG", progressive=True),
        _saved("JPEG", IMAGE.convert("CMYK")),
    ]


def _tiffs(_: Path) -> list[bytes]:
    packed = [_saved("TIFF", compression=name) for name in ("tiff_lzw", "jpeg", "tiff_adobe_deflate")]
    return [_saved("TIFF"), _deep(".tif"), *packed]


PICTURES: dict[str, Callable[[Path], list[bytes]]] = {
    "png": _pngs,
    "jpeg": _jpegs,
    "tiff": _tiffs,
    "webp": lambda _: [_saved("WEBP"), _told(_saved("WEBP")), _saved("WEBP", lossless=True), _animated("WEBP")],
    "exr": lambda folder: [_exr(folder)],
    "gif": lambda _: [_animated("GIF")],
    "bmp": lambda _: [_saved("BMP")],
    "avif": lambda _: [_saved("AVIF")],
    "jp2": lambda _: [_saved("JPEG2000")],
}
"""Kind of picture → files of it."""


def _film(folder: Path, name: str, *, size: tuple[int, int] = (48, 32), **options: Any) -> bytes:
    return write_film(folder / f"seed-{name}", 8, size=size, **options).read_bytes()


FILMS: dict[str, Callable[[Path], list[bytes]]] = {
    "mp4": lambda folder: [
        _film(folder, "a.mp4", sound="aac"),
        _film(folder, "b.mp4", rotation=90, container_options={"movflags": "frag_keyframe+empty_moov"}),
        _film(folder, "c.mp4", size=(64, 32), codec="libx265"),
    ],
    "webm": lambda folder: [_film(folder, "a.webm", codec="libvpx-vp9"), _film(folder, "b.webm", codec="libvpx")],
    "mkv": lambda folder: [_film(folder, "a.mkv", sound="aac"), _film(folder, "b.mkv", codec="ffv1")],
    "mov": lambda folder: [
        _film(folder, "a.mov", codec="prores_ks", pix_fmt="yuv422p10le", timecode="01:00:00:00"),
        _film(folder, "b.mov", sound="pcm_s16le"),
    ],
    "avi": lambda folder: [_film(folder, "a.avi", codec="mjpeg", pix_fmt="yuvj420p", options={"strict": "-1"})],
    "ts": lambda folder: [_film(folder, "a.ts")],
    "gif-film": lambda _: [_animated("GIF")],
    "wav": lambda folder: [write_sound(folder / "seed.wav", Fraction(1, 4), "pcm_s16le").read_bytes()],
}
"""Kind of film → files of it."""


def _marked_movie(name: str, folder: Path) -> bytes:
    return write_movie(name, folder).read_bytes()


def _marked_sound(name: str, folder: Path) -> bytes:
    path = files.write_sound(name, folder)
    embed_file(path, files.FACTS, files.MARKS)
    return path.read_bytes()


MARKED: dict[str, Callable[[Path], list[bytes]]] = {
    "marked-pdf": lambda _: [embed(data, files.FACTS, files.MARKS) for data in files.PAGES.values()],
    "marked-gif": lambda _: [embed(files.MOVING["gif"], files.FACTS, files.MARKS)],
    "marked-tif": lambda _: [embed(files.STILLS["tiff"], files.FACTS, files.MARKS)],
    "marked-mp4": lambda folder: [_marked_movie("h264", folder), _marked_movie("prores", folder)],
    "marked-mkv": lambda folder: [_marked_movie("h264-mkv", folder)],
    "marked-sound": lambda folder: [_marked_sound(name, folder) for name in SOUNDS],
    # Signed once: no two signatures are the same, and inputs must be.
    "signed": lambda _: [path.read_bytes() for path in sorted(Path(__file__).with_name("signed").iterdir())],
}
"""Kind of file that says something of itself → files of it."""


def _state_dict() -> dict[str, Any]:
    import torch

    torch.manual_seed(1)
    return {f"layer{n}.weight": torch.randn(4, 3, 3, 3) for n in range(3)} | {"layer0.bias": torch.zeros(4)}


def _torch(*, zipped: bool, wrapped: bool = False) -> bytes:
    import torch

    file = io.BytesIO()
    content = {"state_dict": _state_dict(), "epoch": 3} if wrapped else _state_dict()
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def _safetensors() -> bytes:
    from safetensors.torch import save

    return save(_state_dict(), metadata={"architecture": "atelier-style-1", "half": "8"})


def _npz(*, packed: bool) -> bytes:
    file = io.BytesIO()
    arrays = {"features.0.weight": np.ones((64, 3, 3, 3), np.float32), "features.0.bias": np.zeros(64, np.float32)}
    (np.savez_compressed if packed else np.savez)(file, **arrays)
    return file.getvalue()


def _artwork_state() -> bytes:
    import torch

    from pipeline.artwork.state import State, pack

    return pack(State(torch.rand(1, 3, 8, 8), 0, 3, 1, (1, 2), (0.5, 0.4), 0.1), "ab" * 32)


def _official(protocol: int) -> bytes:
    import torch

    from tests.models.official_pickles import official_bytes

    synthesis = {"b4": {"const": torch.ones(2, 2), "size": np.array([4, 4]), "gain": np.float32(0.5)}}
    state = {"synthesis": synthesis, "mapping.w_avg": torch.nn.Parameter(torch.zeros(2))}
    described = ("Generator", {"z_dim": 2, "mapping_kwargs": {"num_layers": 1}}, state)
    return official_bytes({"G_ema": described}, protocol, source="raise SystemExit")


SPEAKERS: dict[str, Callable[[Path], list[bytes]]] = {
    "speaker": lambda _: [_speaker(np.save, np.ones(8, np.float32)), _speaker(np.savez, np.ones((2, 4), np.int64))],
}
"""Kind of file that says what a speaker sounds like → files of it."""


def _speaker(save: Callable[..., None], array: np.ndarray) -> bytes:
    made = io.BytesIO()
    save(made, array)
    return made.getvalue()


CHECKPOINTS: dict[str, Callable[[Path], list[bytes]]] = {
    "safetensors": lambda _: [_safetensors()],
    "pth": lambda _: [_torch(zipped=True), _torch(zipped=True, wrapped=True)],
    "legacy-pth": lambda _: [_torch(zipped=False)],
    "npz": lambda _: [_npz(packed=False), _npz(packed=True)],
    "artwork-state": lambda _: [_artwork_state()],
    "pkl": lambda _: [_official(protocol) for protocol in (2, 3, 4)],
}
"""Kind of checkpoint → files of it."""

MOTION: dict[str, Callable[[Path], list[bytes]]] = {
    "bvh": lambda _: [making.BVH.encode(), bvh_text.serialised(bvh.bvh_of(making.walk(0.1)))],
    "asf": lambda _: [making.ASF.encode()],
    "amc": lambda _: [making.AMC.encode()],
    "motion-labels": lambda _: [b"file,action,start,end,fps\na.bvh,walk,0,1.5,120\nb.amc,wave hand,,,30000/1001\n"],
}
"""Kind of file of motion capture, or of its labels → files of it."""

ALL = PICTURES | FILMS | MARKED | CHECKPOINTS | MOTION | SPEAKERS
