"""The picture beside a painted frame: the film's own frame, the photograph, the design that others were varied from.

Portraits, interiors and posters that were made of seeds have none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from jobs.records import FileRef, Plan
from jobs.web.memory import Memory
from pipeline.errors import ObjectNotFound
from pipeline.film.decode import read_frames, resized
from pipeline.film.source import Source
from pipeline.images import read_picture
from pipeline.interiors.squares import middle_square
from pipeline.storage import StoreOptions
from pipeline.storage.base import Store

_THREADS = 2
"""Of a film's decoder."""

_sources: Memory[Source] = Memory(16, lasts_s=600)


@dataclass(frozen=True)
class Beside:
    """The picture beside a frame."""

    key: str
    """Changes when the picture does."""
    read: Callable[[int | None], np.ndarray]
    """(most px wide, or None for its own size) → (H, W, 3) uint8, sRGB.
    Raises: MediaError, ObjectNotFound, AccessDenied, TransientError."""


def has_source(plan: Plan) -> bool:
    """Whether there is a picture beside some of the job's frames."""
    frames = range(plan.frames) if plan.kind == "posters" else range(min(1, plan.frames))
    return any(beside(plan, frame, None, None) is not None for frame in frames)


def beside(plan: Plan, frame: int, store: Store | None, options: StoreOptions | None) -> Beside | None:
    """The picture beside a frame, counted from 0. Nothing is read yet.

    `store` keeps the job's files; `options` say how sources are reached.
    """
    if plan.kind in ("film", "retouch", "diffusion") and plan.inputs.get("source"):
        return _of_film(plan, frame, options)
    file, is_square, box = _photograph(plan, frame)
    return None if file is None else _of_file(file, store, is_square=is_square, box=box)


def _of_film(plan: Plan, frame: int, options: StoreOptions | None) -> Beside:
    source = plan.inputs["source"]
    # Played faster or slower, a film shows others of its frames.
    at = int(plan.inputs["offset"]) + int(frame * Fraction(plan.inputs.get("speed", 1)))

    def read(width: int | None) -> np.ndarray:
        probed = _probed(plan)
        size = round(max(probed.width, probed.height) * min(1.0, (width or probed.width) / probed.width))
        (pixels,) = read_frames(
            probed, at, at + 1, size=None if source["kind"] == "folder" else size, options=options, threads=_THREADS
        )
        return shrunk(pixels, width)

    # A film that shows a frame twice has one picture for both.
    shown = source["pts"][at] if source["pts"] else at
    return Beside(_digest(source["url"], source["fingerprint"], str(shown)), read)


def _probed(plan: Plan) -> Source:
    """A long film's has a time stamp for each of its frames, and takes a moment to be read."""
    key = plan.job, plan.fingerprint
    return _sources.get(key, lambda: Source.model_validate(plan.inputs["source"]))


def _photograph(plan: Plan, frame: int) -> tuple[FileRef | None, bool, list[int] | None]:
    """The file beside a frame; whether its middle square is seen, and which part of it."""
    inputs = plan.inputs
    if plan.kind == "artwork":
        return plan.files[inputs["content"]], False, None
    if plan.kind == "projection":
        return plan.files[0], True, inputs.get("face")
    if plan.kind == "interiors" and inputs.get("around") is not None:
        is_filmed = inputs.get("film") is not None and frame >= inputs.get("film_begins", 0)
        return (None if is_filmed else plan.files[inputs["pictures"][inputs["around"]]["file"]]), True, None
    if plan.kind == "posters":
        return _behind(plan, frame), False, None
    return None, False, None


def _behind(plan: Plan, frame: int) -> FileRef | None:
    """The user's own picture that lies behind a poster, if there is one."""
    variant = plan.inputs["variants"][frame]
    brief = plan.inputs.get("backgrounds", {}).get(variant.get("background", ""), {})
    own = brief.get("own") or []
    if not own or variant.get("problem"):
        return None
    file = own[variant.get("pick", 0) % len(own)].get("file")
    return None if file is None else plan.files[file]


def _of_file(file: FileRef, store: Store | None, *, is_square: bool, box: list[int] | None) -> Beside:
    def read(width: int | None) -> np.ndarray:
        assert store is not None
        try:
            data = store.get(file.key)
        except ObjectNotFound as error:
            raise ObjectNotFound(f"{file.name} is gone from the store; submit the job's file again") from error
        pixels = read_picture(data, where=file.name)
        if box is not None:
            left, top, right, bottom = box
            pixels = pixels[top:bottom, left:right]
        elif is_square:
            pixels = middle_square(pixels)
        return shrunk(pixels, width)

    return Beside(_digest(file.sha256, str(is_square), str(box)), read)


def shrunk(pixels: np.ndarray, width: int | None) -> np.ndarray:
    """The picture at most `width` px wide, its shape kept."""
    height, own = pixels.shape[:2]
    if width is None or width >= own:
        return np.ascontiguousarray(pixels)
    return resized(np.ascontiguousarray(pixels), width, max(1, round(height * width / own)))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
