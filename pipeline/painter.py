"""What paints a job's frames is given and gives: the contract between workers and every painter. Torch-free.

A painter is made once for each job and process, as `Painter(inputs, easel, deep=…)`, with the plan's `inputs`. Then
`paint(work)` is called for each chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Easel:
    """What a process has to paint with, the same for every job."""

    device: torch.device
    precision: torch.dtype
    """What networks compute in here where a frame's last bit does not matter."""
    batch: int
    """Frames a batch, to begin with."""
    lanes: int
    """Batches to paint side by side. A CPU's threads are spread over lanes, one each; in operations there is one."""
    options: StoreOptions
    """How sources are reached."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One chunk to paint, and what its painter may ask of the worker meanwhile."""

    start: int
    stop: int
    """Frames `[start, stop)` of the job."""
    watch: Stopwatch
    lead_in: int = 0
    """Frames before `start` that a painter with a memory may paint and throw away."""
    model: Callable[..., Any] = lambda index, precision=None: None
    """`model(index)` is the network of the plan's `models[index]`, in float32; `model(index, precision)` in another.
    Raises: ModelError, IntegrityError, TransientError."""
    file: Callable[[int], bytes] = lambda index: b""
    """`file(index)` is the content of the plan's `files[index]`, verified."""
    pulse: Callable[[str], None] = lambda note: None
    """To be called every second or so by a painter whose frames take longer than that; `note` tells people how it
    stands. Raises: Interrupted if the work must stop."""
    load_state: Callable[..., bytes | None] = lambda part="main": None
    """`load_state(part="main")` is what an earlier attempt at this chunk saved last, wherever it ran."""
    save_state: Callable[..., None] = lambda state, part="main": None
    """`save_state(state, part="main")` keeps what a later attempt needs to go on from here, in the place of what was
    saved before. What does not change any more, as finished frames, is saved once, as a part of its own."""
    model_digests: tuple[str, ...] = ()
    """What each of the plan's models is, so that two of one digest paint alike."""
    file_digests: tuple[str, ...] = ()
    """SHA-256 of each of the plan's files."""
    recall: Callable[[str], np.ndarray | None] | None = None
    """`recall(key)` is the frame that some job painted from the same before, as it came out of `paint`, or None. A key
    is `<family>/<digest>`, both in hexadecimal digits. From any thread; takes as long as reading a picture from the
    store. Where there is no such function, no keys are wanted. Raises: TransientError."""
    remember: Callable[[int, str, bool], None] = lambda frame, key, is_found: None
    """To be called with each frame's number and key; `is_found`: whether `recall` gave the frame."""
    describe: Callable[[int, Mapping[str, str]], None] = lambda frame, facts: None
    """`describe(frame, facts)`, before the frame is given, is what its picture files say of themselves besides that a
    model made them: see pipeline/provenance. Frames that are not described say what all of the job's files say; those
    of which there are no facts say nothing, for no model had a hand in them."""
    clip: Callable[[int, str, Path], None] = lambda frame, name, path: None
    """`clip(frame, name, path)`, after the frame was described and before it is given, is its file of that name, one of
    the plan's `clips`; each frame has all of them. It is stored at once, and removed from where it was.
    Raises: TransientError, Interrupted."""
    stamp: Callable[[np.ndarray, Fraction], np.ndarray] = lambda pixels, second: pixels
    """`stamp(pixels, second)` is a frame of a clip, shown at that time, with the label that the job wants on it, if it
    wants one then. Covers, and all other frames, get theirs when they were given."""
    deliver: Callable[[str, bytes], None] = lambda name, data: None
    """Give a file of the plan's `products`, by its name."""
    fail: Callable[[int, str], None] = lambda frame, why: None
    """`fail(frame, why)`, before a picture is given in its place: the frame cannot be made, and the others can. Only of
    jobs that go on without such frames."""
    remark: Callable[[int, str], None] = lambda frame, text: None
    """`remark(frame, text)` tells whoever reads the job's manifest something of one frame: a sentence."""
    note: Callable[[str], None] = lambda text: None
    """Tell whoever reads the result something that no frame shows: a sentence."""


class Painter(Protocol):
    """Paints the frames of one job."""

    batch: int
    """After so many frames the worker looks whether to stop; changes when memory runs out."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's frames in order: (H, W, 3) uint8, or uint16 in deep jobs, sRGB.

        (H, W, 4) uint8, the fourth straight alpha, where all that is delivered keeps it (`Deliverable.keeps_alpha`).

        Raises: InputError if what it reads cannot be used; TransientError if it cannot be reached; Interrupted.
        """
        ...
