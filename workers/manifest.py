"""A job's manifest: what was delivered of each poster or picture, and what became of those that could not be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from jobs.naming import MANIFEST_CSV, MANIFEST_JSON
from jobs.records import Blob, Plan, Receipt
from pipeline.diffusion import manifest as pictures
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.manifest import File
from pipeline.poster import manifest as posters
from pipeline.poster.brief import PosterBrief
from pipeline.speech import manifest as lines
from pipeline.speech.brief import SpeechBrief
from pipeline.speech.narration import begins_s
from workers.narration import heard


@dataclass(frozen=True)
class Handed:
    """One delivered file of a frame."""

    deliverable: str
    frame: int
    name: str
    """Its key in the output."""
    blob: Blob


def manifest(
    plan: Plan, handed: Iterable[Handed], receipts: Iterable[Receipt], fetch: Callable[[Blob, int], bytes]
) -> Iterator[tuple[str, bytes]]:
    """Its files: name and bytes. `fetch` gives a chunk's stored object, verified."""
    made = _Made()
    for receipt in receipts:
        made.bad.update(receipt.bad)
        made.remarks.update(receipt.remarks)
        made.lasted.update((frame, (told.duration_s, told.loudness)) for frame, told in heard(receipt, fetch))
    for each in handed:
        made.files[each.frame].append(File(each.deliverable, each.name, each.blob.size, each.blob.sha256))
    yield from _KINDS[plan.kind](plan, made)


@dataclass(frozen=True)
class _Made:
    """What came of a job's frames, each by frame."""

    files: defaultdict[int, list[File]] = field(default_factory=lambda: defaultdict(list))
    bad: dict[int, str] = field(default_factory=dict)
    remarks: dict[int, tuple[str, ...]] = field(default_factory=dict)
    lasted: dict[int, tuple[float, float | None]] = field(default_factory=dict)
    """Of lines that were said: how many seconds, and how many LUFS."""


def _posters(plan: Plan, made: _Made) -> Iterator[tuple[str, bytes]]:
    brief = PosterBrief.model_validate(plan.inputs)
    entries = [
        posters.Entry(variant, made.files[frame], made.bad.get(frame, ""), made.remarks.get(frame, ()))
        for frame, variant in enumerate(brief.variants)
    ]
    yield MANIFEST_CSV, posters.as_csv(brief, entries)
    yield MANIFEST_JSON, posters.as_json(brief, entries)


def _pictures(plan: Plan, made: _Made) -> Iterator[tuple[str, bytes]]:
    brief = DiffusionBrief.model_validate(plan.inputs)
    entries = [
        pictures.Entry(
            frame, plan.frame_name(frame), made.files[frame], made.bad.get(frame, ""), made.remarks.get(frame, ())
        )
        for frame in range(plan.frames)
    ]
    yield MANIFEST_CSV, pictures.as_csv(brief, entries)
    yield MANIFEST_JSON, pictures.as_json(brief, entries)


def _lines(plan: Plan, made: _Made) -> Iterator[tuple[str, bytes]]:
    brief = SpeechBrief.model_validate(plan.inputs)
    lasted = made.lasted
    frames = sorted(lasted)
    begins = begins_s((lasted[frame][0], brief.lines[frame].pause_s) for frame in frames) if plan.narration else []
    starts = dict(zip(frames, begins, strict=False))
    entries = [
        lines.Entry(
            frame,
            made.files[frame],
            lines.Heard(*lasted[frame], starts.get(frame)) if frame in lasted else None,
            made.bad.get(frame, ""),
            made.remarks.get(frame, ()),
        )
        for frame in range(plan.frames)
    ]
    yield MANIFEST_CSV, lines.as_csv(brief, entries)
    yield MANIFEST_JSON, lines.as_json(brief, entries)


_KINDS: dict[str, Callable[[Plan, _Made], Iterator[tuple[str, bytes]]]] = {
    "posters": _posters,
    "diffusion": _pictures,
    "speech": _lines,
}
