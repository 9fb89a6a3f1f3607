"""A job's manifest: what was delivered of each poster or picture, and what became of those that could not be made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

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
    bad: dict[int, str] = {}
    remarks: dict[int, tuple[str, ...]] = {}
    lasted: dict[int, Lasted] = {}
    for receipt in receipts:
        bad |= receipt.bad
        remarks |= receipt.remarks
        lasted |= {frame: (told.duration_s, told.loudness) for frame, told in heard(receipt, fetch)}
    files: dict[int, list[File]] = defaultdict(list)
    for each in handed:
        files[each.frame].append(File(each.deliverable, each.name, each.blob.size, each.blob.sha256))
    if plan.kind == "speech":
        yield from _lines(plan, files, bad, remarks, lasted)
    else:
        yield from _KINDS[plan.kind](plan, files, bad, remarks)


Lasted = tuple[float, float | None]
"""How many seconds a line lasts, and how many LUFS it has."""

Files = Mapping[int, list[File]]
"""Frame → what was delivered of it."""


def _posters(
    plan: Plan, files: Files, bad: Mapping[int, str], remarks: Mapping[int, tuple[str, ...]]
) -> Iterator[tuple[str, bytes]]:
    brief = PosterBrief.model_validate(plan.inputs)
    entries = [
        posters.Entry(variant, files[frame], bad.get(frame, ""), remarks.get(frame, ()))
        for frame, variant in enumerate(brief.variants)
    ]
    yield MANIFEST_CSV, posters.as_csv(brief, entries)
    yield MANIFEST_JSON, posters.as_json(brief, entries)


def _pictures(
    plan: Plan, files: Files, bad: Mapping[int, str], remarks: Mapping[int, tuple[str, ...]]
) -> Iterator[tuple[str, bytes]]:
    brief = DiffusionBrief.model_validate(plan.inputs)
    entries = [
        pictures.Entry(frame, plan.frame_name(frame), files[frame], bad.get(frame, ""), remarks.get(frame, ()))
        for frame in range(plan.frames)
    ]
    yield MANIFEST_CSV, pictures.as_csv(brief, entries)
    yield MANIFEST_JSON, pictures.as_json(brief, entries)


def _lines(
    plan: Plan,
    files: Files,
    bad: Mapping[int, str],
    remarks: Mapping[int, tuple[str, ...]],
    lasted: Mapping[int, Lasted],
) -> Iterator[tuple[str, bytes]]:
    brief = SpeechBrief.model_validate(plan.inputs)
    frames = sorted(lasted)
    begins = begins_s((lasted[frame][0], brief.lines[frame].pause_s) for frame in frames) if plan.narration else []
    starts = dict(zip(frames, begins, strict=False))
    entries = [
        lines.Entry(
            frame,
            files[frame],
            lines.Heard(*lasted[frame], starts.get(frame)) if frame in lasted else None,
            bad.get(frame, ""),
            remarks.get(frame, ()),
        )
        for frame in range(plan.frames)
    ]
    yield MANIFEST_CSV, lines.as_csv(brief, entries)
    yield MANIFEST_JSON, lines.as_json(brief, entries)


_KINDS: dict[str, Callable[..., Iterator[tuple[str, bytes]]]] = {"posters": _posters, "diffusion": _pictures}
