"""A job kind whose frames are posters in miniature: each has a size of its own, a cover, and clips."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from jobs.kinds.base import JobSpec, Kind
from pipeline.film.clips import encode_clips
from pipeline.film.deliverables import DELIVERABLES
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from tests.media import numbered_picture

ENTRY = "tests.workers.clipped:CLIPPED"


class ClippedPainter:
    """Frame n moves for n + 2 pictures, and forgets the clips that its inputs say it forgets."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        self._clips, self._forgotten = inputs["clips"], inputs.get("forgotten", [])
        self._silent = inputs.get("silent", [])
        self.batch = easel.batch

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The covers."""
        for frame in range(work.start, work.stop):
            pictures = [numbered_picture(number, 96 + 10 * frame, 64) for number in range(frame + 2)]
            shown = (work.stamp(pixels, Fraction(number, 30)) for number, pixels in enumerate(pictures))
            if frame in self._silent:
                work.describe(frame, {})
            with scratch_folder("clipped") as folder:
                targets = {name: folder / f"clip{DELIVERABLES[name].suffix}" for name in self._clips}
                encode_clips(shown, targets, rate=Fraction(30), pulse=lambda: work.pulse("moves"))
                for name, path in targets.items():
                    if [frame, name] not in self._forgotten:
                        work.clip(frame, name, path)
                        assert not path.exists()
            yield pictures[-1]


def _plan(spec: JobSpec, settings: Any) -> Any:
    raise NotImplementedError("made by hand")


CLIPPED = Kind(spec=JobSpec, plan=_plan, painter="tests.workers.clipped:ClippedPainter", summary="posters in miniature")
