"""What a painter may ask of its worker during one chunk: networks, files, a pulse, a place to keep its state."""

from __future__ import annotations

import hashlib
from typing import Any

from jobs.records import Blob, Plan
from jobs.truth import Truth
from pipeline.errors import IntegrityError, ModelError
from pipeline.painter import Work
from pipeline.stream import Stopwatch
from workers.lease import Lease
from workers.residents import Residents


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
    ) -> None:
        self._plan, self._chunk, self._generation = plan, chunk, generation
        self._lease, self._truth, self._residents, self._watch = lease, truth, residents, watch
        self.folder = truth.attempt(plan.job, chunk, lease.token)
        """Where this attempt's files go."""
        self.frames = 0
        """Frames painted so far."""
        self.products: dict[str, Blob] = {}
        """The painter's own files that were given so far."""

    def work(self) -> Work:
        """The chunk as its painter gets it."""
        start, stop = self._plan.chunks[self._chunk]
        return Work(
            start=start,
            stop=stop,
            lead_in=self._plan.lead_in,
            watch=self._watch,
            model=self._model,
            file=self._file,
            pulse=self._pulse,
            load_state=self._load_state,
            save_state=self._save_state,
            deliver=self._deliver,
        )

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

    def _deliver(self, name: str, data: bytes) -> None:
        if name not in self._plan.products:
            raise ModelError(f"{self._plan.job}: its plan knows no product {name!r}")
        key = f"{self.folder}/product-{name}"
        self._truth.store.put(key, data)
        self.products[name] = Blob(key=key, size=len(data), sha256=hashlib.sha256(data).hexdigest())
