"""What a job is made of, as it is written to storage: plan, receipt, result, and the terminal markers.

Pure data. Where each of them lies is in truth.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pipeline.board.brief import BoardBrief
from pipeline.provenance import Marks, Origin
from pipeline.provenance.label import ALWAYS, Label

OnError = Literal["fail", "skip", "hold-last-frame"]
"""What becomes of a frame that cannot be painted: the job fails; or the frame before it is shown longer, and where
frames are delivered as pictures, this one is missing (`skip`) or repeats the one before (`hold-last-frame`)."""


_ROWS_SAID = 6
"""Of a job's numbers, beyond which a message says the first and the last."""


class Record(BaseModel):
    """A frozen piece of JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRef(Record):
    """A file of the user's that workers read, pinned by digest: a painting, a mask."""

    name: str
    """As its user calls it."""
    key: str
    """Key in the job store, `files/<sha256>.jpg`; before submission, its path or address."""
    sha256: str


class ModelRef(Record):
    """The network that paints a job, pinned by digest."""

    name: str
    entry: str
    """`module:attr` of the loader."""
    weights: str
    """Key in the job store, `models/<sha256>.safetensors`; before submission, where the file lies on the submitter.
    Empty where there are `parts`."""
    sha256: str
    """Of the file; of a model in parts, of their names and digests."""
    parts: tuple[FileRef, ...] = ()
    """The files of a model that is a folder of them, by their places in it. Their keys are `models/…`, too."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Of everything that it is made of."""
        return tuple(part.key for part in self.parts) or (self.weights,)


class Hook(Record):
    """An address that is told how the job ended."""

    url: str
    on: tuple[str, ...]
    """The events that it is told of: states that a job ends in."""


class Plan(Record):
    """Everything a worker must know, fixed at submission. Deterministic: the same spec gives the same plan."""

    job: str
    kind: str
    priority: int
    queue: str
    fingerprint: str
    """Of what is read besides the spec, so that a changed source or model is another job."""
    frames: int
    """Frames in the job, numbered 0 … frames-1 inside; people see `first + n`."""
    first: int
    numbers: tuple[tuple[int, int], ...] = ()
    """Where people's numbers have gaps, as seeds have: (frame, its number) wherever a row of numbers begins, rising."""
    numbered: Literal["frame", "seed"] = "frame"
    """What people's numbers are of; pictures are called `bunny.0001.png` or `seed0001.png`."""
    chunks: tuple[tuple[int, int], ...]
    """Half-open `[start, stop)` of each chunk."""
    lead_in: int = 0
    """Frames painted and thrown away before a chunk, for painters with a memory."""
    models: tuple[ModelRef, ...] = ()
    files: tuple[FileRef, ...] = ()
    style: str = ""
    """What people call the look of it: `great-wave, the-scream`."""
    on_error: OnError = "fail"
    deliver: tuple[str, ...]
    output: str
    stem: str
    """What deliverables are called: `stem-h264.mp4`, `stem.0001.png`."""
    clips: tuple[str, ...] = ()
    """Files of each frame that the painter makes besides its picture: what a poster's variant does, what a line sounds
    like. Those that are in `deliver` are delivered as pictures are."""
    narration: tuple[str, ...] = ()
    """Sounds in which all frames' lines are joined by the stitcher, with captions beside them."""
    names: tuple[str, ...] = ()
    """What each frame's delivered file is called, without its ending, where the source has names of its own."""
    rate: str | None = None
    """Frames a second as a fraction, `24000/1001`; None where frames are single pictures."""
    deep: bool = False
    """Whether frames are kept in 16 bits a channel."""
    pictures: tuple[int, ...] | None = None
    """The frames that are delivered as pictures, where not all of them are."""
    film_begins: int = 0
    """The first frame of those that movies show; the ones before it are the ones delivered as pictures. No chunk has
    frames of both."""
    loops: bool = False
    """Whether the frames that movies show lead back to the first of them without a jump, as its painter makes them."""
    products: tuple[str, ...] = ()
    """Files that the painter delivers besides frames, by name: a style's weights."""
    manifest: bool = False
    """Whether a manifest tells what every frame became."""
    board: BoardBrief | None = None
    """What the stitcher puts on a board of the frames, as PDF and PNG; None where none was asked for."""
    origin: Origin | None = None
    """Whether a model makes the frames of nothing that is seen in them, or changes a picture or film of the user's;
    None if no model does either."""
    marks: Marks | None = None
    """What all files of the job say of themselves; None if they say nothing."""
    label: Label | None = None
    """What pictures and films show of it; None if they show nothing."""
    inputs: dict[str, Any]
    """What the kind's painter reads: for a film, its FilmBrief."""
    notes: tuple[str, ...] = ()
    """What the submitter was told: a variable rate, a padded size …"""
    notify: Hook | None = None
    """Who is told when the job has ended, as its file says."""
    canary: bool = False
    """Whether it is rendered only to see what it takes: its chunks are some frames of another job's plan. Nothing of it
    is found in the frame cache or put there, nothing is delivered, and nobody is told of its end."""

    @property
    def shared(self) -> set[str]:
        """Keys of what the job needs besides its own folder: models and files."""
        return {key for model in self.models for key in model.keys} | {file.key for file in self.files}

    @property
    def kept(self) -> str:
        """The picture format that every frame is kept in: a lossless deliverable's name."""
        return "png16" if self.deep else "png"

    @property
    def rate_fraction(self) -> Fraction | None:
        """Frames a second."""
        return Fraction(self.rate) if self.rate else None

    def number(self, frame: int) -> int:
        """The number that people know a frame by."""
        if not self.numbers:
            return self.first + frame
        begins, first = self.numbers[bisect_right(self.numbers, frame, key=itemgetter(0)) - 1]
        return first + frame - begins

    def frame_of(self, number: int) -> int | None:
        """The frame that people know by that number, if there is one."""
        if not self.numbers:
            frame = number - self.first
            return frame if 0 <= frame < self.frames else None
        row = bisect_right(self.numbers, number, key=itemgetter(1)) - 1
        if row < 0:
            return None
        begins, first = self.numbers[row]
        ends = self.numbers[row + 1][0] if row + 1 < len(self.numbers) else self.frames
        frame = begins + number - first
        return frame if frame < ends else None

    def span(self, start: int = 0, stop: int | None = None) -> str:
        """The numbers of frames `[start, stop)` as people write them: `1-48`; of many rows, the first and the last."""
        stop = self.frames if stop is None else stop
        begins = [start, *(frame for frame, _ in self._begins(start, stop)), stop]
        rows = [_row(self.number(a), self.number(b - 1)) for a, b in pairwise(begins)]
        return ",".join(rows if len(rows) <= _ROWS_SAID else [*rows[: _ROWS_SAID - 1], "…", rows[-1]])

    def noun(self, frame: int) -> str:
        """What a frame's number is of."""
        return self.numbered if frame in self.pictured or not self.film_begins else "frame"

    @property
    def extent(self) -> str:
        """All numbers as people write them: `seeds 0-63`, `seeds 0-63 and frames 64-255 of film`."""
        if not self.film_begins:
            return f"{self.numbered}s {self.span()}"
        film = f"frames {self.span(self.film_begins)} of film"
        return f"{self.numbered}s {self.span(0, self.film_begins)} and {film}"

    def _begins(self, start: int, stop: int) -> Sequence[tuple[int, int]]:
        """The rows of numbers that begin within `(start, stop)`."""
        after, before = (bisect_right(self.numbers, edge, key=itemgetter(0)) for edge in (start, stop - 1))
        return self.numbers[after:before]

    def chunk_of(self, frame: int) -> int:
        """The chunk that holds a frame."""
        return bisect_right(self.chunks, (frame, self.frames + 1)) - 1

    @property
    def pictured(self) -> Sequence[int]:
        """The frames that picture deliverables deliver."""
        if self.pictures is not None:
            return self.pictures
        return range(self.film_begins or self.frames)

    def has_pictures(self, start: int, stop: int) -> bool:
        """Whether any of the frames `[start, stop)` is delivered as a picture."""
        return any(frame in self.pictured for frame in range(start, stop))

    @property
    def filmed(self) -> range:
        """The frames that movies show."""
        return range(self.film_begins, self.frames)

    @property
    def is_labelled_throughout(self) -> bool:
        """Whether every frame shows the label."""
        return self.label is not None and (self.rate is None or self.label.seconds == ALWAYS)

    def is_labelled(self, frame: int) -> bool:
        """Whether a frame shows the label: all pictures, and of a film the beginning, unless more was asked for."""
        if self.label is None or self.is_labelled_throughout:
            return self.label is not None
        if self.clips or frame < self.film_begins or (self.pictures is not None and frame in self.pictures):
            return True
        return self.label.is_shown(Fraction(frame - self.film_begins) / Fraction(self.rate or 1))

    def frame_name(self, frame: int) -> str:
        """A delivered picture's name, without its extension."""
        if frame < len(self.names):
            return self.names[frame]
        if self.numbered == "seed":
            return f"seed{self.number(frame):04d}"
        digits = max(4, len(str(self.first + self.frames - 1)))
        return f"{self.stem}.{self.number(frame):0{digits}d}"


def _row(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


class Generation(Record):
    """One rendering of a job: the first renders every chunk, a redo only some."""

    number: int
    chunks: tuple[int, ...] | None
    """Chunks to render; None is all of them."""
    reason: str


class Blob(Record):
    """One stored object."""

    key: str
    size: int
    sha256: str


class Signed(Record):
    """A deliverable with its C2PA signature, which the first who signed it made. Create-only."""

    job: str
    generation: int
    name: str
    """As it is delivered: `png/bunny.0001.png`."""
    of: str
    """SHA-256 of the file before it was signed."""
    blob: Blob


class Receipt(Record):
    """Proof that one chunk is whole. Written last, create-only: the first one wins."""

    job: str
    chunk: int
    generation: int
    start: int
    stop: int
    token: int
    """Fencing token of the winning attempt; its files lie under a folder of that name."""
    worker: str
    device: str
    precision: str = ""
    """What its networks computed in: `float32`, `bfloat16`, `float16`."""
    models: tuple[str, ...] = ()
    """SHA-256 of each network that the plan names."""
    frames: tuple[Blob, ...]
    """One picture a frame, in order."""
    extra: dict[str, tuple[Blob, ...]] = {}
    """Further picture sequences, by deliverable."""
    segments: dict[str, Blob] = {}
    """One closed-GOP segment a video deliverable."""
    products: dict[str, Blob] = {}
    """The painter's own files, by name."""
    notes: tuple[str, ...] = ()
    """What the painter wants people to know of the result."""
    remarks: dict[int, tuple[str, ...]] = {}
    """What the painter wants people to know of single frames, for the manifest."""
    timings: dict[str, float] = {}
    """Seconds by stage; stages overlap, so they add up to more than `wall_s`."""
    batch: int = 1
    bad: dict[int, str] = {}
    """Frames of the job that could not be painted, and why. Their pictures repeat their neighbours'."""
    keys: tuple[str, ...] = ()
    """What each frame was painted from, as a digest of source frame, networks and settings: where the frame cache finds
    it. Empty where the painter gives none."""
    recalled: int = 0
    """Frames that were not painted but found in the frame cache."""
    edges: tuple[str, ...] = ()
    """Small copies of the chunk's first and last frames, by which the certificate judges its seams."""
    software: dict[str, str] = {}
    """Versions of what the worker worked with."""
    memory: int = 0
    """Most bytes that the worker's process has held so far; of a canary, since it began with it."""
    device_memory: int = 0
    """The same of its GPU's memory."""
    finished_at: str = ""
    history: tuple[str, ...] = ()
    """What happened to earlier attempts at this chunk."""

    def blobs(self) -> list[Blob]:
        """Every stored object that the receipt vouches for."""
        pictures = (blob for row in self.extra.values() for blob in row)
        return [*self.frames, *self.segments.values(), *pictures, *self.products.values()]


class Rehearsed(Record):
    """What making one deliverable of a canary's frames took."""

    name: str
    frames: int
    seconds: float
    """For those frames, on top of what any number of them takes."""
    fixed_s: float = 0.0
    size: int
    """Bytes that were delivered of those frames."""


class Rehearsal(Record):
    """What a canary has instead of a result: how long its frames take to be stitched."""

    rows: tuple[Rehearsed, ...]
    chunk_s: float
    """Seconds to look at one chunk's receipt and files."""


class Quarantine(Record):
    """What is known of a chunk that failed too often, while its bad frames are looked for. Frames count from 0."""

    begins: int
    """The chunk's first frame."""
    leads_in: bool
    """Whether frames before the chunk lead in to it; not if they are what it fails of."""
    cleared: int
    """Frames before this one are known to be good, but for the bad ones."""
    ends: int | None
    """A bad frame is in `[cleared, ends)`; None: it is not known that there is another."""
    trying: tuple[int, int] | None = None
    """The range that is being tried. Who finds it here knows that it was not survived."""
    alone: int = 0
    """Times that the frame `cleared` has failed alone."""
    failures: int = 0
    bad: dict[int, str] = {}
    """Frames that cannot be painted, and what becomes of who tries."""

    def next_span(self, stop: int) -> tuple[int, int]:
        """The range to try next; `stop` ends the chunk."""
        if self.ends is None:
            return self.cleared, stop
        return self.cleared, max(self.cleared + 1, (self.cleared + self.ends) // 2)

    def survived(self) -> Quarantine:
        """After the range that is being tried went well."""
        assert self.trying is not None
        cleared = self.trying[1]
        return self.model_copy(
            update={"cleared": cleared, "ends": None if cleared == self.ends else self.ends, "trying": None, "alone": 0}
        )

    def failed(self, why: str, *, confirmed: int) -> Quarantine:
        """After the range that is being tried did not go well; a frame that fails alone `confirmed` times is bad."""
        assert self.trying is not None
        start, end = self.trying
        after: dict[str, object] = {"trying": None, "failures": self.failures + 1, "ends": end if start < end else None}
        if end - start == 1:
            after["alone"] = self.alone + 1
            if self.alone + 1 >= confirmed and start == self.begins and self.leads_in:
                # It may be the frames that lead in to it.
                after |= {"leads_in": False, "ends": None, "alone": 0}
            elif self.alone + 1 >= confirmed:
                after |= {"bad": {**self.bad, start: why}, "cleared": end, "ends": None, "alone": 0}
        return self.model_copy(update=after)


class Deliverable(Record):
    """One finished thing in the output folder."""

    name: str
    url: str
    files: int
    size: int
    sha256: str
    """Of the file; of a sequence, over its files' digests in order."""
    notes: tuple[str, ...] = ()


class Result(Record):
    """What makes a job visible. Published last."""

    job: str
    generation: int
    frames: int
    frames_sha256: str
    """sha256 over the frames' own sha256 in order: one number for all the pictures."""
    deliverables: tuple[Deliverable, ...]
    models: tuple[ModelRef, ...]
    submitted_at: str
    finished_at: str
    compute_s: float
    """Seconds that workers spent on the chunks that count."""
    bad: dict[int, str] = {}
    """Frames that could not be painted, as people number them, and why."""
    certificate: str = ""
    """SHA-256 of the output's `certificate.json`."""
    notes: tuple[str, ...] = ()


class Ending(Record):
    """Why a job stopped short: failed or cancelled."""

    state: str
    reason: str
    at: str


class CopyAnswer(Record):
    """Texts that a language model wrote for one audience in one language. The first that is kept counts for ever."""

    model: str
    audience: str
    locale: str
    texts: dict[str, str]
    """By name; checked and cleaned."""
    tries: int
    """Times that it was asked until nothing was wrong with them."""
    asked_at: str


class Notice(Record):
    """What one address is to be told of a job, once and for all; it may take several tries."""

    job: str
    name: str
    """`0001-done-3fa2b1c4d5`: generation, event, and which of a job's addresses it goes to."""
    event: str
    url: str
    body: str
    """JSON, as it is sent each time."""
    made_at: str

    @property
    def delivery(self) -> str:
        """By what a receiver knows it again, should it come twice."""
        return f"{self.job}.{self.name}"


class NoticeTry(Record):
    """One try to deliver a notice has begun. Create-only: of several who want to, one tries."""

    at: str
    by: str


class NoticeAnswer(Record):
    """What came of a try."""

    at: str
    status: int | None = None
    """The server's answer; None if there was none."""
    error: str = ""
    """Why it failed; empty if it did not."""
    is_final: bool = False
    """Whether nothing will be tried again: it was delivered, or given up."""
    seconds: float = 0.0
