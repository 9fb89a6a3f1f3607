"""What can be wrong with a board, found out at planning and not when everything is painted."""

from __future__ import annotations

from pipeline.board.brief import BoardBrief
from pipeline.board.letters import check_text
from pipeline.errors import InputError

MOST_PROPOSALS = 240
"""A thicker board is read by nobody, and its PDF is kept in memory."""

MOST_STRIPS = 24
MOST_STEPS = 9
"""Pictures of a strip."""


def check_board(brief: BoardBrief, frames: int) -> None:
    """That a board of a job with so many frames can be made. Raises: InputError."""
    check_text(brief.title, "title")
    check_text(brief.subtitle, "subtitle")
    if not 1 <= len(brief.proposals) <= MOST_PROPOSALS:
        raise InputError(f"board: shows 1 to {MOST_PROPOSALS} designs, not {len(brief.proposals):,}")
    if len(brief.strips) > MOST_STRIPS:
        raise InputError(f"board: shows at most {MOST_STRIPS} strips, not {len(brief.strips):,}")
    for strip in brief.strips:
        check_text(strip.attribute, "attribute")
        if not 1 <= len(strip.frames) <= MOST_STEPS or len(strip.frames) != len(strip.amounts):
            raise InputError(f"board: a strip of {strip.attribute} has 1 to {MOST_STEPS} pictures, each with an amount")
    shown = [*brief.proposals, *(frame for strip in brief.strips for frame in strip.frames)]
    if outside := [frame for frame in shown if not 0 <= frame < frames]:
        raise InputError(f"board: there is no frame {outside[0]} in a job of {frames:,}")
