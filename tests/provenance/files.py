"""Small files of every format, made by our own encoders."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from pipeline.film.animate import animate
from pipeline.film.deliverables import DELIVERABLES, SOUNDS
from pipeline.film.encode import SegmentEncoder
from pipeline.film.stitch import Segment, concatenate
from pipeline.images import encode_jpeg, encode_png, encode_tiff, encode_webp
from pipeline.pdf import encode_pdf
from pipeline.provenance import Marks, content_id, embed_file, movie_tags
from pipeline.speech import sound as speech

RATE = Fraction(24)
PICTURE = np.random.default_rng(0).integers(0, 256, (24, 31, 3), np.uint8)
DEEP = PICTURE.astype(np.uint16) * 257
FRAMES = tuple(np.roll(PICTURE, shift, axis=1) for shift in range(3))

FACTS = {"model": "ffhq <&> é", "seed": "85", "truncation": "0.7"}
MARKS = Marks(origin="generated", producer="Studio-1")
CONTENT = content_id("a film")


def _saved(kind: str, *frames: np.ndarray, **options: object) -> bytes:
    images = [Image.fromarray(frame) for frame in frames]
    file = io.BytesIO()
    more = {"save_all": True, "append_images": images[1:]} if len(images) > 1 else {}
    images[0].save(file, kind, **more, **options)  # type: ignore[arg-type]
    return file.getvalue()


def _pdf() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.setTitle(r"a (b) \ >> c")
    canvas.drawString(10, 10, "words")
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def animated(name: str, folder: Path) -> Path:
    """The frames as an animation of ours."""
    path = folder / f"film{DELIVERABLES[name].suffix}"
    animate(lambda: iter(FRAMES), path, deliverable=DELIVERABLES[name], rate=RATE)
    return path


def _animation(name: str) -> bytes:
    with TemporaryDirectory() as folder:
        return animated(name, Path(folder)).read_bytes()


STILLS = {
    "png": encode_png(PICTURE),
    "png16": encode_png(DEEP),
    "jpeg": encode_jpeg(PICTURE),
    "webp": encode_webp(PICTURE),
    "lossless webp": _saved("WEBP", PICTURE, lossless=True),
    "webp with transparency": _saved("WEBP", np.dstack([PICTURE, PICTURE[..., :1]])),
    "tiff": encode_tiff(PICTURE),
    "tiff16": encode_tiff(DEEP),
}
"""Pictures."""

MOVING = {name: _animation(name) for name in ("gif", "webp", "apng")}
MOVING["animated webp"] = MOVING.pop("webp")
"""Animations."""

PAGES = {"pdf": encode_pdf(PICTURE), "words as pdf": _pdf(), "pillow's pdf": _saved("PDF", *FRAMES)}
"""Documents."""

EMBEDDED = STILLS | MOVING | PAGES
"""Everything that marks are put into once it is made."""

MOVIES = ("h264", "h264-mkv", "prores")
"""Deliverables whose marks are partly written as they are made: MP4, Matroska, MOV."""


@cache
def _segment(name: str) -> bytes:
    row = DELIVERABLES[name]
    with SegmentEncoder(row, PICTURE.shape[1], PICTURE.shape[0], RATE) as encoder:
        for frame in FRAMES:
            encoder.write(frame)
    return encoder.close()


def write_movie(name: str, folder: Path, *, marks: Marks | None = MARKS) -> Path:
    """The frames as a movie, made and marked as the stitcher does."""
    row = DELIVERABLES[name]
    segment, path = folder / f"segment{row.suffix}", folder / f"{name}{row.suffix}"
    segment.write_bytes(_segment(name))
    tags = {} if marks is None else movie_tags(row.container, FACTS, marks, content=CONTENT)
    parts = [Segment.of_file(segment, len(FRAMES))]
    concatenate(parts, path, deliverable=row, rate=RATE, tags=tags)
    if marks is not None:
        embed_file(path, FACTS, marks, content=CONTENT)
    return path


def write_sound(name: str, folder: Path) -> Path:
    """A quarter of a second of a tone, not marked yet."""
    path = folder / f"line{SOUNDS[name].suffix}"
    tone = (0.3 * np.sin(np.arange(speech.RATE // 4) / 9)).astype(np.float32)
    speech.write(speech.blocks_of(tone), name, path)
    return path


def shown(data: bytes) -> Iterator[np.ndarray]:
    """Every picture of a file that Pillow reads, as it decodes it."""
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            yield np.asarray(image.convert("RGBA"))
