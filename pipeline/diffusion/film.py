"""Films by diffusion: image-to-image from noise that follows the picture, and what lies between keyframes carried.

    decode ─► follow ──────────► diffuse ─► carry
    (ahead)   noise, motion      (lanes)    frames between keyframes
              (ahead)

Keyframes stand at the beginning of a shot, every so many frames from there, and at its end. A chunk diffuses those
around its frames as well, and follows the picture for `noise.LEAD_IN` frames before them: so a frame is the same
wherever chunks begin, and each shot begins anew. A frame that next to nothing reaches from its keyframes is diffused
itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import torch
from PIL import Image

from pipeline.device import generator
from pipeline.diffusion.assembly import Assembly
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.diffusion.calls import (
    as_pixels,
    check_finite,
    complaints,
    fitting,
    precision_of,
    pulse,
    sized,
    unread,
    words,
)
from pipeline.diffusion.carry import Keyframe, carried
from pipeline.diffusion.known import Known
from pipeline.diffusion.leading import leading
from pipeline.diffusion.noise import LEAD_IN, Noise
from pipeline.errors import MediaError
from pipeline.film.decode import read_frames, resized
from pipeline.film.flow import Trace, Tracker
from pipeline.film.geometry import fitted_size
from pipeline.images import to_depth
from pipeline.painter import Easel, Work
from pipeline.stream import Ahead, spread, timed

_FOLLOWED_PX = 384
"""Longest side of the frames along whose motion noise is moved: it is coarse itself."""

_LEAST_REACH = 0.5
"""The part of a frame that comes from its keyframes, below which it is diffused itself."""


@dataclass(frozen=True)
class _Frame:
    """A frame of the film on its way."""

    number: int
    source: np.ndarray
    """(H, W, 3) uint8 or uint16, at the size that is painted."""
    noise: np.ndarray
    """(C, h, w) float32, what it is diffused from."""
    painted: np.ndarray = field(default_factory=lambda: np.empty(0))
    key: str = ""
    """In the frame cache; empty where none is wanted."""
    is_found: bool = False
    """There, and not painted."""


@dataclass(frozen=True)
class _Stretch:
    """A keyframe, and the frames between it and the one before."""

    between: list[_Frame]
    traces: list[tuple[Trace, Trace]]
    """Of each pair of neighbours from the keyframe before to this one."""
    keyframe: _Frame


@dataclass(frozen=True)
class _Span:
    """What a chunk reads, diffuses and gives."""

    shot: int
    begin: int
    """From here on the picture is followed."""
    first: int
    """The first keyframe."""
    last: int
    """The last one."""

    @classmethod
    def of(cls, brief: DiffusionBrief, work: Work) -> _Span:
        shot, stop = brief.shot_of(work.start)
        every = brief.keyframes
        last = min(stop - 1, shot + -(-(work.stop - 1 - shot) // every) * every)
        # What cannot be led in to begins as after a cut.
        first = shot + (work.start - shot) // every * every if work.lead_in else work.start
        return cls(shot, max(shot, first - LEAD_IN) if work.lead_in else first, first, last)


class FilmPainter:
    """Paints the frames of one film."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a DiffusionBrief with a source."""
        self._brief = DiffusionBrief.model_validate(inputs)
        self._row = self._brief.row(0)
        self._easel, self._deep = easel, deep
        self.batch = easel.batch
        """Keyframes a batch; halves when memory runs out."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's frames: (H, W, 3) uint8, or uint16 in deep jobs, sRGB. Each is described with its row.

        Raises: MediaError if the source is damaged; ModelError if the model cannot be used; TransientError;
        Interrupted; torch.OutOfMemoryError if not even one frame fits.
        """
        brief, precision = self._brief, precision_of(self._brief, self._easel)
        with work.watch.time("load_s"):
            work.pulse("loading the model")
            assembly: Assembly = work.model(0, precision)
        assembly.weigh(tuple(lora.weight for lora in brief.loras))
        known = Known(brief, self._easel, work, deep=self._deep, precision=precision, placed=assembly.placed)
        span = _Span.of(brief, work)
        lanes = self._easel.lanes

        def diffuse(stretches: Sequence[_Stretch]) -> list[_Stretch]:
            made = self._diffused([stretch.keyframe for stretch in stretches], assembly, known, work)
            return [replace(one, keyframe=keyframe) for one, keyframe in zip(stretches, made, strict=True)]

        with ExitStack() as stack:
            decoded = timed(self._read(span, work), work.watch, "decode_s")
            frames = stack.enter_context(Ahead(decoded, depth=4, name="decode"))
            followed = timed(self._stretches(frames, span, assembly, work), work.watch, "follow_s")
            stretches = stack.enter_context(Ahead(followed, depth=lanes, name="follow"))
            # On a CPU each is made alone; runs of one keep its lanes busy.
            runs = _runs(stretches, 1 if self._easel.device.type == "cpu" else self.batch)
            before: _Stretch | None = None
            for stretch in stack.enter_context(closing(_spread(diffuse, runs, lanes))):
                between = self._between(before, stretch, work) if before is not None else ()
                for frame in between:
                    if frame is not None and not len(frame.painted):
                        [frame] = self._diffused([frame], assembly, known, work)
                    yield from self._given(frame, work)
                yield from self._given(stretch.keyframe, work)
                before = stretch

    def _given(self, frame: _Frame, work: Work) -> Iterator[np.ndarray]:
        """The frame, if it is the chunk's own."""
        if not work.start <= frame.number < work.stop:
            return
        # After memory ran out, a GPU's kernels are other ones than the keys say.
        if frame.key and self.batch == self._easel.batch:
            work.remember(frame.number, frame.key, frame.is_found)
        digest = work.model_digests[0].rpartition(" ")[2] if work.model_digests else ""
        work.describe(frame.number, self._brief.facts(frame.number) | {"modelSha256": digest})
        yield frame.painted

    # What is read, and followed

    def _read(self, span: _Span, work: Work) -> Iterator[tuple[int, np.ndarray]]:
        """The frames that the chunk needs, at the size that is painted. What cannot be read behind it ends them."""
        brief = self._brief
        if brief.source is None:
            raise MediaError(f"{brief.model}: the plan names no film; submit the job again")
        start, stop = brief.offset + span.begin, brief.offset + span.last + 1
        frames = read_frames(brief.source, start, stop, deep=self._deep, options=self._easel.options)
        number = span.begin - 1
        try:
            for number, frame in enumerate(frames, span.begin):
                yield number, fitted(frame, self._row.size)
        except MediaError:
            if number + 1 < work.stop:
                raise

    def _stretches(
        self, frames: Iterable[tuple[int, np.ndarray]], span: _Span, assembly: Assembly, work: Work
    ) -> Iterator[_Stretch]:
        vae, pixels = assembly.base.vae.config, assembly.base.vae_scale_factor
        width, height = (side // pixels for side in self._row.size)
        noise = Noise(vae.latent_channels, height, width, seed=self._row.seed, at=span.begin - span.shot)
        followed: Tracker | None = None
        motion: Tracker | None = None
        between: list[_Frame] = []
        traces: list[tuple[Trace, Trace]] = []
        for number, source in frames:
            seen = to_depth(source, deep=False)
            small = resized(seen, *fitted_size(*self._row.size, min(_FOLLOWED_PX, max(self._row.size))))
            if followed is None:
                followed = Tracker(small)
            else:
                noise.follow(followed.follow_both(small)[1])
            if number < span.first:
                work.pulse("leading in")
                continue
            if motion is None:
                motion = Tracker(seen)
            elif self._brief.keyframes > 1:
                traces.append(motion.follow_both(seen))
            frame = _Frame(number, source, noise())
            if number in (span.first, span.last) or (number - span.shot) % self._brief.keyframes == 0:
                yield _Stretch(between, traces, frame)
                between, traces = [], []
            else:
                between.append(frame)
        if between:
            yield _Stretch(between[:-1], traces, between[-1])

    # What is painted

    def _between(self, before: _Stretch, stretch: _Stretch, work: Work) -> Generator[_Frame]:
        """The frames between two keyframes; those that too little reaches come without paint."""
        if not any(work.start <= frame.number < work.stop for frame in stretch.between):
            return
        ends = [Keyframe(one.source, one.painted) for one in (before.keyframe, stretch.keyframe)]
        made = carried(ends[0], ends[1], [frame.source for frame in stretch.between], stretch.traces)
        for frame, found in zip(stretch.between, timed(made, work.watch, "carry_s"), strict=True):
            yield replace(frame, painted=found.painted) if found.reach >= _LEAST_REACH else frame

    def _diffused(self, frames: Sequence[_Frame], assembly: Assembly, known: Known, work: Work) -> list[_Frame]:
        keyed = [replace(frame, key=known.key(self._row, *_digests(frame)) if work.recall else "") for frame in frames]
        done: dict[int, _Frame] = {}
        for frame in keyed:
            if (pixels := known.get(frame.key, self._row)) is not None:
                done[frame.number] = replace(frame, painted=pixels, is_found=True)
        new = [frame for frame in keyed if frame.number not in done]
        made = fitting(self, new, lambda batch: self._pictured(batch, assembly, work), assembly, work)
        done |= {frame.number: replace(frame, painted=pixels) for frame, pixels in zip(new, made, strict=True)}
        return [done[frame.number] for frame in frames]

    def _called(self, frame: _Frame) -> str:
        """A frame as people number it."""
        first = self._brief.source.first if self._brief.source else 1
        return f"frame {first + self._brief.offset + frame.number}"

    def _leading(self, frames: Sequence[_Frame]) -> dict[str, Any]:
        """What ControlNets are led by: each frame itself."""
        row, count = self._row, len(self._brief.controls)
        rows = [
            row._replace(subject=row.subject.model_copy(update={"controls": (place,) * count}))
            for place in range(len(frames))
        ]
        return leading(self._brief, rows, lambda place, _: Image.fromarray(to_depth(frames[place].source, deep=False)))

    @torch.inference_mode()
    def _pictured(self, frames: Sequence[_Frame], assembly: Assembly, work: Work) -> list[np.ndarray]:
        filled = list(frames)
        if self._easel.device.type != "cpu":
            # A GPU's kernels depend on the size of a batch.
            filled += [frames[-1]] * (self.batch - len(frames))
        row = self._row
        white = np.float32(65_535 if self._deep else 255)
        with complaints(self._brief), assembly.pipeline("film", row.setting.scheduler, row.size) as pipeline:
            for told in unread(self._brief, row, pipeline):
                work.note(told)
            begin_with(pipeline.scheduler, np.stack([frame.noise for frame in filled]))
            made = pipeline(
                **words([row] * len(filled)),
                **sized(pipeline, row.size),
                **self._leading(filled),
                image=[frame.source / white for frame in filled],
                strength=row.setting.strength,
                generator=[generator(row.seed) for _ in filled],
                num_inference_steps=row.setting.steps,
                guidance_scale=row.setting.guidance,
                callback_on_step_end=pulse(work, self._called(frames[0]), row.setting.steps),
                output_type="np",
            )
        pictures = made.images[: len(frames)]
        flagged = getattr(made, "nsfw_content_detected", None) or [False] * len(frames)
        for frame, picture, is_flagged in zip(frames, pictures, flagged, strict=False):
            check_finite(picture, self._brief)
            if is_flagged:
                work.note(f"{self._called(frame)}: the model's own safety checker blanked it")
        return [as_pixels(picture, deep=self._deep) for picture in pictures]


def _runs(stretches: Iterator[_Stretch], size: int) -> Iterator[list[_Stretch]]:
    while run := list(islice(stretches, size)):
        yield run


def _spread(
    diffuse: Callable[[list[_Stretch]], list[_Stretch]], runs: Iterator[list[_Stretch]], lanes: int
) -> Generator[_Stretch]:
    for run in spread(diffuse, runs, threads=lanes, name="paint"):
        yield from run


def begin_with(scheduler: Any, noise: np.ndarray) -> None:
    """Have one of the library's schedulers add this noise to what is begun with, (N, C, h, w), for the one drawn."""
    given = torch.from_numpy(noise)
    if hasattr(scheduler, "scale_noise"):
        scale = scheduler.scale_noise
        scheduler.scale_noise = lambda sample, timestep, noise: scale(sample, timestep, given.to(noise))
        return
    add = scheduler.add_noise
    scheduler.add_noise = lambda original, noise, timesteps: add(original, given.to(noise), timesteps)


def fitted(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A frame of that size (width, height): scaled, and cut at its sides if it has another shape."""
    width, height = size
    high, wide = pixels.shape[:2]
    times = max(width / wide, height / high)
    scaled = resized(pixels, max(width, round(wide * times)), max(height, round(high * times)))
    top, left = (scaled.shape[0] - height) // 2, (scaled.shape[1] - width) // 2
    return np.ascontiguousarray(scaled[top : top + height, left : left + width])


def _digests(frame: _Frame) -> tuple[str, str]:
    source, noise = (hashlib.sha256(each.tobytes()).hexdigest() for each in (frame.source, frame.noise))
    return source, noise
