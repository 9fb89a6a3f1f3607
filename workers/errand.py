"""What a painter may ask of its worker during one chunk: networks, files, a pulse, frames of earlier jobs, a state."""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from jobs import marks
from jobs.cache import FrameCache
from jobs.records import Blob, Plan
from jobs.truth import Truth
from pipeline import provenance
from pipeline.errors import InputError, IntegrityError, MediaError, ModelError
from pipeline.film.deliverables import EVERY
from pipeline.images import decode_image
from pipeline.painter import Work
from pipeline.provenance.label import stamp
from pipeline.stream import Stopwatch
from workers.lease import Lease
from workers.residents import Residents
from workers.sinks import uploaded

log = logging.getLogger(__name__)


class Errand:
    """One attempt at one chunk, seen from its painter."""

    def __init__(
        self,
        plan: Plan,
        chunk: int,
        generation: int,
        lease: Lease,
        truth: Truth,
        residents: Residents,
        watch: Stopwatch,
        cache: FrameCache | None = None,
    ) -> None:
        """`cache`: where frames that were painted before are found, if they are to be."""
        self._plan, self._chunk, self._generation = plan, chunk, generation
        self._lease, self._truth, self._residents, self._watch = lease, truth, residents, watch
        self.folder = truth.attempt(plan.job, chunk, lease.token)
        """Where this attempt's files go."""
        self.frames = 0
        """Frames painted so far."""
        self.products: dict[str, Blob] = {}
        """The painter's own files that were given so far."""
        self.notes: list[str] = []
        """What the painter wants people to know of the result."""
        self.failed: dict[int, str] = {}
        """Frames that the painter could not make, and why."""
        self.remarks: dict[int, tuple[str, ...]] = {}
        """What the painter wants people to know of single frames."""
        self.recalled = 0
        """Frames that were found in the cache instead of being painted."""
        # The cache knows frames, and nothing of their clips.
        self._cache = None if plan.clips else cache
        self._clips: dict[str, dict[int, Blob]] = defaultdict(dict)
        self._keys: dict[int, str] = {}
        self._facts: dict[int, Mapping[str, str]] = {}

    def work(self, start: int, stop: int, *, lead_in: int) -> Work:
        """Frames `[start, stop)` of the chunk as their painter gets them, led in to by so many."""
        return Work(
            start=start,
            stop=stop,
            lead_in=lead_in,
            watch=self._watch,
            model=self._model,
            file=self._file,
            pulse=self._pulse,
            load_state=self._load_state,
            save_state=self._save_state,
            model_digests=tuple(f"{model.entry} {model.sha256}" for model in self._plan.models),
            file_digests=tuple(file.sha256 for file in self._plan.files),
            recall=None if self._cache is None else self._recall,
            remember=self._remember,
            describe=self._facts.__setitem__,
            clip=self._clip,
            stamp=self._stamp,
            deliver=self._deliver,
            fail=self._fail,
            remark=self._remark,
            note=self.notes.append,
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """What each of the chunk's frames was painted from, empty for those that were not; none if none was."""
        start, stop = self._plan.chunks[self._chunk]
        return tuple(self._keys.get(frame, "") for frame in range(start, stop)) if self._keys else ()

    def clips(self, bad: Mapping[int, str]) -> dict[str, tuple[Blob, ...]]:
        """The chunk's clips by deliverable, one a frame. In place of a bad frame's stands its neighbour's, as among the
        pictures. Raises: IntegrityError if the painter gave too few."""
        return {name: tuple(self._row(self._clips[name], bad, name)) for name in self._plan.clips}

    def _row(self, given: Mapping[int, Blob], bad: Mapping[int, str], name: str) -> Iterator[Blob]:
        frames = range(*self._plan.chunks[self._chunk])
        if missing := [frame for frame in frames if frame not in given and frame not in bad]:
            number = self._plan.number(missing[0])
            raise IntegrityError(f"{self._plan.job}: its painter gave no {name} of {self._plan.numbered} {number}")
        for frame in frames if given else ():
            yield given[max((other for other in given if other <= frame), default=min(given))]

    def facts_of(self, frame: int) -> Mapping[str, str] | None:
        """What the frame's pictures are to say of themselves, if its painter told; it is told once."""
        return self._facts.pop(frame, None)

    @cached_property
    def _is_redone(self) -> bool:
        """Whether somebody ordered this chunk to be rendered again: then found frames would not do."""
        if self._generation == 1:
            return False
        later = [one for one in self._truth.generations(self._plan.job) if one.number > 1]
        return any(one.chunks is None or self._chunk in one.chunks for one in later)

    def _recall(self, key: str) -> np.ndarray | None:
        if self._cache is None or self._is_redone:
            return None
        data = self._cache.get(_labelled(key, self._plan), job=self._plan.job)
        if data is None and self._plan.is_labelled_throughout:
            # One without a label gets it as a painted frame does.
            data = self._cache.get(key, job=self._plan.job)
        try:
            return None if data is None else decode_image(data, deep=self._plan.deep, where=f"frame {key}")
        except MediaError as error:
            log.warning("%s: %s; it is painted again", self._plan.job, error)
            return None

    def _remember(self, frame: int, key: str, is_found: bool) -> None:
        if self._plan.is_labelled_throughout or not self._plan.is_labelled(frame):
            self._keys[frame] = _labelled(key, self._plan)
        self.recalled += is_found

    def _model(self, index: int, precision: Any = None) -> Any:
        return self._residents.get(self._plan.models[index], precision)

    def _file(self, index: int) -> bytes:
        file = self._plan.files[index]
        data = self._truth.store.get(file.key)
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise IntegrityError(f"{file.name}: its copy in the store, {file.key}, is damaged; submit the job again")
        return data

    def _pulse(self, note: str) -> None:
        self._lease.check(self.frames, note)

    def _load_state(self, part: str = "main") -> bytes | None:
        return self._truth.state(self._plan.job, self._chunk, self._generation, part)

    def _save_state(self, state: bytes, part: str = "main") -> None:
        self._truth.put_state(self._plan.job, self._chunk, self._generation, state, part)

    def _stamp(self, pixels: np.ndarray, second: Fraction) -> np.ndarray:
        label = self._plan.label
        return stamp(pixels, label) if label is not None and label.is_shown(second) else pixels

    def _clip(self, frame: int, name: str, path: Path) -> None:
        if name not in self._plan.clips:
            raise ModelError(f"{self._plan.job}: its plan knows no clip {name!r}")
        told = self._facts.get(frame, marks.facts_of(self._plan))
        if told and self._plan.marks is not None and EVERY[name].carries_marks:
            provenance.embed_file(path, told, self._plan.marks)
        key = f"{self.folder}/{name}-{frame:08d}{EVERY[name].suffix}"
        self._clips[name][frame] = uploaded(self._truth.store, path, key, self._watch)
        path.unlink()
        self._lease.check(self.frames)

    def _fail(self, frame: int, why: str) -> None:
        if self._plan.on_error == "fail":
            raise InputError(why)
        self.failed[frame] = why

    def _remark(self, frame: int, text: str) -> None:
        self.remarks[frame] = (*self.remarks.get(frame, ()), text)

    def _deliver(self, name: str, data: bytes) -> None:
        if name not in self._plan.products:
            raise ModelError(f"{self._plan.job}: its plan knows no product {name!r}")
        key = f"{self.folder}/product-{name}"
        self._truth.store.put(key, data)
        self.products[name] = Blob(key=key, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def _labelled(key: str, plan: Plan) -> str:
    """The key of a frame as it is stored. Of films that show their label at the beginning, only the other frames have
    one: a painter asks for keys, and does not say for which frame."""
    if plan.label is None or not plan.is_labelled_throughout:
        return key
    family, _, digest = key.partition("/")
    return f"{family}/{hashlib.sha256(f'{digest} {plan.label.model_dump_json()}'.encode()).hexdigest()}"
