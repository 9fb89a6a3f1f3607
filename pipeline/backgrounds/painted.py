"""Frames of another kind of job, by its own painter: that painter knows of no poster."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from pipeline.backgrounds.brief import Film, Painted
from pipeline.backgrounds.footage import TOGETHER, Picture, run_from, without_latent
from pipeline.errors import InputError, ModelError
from pipeline.painter import Easel, Painter, Work

_LEAD_INS = 4
"""Times its lead-in, which is painted and thrown away, that are painted in one go."""


class PaintedFootage:
    """What a painter makes of a nested plan."""

    def __init__(self, brief: Painted, easel: Easel) -> None:
        self._brief, self._easel = brief, easel
        self._painter: Painter | None = None
        self._digest = ""

    @property
    def film(self) -> Film | None:
        return self._brief.film

    @property
    def stills(self) -> int:
        return self._brief.count

    def still(self, index: int) -> int:
        return self._brief.still(index)

    def digest(self, work: Work) -> str:
        if not self._digest:
            told = self._brief.model_dump_json(exclude={"models", "files", "stills", "film"})
            models, files = self._digests(work)
            self._digest = hashlib.sha256(" ".join([told, *models, *files]).encode()).hexdigest()
        return self._digest

    def together(self, frame: int, wanted: Sequence[int]) -> tuple[int, int]:
        start, stop = self._brief.chunk_of(frame)
        if not self._brief.separable:
            return start, stop
        lead_in = self._brief.lead_in
        return run_from(frame, wanted, stop=stop, most=max(TOGETHER, _LEAD_INS * lead_in), gap=lead_in)

    def paint(self, start: int, stop: int, work: Work) -> Iterator[Picture]:
        if self._painter is None:
            self._painter = _painter(self._brief.painter)(self._brief.inputs, self._easel, deep=False)
        told: dict[int, Mapping[str, str]] = {}
        frames = self._painter.paint(self._work(start, stop, work, told))
        try:
            for frame, pixels in enumerate(frames, start):
                yield Picture(pixels, self._facts(told.pop(frame, {}), work))
        finally:
            if isinstance(frames, Generator):
                frames.close()

    def _facts(self, told: Mapping[str, str], work: Work) -> dict[str, str]:
        """What a frame says of itself; where its painter tells nothing, what it was painted in and with."""
        models, _ = self._digests(work)
        untold = {"style": self._brief.name}
        if models:
            untold["modelSha256"] = models[0].rpartition(" ")[2]
        return {"background": self._brief.kind} | (without_latent(told) or untold)

    def _work(self, start: int, stop: int, work: Work, told: dict[int, Mapping[str, str]]) -> Work:
        """The poster's work as the nested painter is to see it.

        What was painted before is found for it as for any job, and its states have names of their own. All that it
        would give besides frames is no part of this job, as keys, products and clips: nobody takes it.
        """
        brief, own = self._brief, f"background-{self.digest(work)[:12]}"
        models, files = self._digests(work)
        return Work(
            start=start,
            stop=stop,
            watch=work.watch,
            lead_in=brief.lead_in,
            model=lambda index, precision=None: work.model(brief.models[index], precision),
            file=lambda index: work.file(brief.files[index]),
            pulse=lambda note: work.pulse(f"background: {note}"),
            load_state=lambda part="main": work.load_state(f"{own}-{part}"),
            save_state=lambda state, part="main": work.save_state(state, f"{own}-{part}"),
            model_digests=models,
            file_digests=files,
            recall=work.recall,
            describe=told.__setitem__,
            fail=_refused,
            note=lambda text: work.note(f"background: {text}"),
        )

    def _digests(self, work: Work) -> tuple[tuple[str, ...], tuple[str, ...]]:
        brief = self._brief
        return (
            tuple(work.model_digests[place] for place in brief.models),
            tuple(work.file_digests[place] for place in brief.files),
        )


def _refused(frame: int, why: str) -> None:
    """A job of its own would go on without the frame; here there is nothing else to show."""
    raise InputError(f"background: {why}")


def _painter(entry: str) -> Any:
    """What makes the painter of that name. Raises: ModelError if this version of Atelier has none."""
    module, _, name = entry.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ModelError(f"background: its painter {entry!r} is none of this version of Atelier") from error
