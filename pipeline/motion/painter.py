"""Painting motions: what figures do is made once for a job and process, then any of its frames is drawn by itself.

    actions, seeds, recordings ─► a clip for each figure ─► stage ─► frames
                                                        └─► BVH, a file for each act

All of it is a pure function of the brief, the model and the files, so that chunks of several workers meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from fractions import Fraction
from functools import cache
from queue import SimpleQueue
from typing import Any

import cv2
import numpy as np

from pipeline.backgrounds.shown import Backgrounds, Frames
from pipeline.becoming import now_and_then
from pipeline.motion import bvh_text
from pipeline.motion.brief import MotionBrief, Recording
from pipeline.motion.bvh import bvh_of
from pipeline.motion.clip import Clip
from pipeline.motion.editing import cut
from pipeline.motion.known import Known
from pipeline.motion.opening import parsed
from pipeline.motion.performing import performed
from pipeline.motion.staging import stage_of
from pipeline.motion.steering import Path
from pipeline.motion.view.stage import Stage
from pipeline.painter import Easel, Work
from pipeline.stream import spread

_MODEL = 0
"""Place among the plan's models."""


class MotionPainter:
    """Paints the frames of one job, on as many threads as the process has lanes."""

    batch = 8

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a MotionBrief. `deep` says nothing here: stages draw in 8 bits."""
        self._brief = MotionBrief.model_validate(inputs)
        self._easel = easel
        self._clips: tuple[Clip, ...] | None = None
        self._stages: SimpleQueue[Stage] = SimpleQueue()
        self._backgrounds = None if self._brief.behind is None else Backgrounds(self._brief.behind, easel)
        self._behind: Frames | None = None
        """The background's frames, as the chunk that is painted now asks for them."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's frames: (H, W, 3) uint8, sRGB; without a background (H, W, 4), the fourth straight alpha.

        Raises: ModelError or MediaError if the model or a file cannot be used; TransientError; Interrupted.
        """
        clips = self._performed(work)
        self._deliver(clips, work)
        if self._backgrounds is not None:
            self._behind = self._backgrounds.frames(self._brief.frames, self._brief.rate, work)
        report = now_and_then(str, work)
        frames, known = range(work.start, work.stop), Known(self._brief, self._easel, work)

        def drawn(frame: int) -> tuple[np.ndarray, bool]:
            found = known.get(known.key(frame))
            if found is not None:
                return found, True
            stage = self._stages.get()
            try:
                with work.watch.time("draw_s"):
                    return stage.draw(frame), False
            finally:
                self._stages.put(stage)

        made = spread(drawn, frames, threads=self._easel.lanes, name="draw")
        for frame, (pixels, is_found) in zip(frames, made, strict=True):
            report(f"frame {frame - work.start + 1} of {len(frames)}")
            if key := known.key(frame):
                work.remember(frame, key, is_found)
            work.describe(frame, self._facts(frame, work))
            yield pixels

    def _performed(self, work: Work) -> tuple[Clip, ...]:
        """What each figure does, made with the first chunk."""
        if self._clips is None:
            with work.watch.time("perform_s"):
                self._clips = tuple(self._made(work))
            behind = None if self._backgrounds is None else self._shown
            for _ in range(self._easel.lanes):
                self._stages.put(stage_of(self._brief, self._clips, behind))
        return self._clips

    def _made(self, work: Work) -> Iterator[Clip]:
        rate = self._brief.rate

        @cache
        def read(file: int, skeleton: int | None, name: str, said: Fraction | None) -> Clip:
            acclaim = None if skeleton is None else (work.file(skeleton), f"the skeleton of {name}")
            return parsed(work.file(file), name, skeleton=acclaim, rate=said)

        def recording(one: Recording) -> Clip:
            work.pulse(f"reading {one.name}")
            return read(one.file, one.skeleton, one.name, one.rate)

        def generated(actions: Sequence[tuple[str, float]], seeds: Sequence[int], path: Path | None) -> Clip:
            # Recordings are played where there is no torch, as in plans' tests.
            from pipeline.motion.generation import generate

            work.pulse(f"moving: {', '.join(action for action, _ in actions)}")
            return generate(self._network(work), actions, seed=seeds, rate=rate, path=path)

        for figure in self._brief.figures:
            yield performed(figure, rate, read=recording, generate=generated)

    def _network(self, work: Work) -> Any:
        """On the CPU, wherever frames are drawn, so that all workers make the same clips."""
        return deepcopy(work.model(_MODEL)).cpu()

    def _deliver(self, clips: Sequence[Clip], work: Work) -> None:
        """The BVH files of the acts that begin in this chunk."""
        for clip, figure in zip(clips, self._brief.figures, strict=True):
            for act, begin in zip(figure.acts, figure.begins(), strict=True):
                if act.product and work.start <= begin < work.stop:
                    data = bvh_text.serialised(bvh_of(cut(clip, begin, begin + act.frames)))
                    work.deliver(act.product, data)

    def _shown(self, frame: int) -> np.ndarray:
        """The background's frame, of the stage's size."""
        assert self._behind is not None
        return _filling(self._behind[frame], self._brief.width, self._brief.height)

    def _facts(self, frame: int, work: Work) -> Mapping[str, str]:
        facts = self._brief.facts(frame)
        if facts:
            facts["modelSha256"] = work.model_digests[_MODEL].rpartition(" ")[2]
        if self._behind is not None:
            facts |= {name: value for name, value in self._behind.facts(frame).items() if name not in facts}
        return facts


def _filling(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """(H, W, 3) uint8 at a size, its middle where its shape is another one."""
    rows, columns = pixels.shape[:2]
    if (columns, rows) == (width, height):
        return pixels
    scale = max(width / columns, height / rows)
    wide, high = min(columns, round(width / scale)), min(rows, round(height / scale))
    left, top = (columns - wide) // 2, (rows - high) // 2
    middle = np.ascontiguousarray(pixels[top : top + high, left : left + wide])
    return cv2.resize(middle, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
