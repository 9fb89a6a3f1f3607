"""Painting by diffusion: rows become pictures, by the library's own pipelines, or one of ours that is called alike.

Each row has a random generator of its own, on the CPU, so that its picture does not depend on what else is in its
batch. On a CPU each is made alone, several side by side; on a GPU in batches of one size, the last one padded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from pipeline.device import generator
from pipeline.diffusion.brief import DiffusionBrief, Row, Setting
from pipeline.diffusion.calls import (
    Loaded,
    as_pixels,
    check_finite,
    complaints,
    fitting,
    precision_of,
    pulses,
    sized,
    unread,
    words,
)
from pipeline.diffusion.known import Known
from pipeline.diffusion.leading import leading
from pipeline.diffusion.tiles import in_tiles
from pipeline.errors import ModelError
from pipeline.images import read_picture
from pipeline.painter import Easel, Work
from pipeline.stream import spread

_PLACEHOLDER = 128
"""Grey of what cannot be pictured."""

_MOST_PICTURES = 64
"""The user's, decoded, that are kept for rows to come."""


@dataclass(frozen=True)
class _Made:
    """One picture."""

    frame: int
    pixels: np.ndarray
    key: str = ""
    """In the frame cache; empty where none is wanted."""
    is_found: bool = False
    """There, and not painted."""
    remarks: tuple[str, ...] = ()


class DiffusionPainter:
    """Paints the pictures of one job."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a DiffusionBrief."""
        self._brief = DiffusionBrief.model_validate(inputs)
        self._easel, self._deep = easel, deep
        self._pictures: dict[int, Image.Image] = {}
        self.batch = easel.batch
        """Pictures a batch; halves when memory runs out."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's pictures: (H, W, 3) uint8, or uint16 in deep jobs, sRGB. Each is described with its row.

        What cannot be pictured is told by `work.fail`, and is grey.
        Raises: ModelError if the model cannot be used; TransientError; Interrupted; torch.OutOfMemoryError if not even
        one picture fits.
        """
        with work.watch.time("load_s"):
            work.pulse("loading the model")
            precision = precision_of(self._brief, self._easel)
            assembly: Loaded = work.model(0, precision)
        assembly.weigh(tuple(lora.weight for lora in self._brief.loras))
        known = Known(self._brief, self._easel, work, deep=self._deep, precision=precision, placed=assembly.placed)

        def paint(run: range) -> list[_Made]:
            return self._run(run, assembly, known, work)

        for many in spread(paint, self._runs(work.start, work.stop), threads=self._easel.lanes, name="paint"):
            for made in many:
                yield self._told(made, work)

    def _told(self, made: _Made, work: Work) -> np.ndarray:
        row = self._brief.row(made.frame)
        if row.subject.problem:
            work.fail(made.frame, row.subject.problem)
        else:
            # After memory ran out, a GPU's kernels are other ones than the keys say.
            if made.key and self.batch == self._easel.batch:
                work.remember(made.frame, made.key, made.is_found)
            digest = work.model_digests[0].rpartition(" ")[2] if work.model_digests else ""
            work.describe(made.frame, self._brief.facts(made.frame) | {"modelSha256": digest})
        for remark in made.remarks:
            work.remark(made.frame, remark)
            work.note(remark)
        return made.pixels

    def _runs(self, start: int, stop: int) -> Iterator[range]:
        """Neighbours that can be made at once: of one setting and size, with or without negatives, at most a batch."""

        def alike(frame: int) -> tuple[Setting, tuple[int, int], bool, bool]:
            row = self._brief.row(frame)
            return row.setting, row.size, bool(row.subject.problem), bool(row.subject.negative)

        for _, group in groupby(range(start, stop), key=alike):
            frames = list(group)
            # On a CPU each is made alone; runs of one keep its lanes busy.
            size = 1 if self._easel.device.type == "cpu" else self.batch
            yield from (range(at, min(at + size, frames[-1] + 1)) for at in range(frames[0], frames[-1] + 1, size))

    def _run(self, frames: range, assembly: Loaded, known: Known, work: Work) -> list[_Made]:
        rows = [self._brief.row(frame) for frame in frames]
        if rows[0].subject.problem:
            return [_Made(frame, self._grey(row)) for frame, row in zip(frames, rows, strict=True)]
        keys = [known.key(row) for row in rows]
        made = {
            frame: _Made(frame, pixels, key, is_found=True)
            for frame, row, key in zip(frames, rows, keys, strict=True)
            if (pixels := known.get(key, row)) is not None
        }
        new = [place for place, frame in enumerate(frames) if frame not in made]
        pictured = fitting(
            self,
            [rows[place] for place in new],
            lambda batch: self._pictured(batch, assembly, work),
            assembly,
            work,
        )
        for place, (pixels, remarks) in zip(new, pictured, strict=True):
            made[frames[place]] = _Made(frames[place], pixels, keys[place], remarks=remarks)
        return [made[frame] for frame in frames]

    def _pictured(self, rows: Sequence[Row], assembly: Loaded, work: Work) -> list[tuple[np.ndarray, tuple[str, ...]]]:
        """Rows of one setting, made at once."""
        filled = list(rows)
        if self._easel.device.type != "cpu":
            # A GPU's kernels depend on the size of a batch.
            filled += [rows[-1]] * (self.batch - len(rows))
        setting, size = rows[0].setting, rows[0].size
        with complaints(self._brief), assembly.pipeline(self._brief.task, setting.scheduler, size) as pipeline:
            remarks = [unread(self._brief, row, pipeline) for row in rows]
            given = sized(pipeline, size) | self._given(filled, work) | words(filled)
            given |= leading(self._brief, filled, lambda place, size: self._picture(place, size, work))
            times = self._brief.kin.enlarges
            call = partial(in_tiles, pipeline, times) if times else pipeline
            made = call(
                **given,
                generator=[generator(row.seed) for row in filled],
                num_inference_steps=setting.steps,
                guidance_scale=setting.guidance,
                **pulses(self._brief, work, f"{rows[0].subject.name}, seed {rows[0].seed}", setting.steps),
                output_type="np",
            )
        flagged = getattr(made, "nsfw_content_detected", None) or [False] * len(filled)
        pictures = []
        for row, picture, is_flagged, told in zip(rows, made.images, flagged, remarks, strict=False):
            blank = (f"{row.subject.name}, seed {row.seed}: the model's own safety checker blanked it",)
            pictures.append((self._finished(picture, row, work), (*told, *(blank if is_flagged else ()))))
        return pictures

    def _given(self, rows: Sequence[Row], work: Work) -> dict[str, Any]:
        """The pictures that are begun with, as the task's pipeline takes them."""
        width, height = rows[0].size
        if times := self._brief.kin.enlarges:
            small = width // times, height // times
            return {"image": [self._picture(row.subject.picture, small, work) for row in rows]}
        if self._brief.task == "generate":
            return {"width": width, "height": height}
        given: dict[str, Any] = {
            "image": [self._picture(row.subject.picture, row.size, work) for row in rows],
            "strength": rows[0].setting.strength,
        }
        if self._brief.task == "inpaint":
            given["mask_image"] = [self._picture(row.subject.mask, row.size, work).convert("L") for row in rows]
        # The others go by the picture, and these by what they learnt.
        is_told = self._brief.task == "inpaint" or self._brief.kin.core == "transformer"
        return given | ({"width": width, "height": height} if is_told else {})

    def _picture(self, place: int | None, size: tuple[int, int], work: Work) -> Image.Image:
        """One of the plan's pictures, of that size: scaled, and cut at its sides if it has another shape."""
        if place is None:
            raise ModelError(f"{self._brief.model}: the plan names no picture to begin with; submit the job again")
        kept = self._pictures.get(place)
        if kept is None:
            kept = Image.fromarray(read_picture(work.file(place), where=f"file {place}"))
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            self._pictures[place] = kept
        return kept if kept.size == size else ImageOps.fit(kept, size, Image.Resampling.LANCZOS)

    def _finished(self, picture: np.ndarray, row: Row, work: Work) -> np.ndarray:
        """A picture (H, W, 3) float in [0, 1] as the job wants it; what was not to be painted anew is the user's."""
        check_finite(picture, self._brief)
        if self._brief.task == "inpaint":
            own, mask = (
                np.asarray(self._picture(place, row.size, work), np.float32) / 255
                for place in (row.subject.picture, row.subject.mask)
            )
            picture = own + (picture - own) * mask
        return as_pixels(picture, deep=self._deep)

    def _grey(self, row: Row) -> np.ndarray:
        scale = 257 if self._deep else 1
        shape = (row.size[1], row.size[0], 3)
        return np.full(shape, _PLACEHOLDER * scale, np.uint16 if self._deep else np.uint8)
