"""A job's contact sheet: frames spread over it, with their numbers, its name and its style."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import cv2
import numpy as np

from jobs.kinds import noun
from jobs.marks import facts_of
from jobs.records import Plan
from pipeline import provenance
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.film.contact_sheet import contact_sheet, evenly_spaced
from pipeline.interiors.brief import InteriorsBrief
from pipeline.portraits.brief import PortraitBrief

_FRAMES = 20

_PAGE = 2400
"""Pixels of a page's width, and the most of a picture's longest side: a poster to print would take 50 MB."""

_PORTRAITS, _THUMBNAIL = 100, 512
"""Pictures, and pixels of their longest side."""

_MOST_COLUMNS = 10
"""Seeds of a prompt that stand in one row."""

_GRID = 200
"""Pictures of a grid of mixed styles that is shown as it is."""


def sheet(
    plan: Plan,
    picture: Callable[[int], np.ndarray],
    *,
    content: str,
    lost: Collection[int] = frozenset(),
    is_told: Callable[[], bool] = lambda: True,
) -> bytes:
    """The sheet as a JPEG; `picture` gives a frame, counted from 0, as (H, W, 3) uint8.

    `content`: the sheet's number, as its marks have it. `lost`: frames of which there is nothing to show, unless that
    is all of them. `is_told`: asked once all pictures were given, whether any of them says that a model made it.
    """
    if plan.kind == "portraits":
        brief = PortraitBrief.model_validate(plan.inputs)
        return _told(plan, _portraits(plan, brief, picture), content, said=brief.said())
    if plan.kind == "interiors":
        designs = InteriorsBrief.model_validate(plan.inputs)
        return _told(plan, _interiors(plan, designs, picture), content, said=designs.said())
    if plan.kind == "diffusion" and plan.rate is None:
        told = DiffusionBrief.model_validate(plan.inputs)
        return _told(plan, _diffusion(plan, told, picture, lost), content, said=told.said())
    shown = [frame for frame in range(plan.frames) if frame not in lost] or list(range(plan.frames))
    chosen = [shown[place] for place in evenly_spaced(len(shown), _FRAMES)]
    made = contact_sheet(
        [(_label(plan, frame), _small(picture(frame), _PAGE)) for frame in chosen],
        title=plan.stem,
        subtitle=_about(plan),
    )
    return _told(plan, made, content, said=_about(plan)) if plan.marks is not None and is_told() else made


def _told(plan: Plan, made: bytes, content: str, *, said: str) -> bytes:
    """The sheet, which tells what made its pictures, and how: `said`."""
    facts = facts_of(plan) | {provenance.PAGE: said}
    return provenance.embed(made, facts, plan.marks, content=content)


def _portraits(plan: Plan, brief: PortraitBrief, picture: Callable[[int], np.ndarray]) -> bytes:
    """Of seeds, up to a hundred, spread over the job; of mixed styles the grid, unless it is too large."""

    def cell(frame: int) -> tuple[str, np.ndarray]:
        return _label(plan, frame), _small(picture(frame))

    pictures = plan.pictured
    if brief.mix is not None and len(pictures) <= _GRID:
        places = {pair: frame for frame, pair in enumerate(brief.mix.pairs())}
        rows = brief.mix.grid()
        cells = [None if pair is None else cell(places[pair]) for row in rows for pair in row]
        return _generated(plan, cells, said=brief.said(), columns=len(rows[0]))
    return _generated(plan, [cell(frame) for frame in evenly_spaced(len(pictures), _PORTRAITS)], said=brief.said())


def _diffusion(plan: Plan, brief: DiffusionBrief, picture: Callable[[int], np.ndarray], lost: Collection[int]) -> bytes:
    """Up to a hundred pictures, spread over the job; of a grid that is no larger, a row for each prompt."""
    shown = [frame for frame in range(plan.frames) if frame not in lost] or list(range(plan.frames))
    chosen = [shown[place] for place in evenly_spaced(len(shown), _PORTRAITS)]
    is_grid = len(chosen) == plan.frames and 1 < brief.seeds_each <= _MOST_COLUMNS and plan.frames > brief.seeds_each
    cells = [(_label(plan, frame), _small(picture(frame))) for frame in chosen]
    return _generated(plan, cells, said=brief.said(), columns=brief.seeds_each if is_grid else None)


def _interiors(plan: Plan, brief: InteriorsBrief, picture: Callable[[int], np.ndarray]) -> bytes:
    """Up to a hundred designs, and below them the strips, a row each."""
    strips = [list(range(strip.begins, strip.begins + len(strip.amounts))) for strip in brief.strips]
    designs = evenly_spaced(brief.designs or len(plan.pictured), _PORTRAITS)
    # A grid as wide as a strip has a row for each.
    columns = len(strips[0]) if strips else None
    gap: list[int | None] = [None] * (-len(designs) % columns if columns else 0)
    rows = [*designs, *gap, *(frame for strip in strips for frame in strip)]
    cells = [None if frame is None else (_label(plan, frame), _small(picture(frame))) for frame in rows]
    return _generated(plan, cells, said=brief.said(), columns=columns)


def _generated(
    plan: Plan, cells: Sequence[tuple[str, np.ndarray] | None], *, said: str, columns: int | None = None
) -> bytes:
    """The sheet of pictures that a model made; `said`: how."""
    subtitle = f"{said} · {_contents(plan)}"
    return contact_sheet(cells, title=plan.style, subtitle=subtitle, columns=columns)


def _contents(plan: Plan) -> str:
    """`64 pictures, 192 frames of film`."""
    pictures, frames = len(plan.pictured), len(plan.filmed)
    film = f"{_count(frames, 'frame')} of film" if plan.rate else ""
    if plan.rate and not plan.film_begins:
        return film
    return ", ".join(part for part in (_count(pictures, "picture"), film) if part)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _small(picture: np.ndarray, longest: int = _THUMBNAIL) -> np.ndarray:
    """A hundred pictures of 1024 px would take 300 MB; a page shows none of them larger than this."""
    scale = longest / max(picture.shape)
    return picture if scale >= 1 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _label(plan: Plan, frame: int) -> str:
    return plan.frame_name(frame) if plan.names else str(plan.number(frame))


def _about(plan: Plan) -> str:
    rate = f"{float(plan.rate_fraction):g} fps" if plan.rate_fraction else ""
    return " · ".join(part for part in (plan.style, _count(plan.frames, noun(plan.kind)), rate) if part)
