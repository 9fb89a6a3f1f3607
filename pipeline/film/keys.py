"""What a film's frames are painted from, as digests: frames of one key are one picture, whatever jobs they belong to.

A key is `<family>/<digest>`. Frames of one family share look, settings, size, device and software, so whoever wants one
of them need only look among these; the digest adds the frame's own picture, and what else it depends on.
"""

from __future__ import annotations

import hashlib
from collections import deque
from typing import Any

import cv2
import numpy as np

from pipeline.film.brief import FilmBrief, Span
from pipeline.film.looks import Looks
from pipeline.film.steady import LEAD_IN, PHASES
from pipeline.kernels import FAMILY_DIGITS, digest_of, kernels
from pipeline.painter import Easel, Work

VERSION = 1
"""Raised with every change by which any frame's pixels differ: then no older frame is taken for a new one."""


class Keys:
    """The keys of one chunk's frames, asked for in order, those that lead in included."""

    def __init__(self, brief: FilmBrief, easel: Easel, looks: Looks, work: Work, *, deep: bool) -> None:
        self._brief, self._looks, self._work = brief, looks, work
        self._shot = brief.shot_of(work.start)
        self._settings = _settings(brief, easel, deep=deep)
        self._families: dict[tuple[int, int | None, tuple[int, ...]], str] = {}
        self._palettes: dict[int, str] = {}
        self._before: deque[str] = deque(maxlen=LEAD_IN + 1)

    def of(self, number: int, content: np.ndarray) -> str:
        """The key of the next frame; `content`: (H, W, 3) uint8 or uint16, as it is decoded."""
        span = self._brief.span_of(number)
        family = self._family(span, content.shape)
        digest = digest_of([family, _picture(content), span.mix(number), self._colours(number)])
        if self._brief.steady:
            # The frames before it, and how old the two memories are at it.
            self._before.append(digest)
            digest = digest_of([(number - self._shot) % PHASES, *self._before])
        return f"{family}/{digest}"

    def _family(self, span: Span, shape: tuple[int, ...]) -> str:
        known = self._families.get((span.look, span.fades_to, shape))
        if known is None:
            looks = [self._look(span.look), None if span.fades_to is None else self._look(span.fades_to)]
            known = digest_of([self._settings, looks, list(shape)])[:FAMILY_DIGITS]
            self._families[span.look, span.fades_to, shape] = known
        return known

    def _look(self, index: int) -> list[Any]:
        look = self._brief.looks[index]
        models = [self._work.model_digests[place] for place in look.models]
        paintings = [[self._work.file_digests[place], weight] for place, weight in look.paintings]
        return [models, paintings, look.alpha]

    def _colours(self, number: int) -> str | None:
        """Of the picture whose colours the paintings take on in the frame's shot, if they do."""
        if self._brief.preserve_color != "palette":
            return None
        shot = self._brief.shot_of(number)
        if shot not in self._palettes:
            self._palettes[shot] = _picture(self._looks.first_of(shot))
        return self._palettes[shot]


def _settings(brief: FilmBrief, easel: Easel, *, deep: bool) -> dict[str, Any]:
    """All that decides pixels besides the frame and its look."""
    return {
        "painter": VERSION,
        "software": cv2.__version__,
        "device": kernels(easel),
        "precision": str(easel.precision),
        "deep": deep,
        "paint_size": brief.paint_size,
        "strength": brief.strength,
        "preserve_color": brief.preserve_color,
        "steady": brief.steady,
        "moves": brief.source.rate is not None,
    }


def _picture(pixels: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()
