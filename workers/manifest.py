"""A job's manifest: what was delivered of each poster, and what became of those that could not be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jobs.naming import MANIFEST_CSV, MANIFEST_JSON
from jobs.records import Blob, Plan, Receipt
from pipeline.poster.brief import PosterBrief
from pipeline.poster.manifest import Entry, File, as_csv, as_json


@dataclass(frozen=True)
class Handed:
    """One delivered file of a frame."""

    deliverable: str
    frame: int
    name: str
    """Its key in the output."""
    blob: Blob


def manifest(plan: Plan, handed: Iterable[Handed], receipts: Iterable[Receipt]) -> Iterator[tuple[str, bytes]]:
    """Its files: name and bytes."""
    bad: dict[int, str] = {}
    remarks: dict[int, tuple[str, ...]] = {}
    for receipt in receipts:
        bad |= receipt.bad
        remarks |= receipt.remarks
    brief = PosterBrief.model_validate(plan.inputs)
    files: dict[int, list[File]] = defaultdict(list)
    for each in handed:
        files[each.frame].append(File(each.deliverable, each.name, each.blob.size, each.blob.sha256))
    entries = [
        Entry(variant, files[frame], bad.get(frame, ""), remarks.get(frame, ()))
        for frame, variant in enumerate(brief.variants)
    ]
    yield MANIFEST_CSV, as_csv(brief, entries)
    yield MANIFEST_JSON, as_json(brief, entries)
