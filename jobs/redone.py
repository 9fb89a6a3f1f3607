"""What a redo changed, proved by two certificates: frame by frame, by digest."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.certificate import Certificate, ChunkRow, FrameRow, RedoRow
from pipeline.ranges import as_ranges

_RANGES_TOLD = 6


def compare(earlier: Certificate, digest: str, frames: Sequence[FrameRow], chunks: Sequence[ChunkRow]) -> RedoRow:
    """The new frames and chunks against an earlier generation's certificate, whose SHA-256 is `digest`.

    A chunk was rendered again if another receipt counts for it now.
    """
    before = {number: sha256 for number, _, sha256 in earlier.frames}
    receipts = {row.chunk: row.receipt for row in earlier.chunks}
    rendered = {number for row in chunks if receipts.get(row.chunk) != row.receipt for number in row.numbers(frames)}
    same = {number for number, _, sha256 in frames if before.get(number) == sha256}
    return RedoRow(
        generation=earlier.generation,
        certificate=digest,
        again=as_ranges(sorted(rendered)),
        untouched=len(same - rendered),
        same=len(same & rendered),
        changed=as_ranges(sorted(rendered - same)),
    )


def is_proved(row: RedoRow, frames: int) -> bool:
    """Whether every frame outside the chunks that were rendered again is what it was. `frames`: how many there are."""
    return row.untouched == frames - _count(row.again)


def sentence(row: RedoRow) -> str:
    """What the redo did, for the job's notes."""
    changed = _count(row.changed)
    became = f"{changed:,} of them came out otherwise ({_told(row.changed)})" if changed else "came out the same"
    again = (
        f"frames {_told(row.again)} were rendered again and {became}" if row.again else "no frame was rendered again"
    )
    rest = f"; the other {row.untouched:,} are the bytes of generation {row.generation}" if row.untouched else ""
    return again + rest


def _told(ranges: str) -> str:
    parts = ranges.split(",")
    return ranges if len(parts) <= _RANGES_TOLD else ",".join([*parts[:_RANGES_TOLD], "…"])


def _count(ranges: str) -> int:
    spans = (part.split("-") for part in ranges.split(",") if part)
    return sum(int(span[-1]) - int(span[0]) + 1 for span in spans)
