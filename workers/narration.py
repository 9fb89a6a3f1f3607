"""A job's lines, fetched and verified, as one narration with its captions: what the stitcher makes of speech."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from jobs.naming import CAPTIONS
from jobs.records import Blob, Plan, Receipt
from pipeline.errors import MediaError
from pipeline.speech import captions, timings
from pipeline.speech.brief import SpeechBrief
from pipeline.speech.narration import Narration, Told
from pipeline.speech.timings import Timings

NARRATION = "narration"
"""What its sounds are called among deliverables."""


class Joined:
    """The lines that were said, joined."""

    def __init__(
        self, plan: Plan, brief: SpeechBrief, lines: list[tuple[int, Timings, Path]], pulse: Callable[[], None]
    ) -> None:
        self._plan, self._lines = plan, lines
        rows = [Told(path, told.duration_s, brief.lines[frame].pause_s) for frame, told, path in lines]
        self._narration = Narration(rows, pulse)
        self._narration.level(brief.loudness)
        self.notes = (f"measured: {self._narration.measured()}",)
        """What people should know of it."""

    @property
    def lines(self) -> int:
        """How many."""
        return len(self._lines)

    def write(self, name: str, target: Path) -> None:
        """The sound, in a format of SOUNDS."""
        self._narration.write(name, target)

    def captions(self) -> Iterator[tuple[str, bytes]]:
        """Their files: suffix and bytes."""
        begins = self._narration.begins_s
        said = list(captions.spoken([(at, told.pieces) for at, (_, told, _) in zip(begins, self._lines, strict=True)]))
        note = f"Spoken by {self._plan.style}, and by no person." if self._plan.marks is not None else ""
        yield CAPTIONS[0], captions.as_srt(said)
        yield CAPTIONS[1], captions.as_vtt(said, note=note)


def narration_of(
    plan: Plan,
    receipts: Iterable[Receipt],
    fetch: Callable[[Blob, int], bytes],
    folder: Path,
    pulse: Callable[[], None],
) -> Joined:
    """The narration of a job. `fetch` gives a chunk's stored object, verified. `folder`: for the lines' sounds.

    Raises: MediaError if no line could be said; what `fetch` raises.
    """
    lines, why = [], ""
    for receipt in receipts:
        why = why or next(iter(receipt.bad.values()), "")
        for frame, told in heard(receipt, fetch):
            path = folder / f"line-{frame}.flac"
            path.write_bytes(fetch(receipt.extra["flac"][frame - receipt.start], receipt.chunk))
            lines.append((frame, told, path))
    if not lines:
        raise MediaError(f"no line could be said, so there is no narration: {why}")
    return Joined(plan, SpeechBrief.model_validate(plan.inputs), lines, pulse)


def heard(receipt: Receipt, fetch: Callable[[Blob, int], bytes]) -> Iterator[tuple[int, Timings]]:
    """The lines of a chunk that were said: frame, and when what of it is heard."""
    for place, blob in enumerate(receipt.extra.get("timings", ())):
        frame = receipt.start + place
        if frame not in receipt.bad:
            yield frame, timings.read(fetch(blob, receipt.chunk), blob.key)
