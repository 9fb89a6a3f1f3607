"""What a job's deliverables are called in its output. The stitcher writes by these names, and planning checks them."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.records import Plan
from pipeline.film.deliverables import EVERY, Deliverable

SHEET = "contact-sheet.jpg"
"""The contact sheet, which every job has."""

BOARD_PDF, BOARD_PNG = ".pdf", ".png"
"""A board is two files of one content."""

MANIFEST_CSV, MANIFEST_JSON = "manifest.csv", "manifest.json"
"""A manifest is two files of one content."""

CAPTIONS = (".srt", ".vtt")
"""A narration's captions are two files of one content."""

CERTIFICATE = "certificate.json"
"""What everything is, by digest: see certificate.py."""

RESULT = "result.json"
"""The manifest; written last."""


def file_name(plan: Plan, row: Deliverable) -> str:
    """Key of a movie, `bunny-h264.mp4`, or of an animation, `bunny.gif`."""
    return f"{plan.stem}-{row.name}{row.suffix}" if row.made_of == "segments" else f"{plan.stem}{row.suffix}"


def picture_name(plan: Plan, row: Deliverable, frame: int) -> str:
    """Key of one delivered picture, `png/bunny.0001.png`, or clip, `h264/berlin.mp4`. `frame` counts from 0."""
    return f"{row.name}/{plan.frame_name(frame)}{row.suffix}"


def board_name(plan: Plan, suffix: str) -> str:
    """Key of a board's file, `loft-board.pdf`."""
    return f"{plan.stem}-board{suffix}"


def narration_name(plan: Plan, suffix: str) -> str:
    """Key of all lines in one file: `news.flac`, `news.srt`."""
    return f"{plan.stem}{suffix}"


def is_a_frames(plan: Plan, row: Deliverable) -> bool:
    """Whether a deliverable is one file of each frame, a picture or a clip, and not one of all of them."""
    return row.made_of == "frames" or row.name in plan.clips


def delivered_names(plan: Plan) -> Iterator[str]:
    """Every key that the job writes into its output."""
    for row in (EVERY[name] for name in plan.deliver):
        if is_a_frames(plan, row):
            yield from (picture_name(plan, row, frame) for frame in plan.pictured)
        else:
            yield file_name(plan, row)
    yield from plan.products
    if plan.narration:
        suffixes = (*(EVERY[name].suffix for name in plan.narration), *CAPTIONS)
        yield from (narration_name(plan, suffix) for suffix in suffixes)
    if plan.board is not None:
        yield from (board_name(plan, suffix) for suffix in (BOARD_PDF, BOARD_PNG))
    yield from (MANIFEST_CSV, MANIFEST_JSON) if plan.manifest else ()
    yield SHEET
    yield CERTIFICATE
    yield RESULT
