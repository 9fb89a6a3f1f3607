"""Frames of one footage on demand: painted once in a process, kept, and enlarged where they are small."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.backgrounds.footage import TOGETHER, Footage, Picture
from pipeline.backgrounds.kept import Kept
from pipeline.becoming import now_and_then
from pipeline.painter import Easel, Work
from pipeline.upscale import Upscaler

_SMALL = 3
"""A picture whose shorter side is less than one part in so many of its canvas' is small."""

_ENOUGH = 4
"""They are enlarged to about one part in so many: beyond, a filter does nearly as well, and far quicker."""

_TINY = 8
"""A picture of at most one part in so many is doubled twice at least: once leaves its edges soft."""


@dataclass(frozen=True)
class Enlarging:
    """Whether small pictures are enlarged by a network."""

    upscaler: int | None
    """Its place among the plan's models; None: they are not."""
    always: bool = False
    """Those that are smaller than the canvas at all, and not only those that are less than a third as large."""

    def doublings(self, picture: Picture, canvas_px: int) -> int:
        """How often a picture is doubled for a canvas whose shorter side is so long; 0 if it is large enough, or has
        alpha, of which the network knows nothing."""
        shorter = min(picture.pixels.shape[:2])
        if (
            self.upscaler is None
            or picture.pixels.shape[2] == 4
            or shorter * (1 if self.always else _SMALL) >= canvas_px
        ):
            return 0
        least = 2 if shorter * _TINY <= canvas_px else 1
        return max(least, round(math.log2(canvas_px / (_ENOUGH * shorter))))


class Supply:
    """The frames of one footage. From any thread."""

    def __init__(self, footage: Footage, easel: Easel, kept: Kept, enlarging: Enlarging) -> None:
        self.footage = footage
        self._easel, self._kept, self._enlarging = easel, kept, enlarging
        self._painting = threading.Lock()
        self._homeless: OrderedDict[str, Picture] = OrderedDict()
        """The last ones for which there was no room."""

    def get(self, frame: int, wanted: Sequence[int], work: Work, *, canvas_px: int = 0) -> Picture:
        """A frame. `wanted`, rising: what will be asked for before long. `canvas_px`: see `Enlarging.doublings`.

        Raises: as a Painter.
        """
        key = f"{self.footage.digest(work)}/{frame}"
        picture = self._kept.get(key)
        if picture is None:
            with self._painting:
                # Whoever had the lock before may have painted it.
                picture = self._kept.get(key) or self._homeless.get(key) or self._painted(frame, wanted, work)
        doublings = self._enlarging.doublings(picture, canvas_px)
        return self._enlarged(key, picture, doublings, work) if doublings else picture

    def _painted(self, frame: int, wanted: Sequence[int], work: Work) -> Picture:
        start, stop = self.footage.together(frame, wanted)
        report = now_and_then(str, work)
        found: Picture | None = None
        for number, picture in enumerate(self.footage.paint(start, stop, work), start):
            report(f"background, frame {number - start + 1} of {stop - start}")
            picture.pixels.setflags(write=False)
            self._keep(f"{self.footage.digest(work)}/{number}", picture)
            if number == frame:
                found = picture
        assert found is not None
        return found

    def _keep(self, key: str, picture: Picture) -> None:
        if not self._kept.put(key, picture):
            self._homeless[key] = picture
            if len(self._homeless) > TOGETHER:
                self._homeless.popitem(last=False)

    def _enlarged(self, key: str, picture: Picture, doublings: int, work: Work) -> Picture:
        assert self._enlarging.upscaler is not None
        digest = work.model_digests[self._enlarging.upscaler].rpartition(" ")[2]
        key = f"{key} {digest} x{2**doublings}"
        found = self._kept.get(key)
        if found is not None:
            return found
        with self._painting:
            network = work.model(self._enlarging.upscaler, self._easel.precision)
        with work.watch.time("enlarge_s"):
            longest = max(picture.pixels.shape[:2]) * 2**doublings
            pixels = Upscaler(network, digest).enlarge(picture.pixels, longest)
        work.pulse("background, enlarged")
        pixels.setflags(write=False)
        made = Picture(pixels, {**picture.facts, "upscalerSha256": digest})
        self._keep(key, made)
        return made
