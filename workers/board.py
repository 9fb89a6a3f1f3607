"""A job's board: the plan's brief, the frames' names, and which network made them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from jobs.naming import BOARD_PDF, BOARD_PNG
from jobs.records import Plan
from pipeline.board.brief import BoardBrief
from pipeline.board.make import Picture, make


def board(plan: Plan, brief: BoardBrief, picture: Picture, *, content: str) -> Iterator[tuple[str, str, bytes]]:
    """Its files: what the result calls each, its suffix, its bytes. `content`: its number, as its marks have it."""
    # A checkpoint is known by its path, which is nobody's business on a board.
    model, sha256 = (PurePosixPath(plan.models[0].name).stem, plan.models[0].sha256) if plan.models else ("", "")
    made = make(brief, picture, plan.frame_name, model=model, sha256=sha256, marks=plan.marks, content=content)
    yield "board", BOARD_PDF, made.pdf
    yield "board-png", BOARD_PNG, made.png
