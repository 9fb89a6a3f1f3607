"""What lies behind a poster, as the poster's painter gets it: a picture, or as many frames as it has, at its rate.

Frames leave at the size that they were made at; who composes a poster scales them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property

import cv2
import numpy as np

from pipeline.backgrounds.brief import BackgroundBrief, Film
from pipeline.backgrounds.footage import Footage, Picture
from pipeline.backgrounds.kept import Kept, kept_here
from pipeline.backgrounds.own import footage_of
from pipeline.backgrounds.painted import PaintedFootage
from pipeline.backgrounds.supply import Enlarging, Supply
from pipeline.backgrounds.timing import Moment, moments, usual
from pipeline.painter import Easel, Work


class Backgrounds:
    """One background of one job: made once for each process. From any thread."""

    def __init__(self, brief: BackgroundBrief, easel: Easel, *, kept: Kept | None = None) -> None:
        """`kept`: where painted pictures stay; default with all others of this process."""
        self._brief = brief
        rows: list[Footage] = [footage_of(own, easel) for own in brief.own]
        if brief.painted is not None:
            rows = [PaintedFootage(brief.painted, easel)]
        enlarging = Enlarging(brief.upscaler, always=brief.upscale is True)
        kept = kept_here() if kept is None else kept
        self._supplies = [Supply(row, easel, kept, enlarging) for row in rows]

    def moves(self, index: int = 0) -> bool:
        """Whether the background of a variant is a film."""
        return self._of(index).footage.film is not None

    def picture(self, index: int, work: Work, *, canvas_px: int = 0) -> np.ndarray:
        """The still background of a variant: as `Picture` has its pixels, not to be written to.

        `index`: the variant's, from 0; where there are fewer pictures they come round again. `canvas_px`: the shorter
        side of what it will lie behind; a picture that is small for it is enlarged. 0: none is.
        Raises: InputError if it cannot be made; TransientError; Interrupted; as every painter.
        """
        return self._still(index, work, canvas_px).pixels

    def facts(self, index: int, work: Work, *, canvas_px: int = 0) -> Mapping[str, str]:
        """What that picture says of itself: which model made it, of which seed. See pipeline/provenance.py."""
        return self._still(index, work, canvas_px).facts

    def frames(
        self, count: int, rate: Fraction, work: Work, *, index: int = 0, loop: bool = False, canvas_px: int = 0
    ) -> Frames:
        """The moving background of a variant: `count` frames at `rate` a second; of a still one, always the same.

        `loop`: whether they are to lead back to the first without a jump, as far as their film allows. What is not
        there yet is painted when it is asked for. All else as `picture`.
        """
        supply = self._of(index)
        film = supply.footage.film
        if film is None:
            return Frames(supply, work, count, canvas_px, still=self._frame_of_still(index))
        # Each variant enters a loop elsewhere: where it goes through pictures, at its own.
        stills = supply.footage.stills
        begin = Fraction(index % stills, stills) if stills else Fraction(0)
        play = self._brief.play or usual(film, loop=loop)
        moment = moments(film, play, count=count, rate=rate, loop=loop, begin=begin)
        return Frames(supply, work, count, canvas_px, film=film, moment=moment, blend=self._brief.blend)

    def _of(self, index: int) -> Supply:
        return self._supplies[index % len(self._supplies)]

    def _frame_of_still(self, index: int) -> int:
        """Of a film alone, the frame in its middle: the first may still be dark."""
        footage = self._of(index).footage
        if footage.stills:
            return footage.still(index // len(self._supplies) % footage.stills)
        film = footage.film
        return 0 if film is None else film.start + len(film) // 2

    def _still(self, index: int, work: Work, canvas_px: int) -> Picture:
        frame = self._frame_of_still(index)
        return self._of(index).get(frame, [frame], work, canvas_px=canvas_px)


class Frames:
    """The frames of one variant's background: a sequence of pixels as `Picture` has them, not to be written to."""

    def __init__(
        self,
        supply: Supply,
        work: Work,
        count: int,
        canvas_px: int,
        *,
        still: int = 0,
        film: Film | None = None,
        moment: Moment = lambda frame: Fraction(0),
        blend: bool = False,
    ) -> None:
        """`film`: what is shown, at which `moment` of it; without any, the frame `still`."""
        self._supply, self._work = supply, work
        self._count, self._canvas_px = count, canvas_px
        self._still, self._film, self._moment, self._blend = still, film, moment, blend

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[frame] for frame in range(self._count))

    def __getitem__(self, frame: int) -> np.ndarray:
        """Frame `frame` of the poster, from 0. Raises: IndexError; as `Backgrounds.picture`."""
        one, other, share = self._shown(frame)
        pixels = self._get(one).pixels
        return cv2.addWeighted(pixels, 1 - share, self._get(other).pixels, share, 0) if share else pixels

    def facts(self, frame: int) -> Mapping[str, str]:
        """What it says of itself, as `Backgrounds.facts`."""
        return self._get(self._shown(frame)[0]).facts

    def _get(self, number: int) -> Picture:
        return self._supply.get(number, self._wanted, self._work, canvas_px=self._canvas_px)

    def _shown(self, frame: int) -> tuple[int, int, float]:
        """Two frames of the film, and how much of the second is seen."""
        if not 0 <= frame < self._count:
            raise IndexError(frame)
        if self._film is None:
            return self._still, self._still, 0.0
        moment = self._moment(frame)
        number = int(moment)
        one = self._film.start + number
        other = one + 1 if one + 1 < self._film.stop else self._film.start
        return one, other, float(moment - number) if self._blend else 0.0

    @cached_property
    def _wanted(self) -> list[int]:
        """The film's frames that will be asked for, rising."""
        shown = (self._shown(frame) for frame in range(self._count))
        return sorted({number for one, other, share in shown for number in ((one, other) if share else (one,))})
