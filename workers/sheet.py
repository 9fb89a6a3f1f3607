"""A job's contact sheet: frames spread over it, with their numbers, its name and its style."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jobs.records import Plan
from pipeline.film.contact_sheet import contact_sheet, evenly_spaced

_FRAMES = 20


def sheet(plan: Plan, picture: Callable[[int], np.ndarray]) -> bytes:
    """The sheet as a JPEG; `picture` gives a frame, counted from 0, as (H, W, 3) uint8."""
    chosen = evenly_spaced(plan.frames, _FRAMES)
    return contact_sheet(
        [(_label(plan, frame), picture(frame)) for frame in chosen], title=plan.stem, subtitle=_about(plan)
    )


def _label(plan: Plan, frame: int) -> str:
    return plan.frame_name(frame) if plan.names else str(plan.number(frame))


def _about(plan: Plan) -> str:
    rate = f"{float(plan.rate_fraction):g} fps" if plan.rate_fraction else ""
    return " · ".join(part for part in (plan.style, f"{plan.frames} frames", rate) if part)
