"""Rendering one chunk: paint, write frames and segments, and last of all the receipt.

What may go wrong and what follows from it is tasks.py's matter; here everything that is wrong is raised.
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

import numpy as np
import torch

from jobs.cache import FrameCache
from jobs.config import Settings
from jobs.kinds import kind, resolve
from jobs.records import Plan, Receipt
from jobs.truth import Truth, now
from pipeline.device import make_deterministic, pick, precision
from pipeline.errors import ConfigError, InputError, IntegrityError
from pipeline.painter import Easel, Painter
from pipeline.scratch import scratch_folder
from pipeline.stream import Stopwatch
from workers import counting, memory
from workers.errand import Errand
from workers.lease import Lease
from workers.residents import Residents
from workers.sinks import Sinks, Written
from workers.software import software

log = logging.getLogger(__name__)

_PAINTERS_KEPT = 8


class Renderer:
    """One process's device, models and painters. Made once, in the child."""

    def __init__(self, truth: Truth, config: Settings, worker: str) -> None:
        self.device = pick(None if config.device == "auto" else config.device)
        self._truth = truth
        self._config = config
        self._worker = worker
        lanes = 1
        if self.device.type == "cpu":
            # One thread a frame, and as many frames at once as there are threads: operations wait for nobody, and a
            # frame's pixels do not depend on how many threads there are.
            lanes = config.threads or len(os.sched_getaffinity(0))
            torch.set_num_threads(1)
        make_deterministic(self.device)
        self._easel = Easel(
            device=self.device,
            precision=precision(self.device, config.precision),
            batch=config.batch or (8 if self.device.type == "cuda" else 1),
            lanes=lanes,
            options=config.store_options(),
        )
        self._residents = Residents(truth.store, self.device, budget_bytes=config.residents_gb * 1e9)
        self._cache = FrameCache(truth) if config.cache == "on" else None
        self._painters: OrderedDict[str, Painter] = OrderedDict()

    def render(
        self,
        plan: Plan,
        chunk: int,
        generation: int,
        lease: Lease,
        history: tuple[str, ...],
        *,
        bad: Mapping[int, str] = MappingProxyType({}),
        leads_in: bool = True,
    ) -> Receipt:
        """Paint a chunk and write its receipt; the receipt that counts, ours or one that was faster.

        `bad` frames are not painted; their neighbours stand in for them. Without `leads_in`, no frame before the chunk
        is painted either.
        Raises: Interrupted if the lease says so; anything that painting or storing raises.
        """
        start, stop = plan.chunks[chunk]
        begun = self._warmed_up(plan, chunk, generation, lease) if plan.canary else {}
        watch = Stopwatch()
        lease.follow(watch)
        painter = self._painter(plan)
        errand = self._errand(plan, chunk, generation, lease, watch)
        with watch.time("wall_s"):
            written = self._write(errand, painter, plan, (start, stop), bad, lease, watch, leads_in=leads_in)
        receipt = Receipt(
            job=plan.job,
            chunk=chunk,
            generation=generation,
            start=start,
            stop=stop,
            token=lease.token,
            worker=self._worker,
            device=_device_name(self.device),
            precision=str(self._easel.precision).removeprefix("torch."),
            models=tuple(model.sha256 for model in plan.models),
            frames=written.frames,
            extra=written.extra | errand.clips({**bad, **errand.failed}),
            segments=written.segments,
            products=errand.products,
            notes=tuple(errand.notes),
            remarks=errand.remarks,
            timings=watch.seconds() | begun,
            batch=painter.batch,
            bad={**bad, **errand.failed},
            keys=errand.keys,
            recalled=errand.recalled,
            edges=written.edges,
            software=software(),
            memory=memory.held(),
            device_memory=memory.held_by_device(self.device),
            finished_at=now(),
            history=history,
        )
        if len(written.frames) != stop - start:
            raise IntegrityError(
                f"{plan.job} chunk {chunk}: {len(written.frames)} frames were painted, not {stop - start}"
            )
        is_ours = self._truth.put_receipt(receipt)
        counting.rendered(plan, receipt, is_ours=is_ours)
        if is_ours:
            if self._cache is not None and not plan.canary:
                self._cache.add(receipt)
            return receipt
        first = self._truth.receipt(plan.job, chunk, generation)
        log.info("%s chunk %d: another attempt was first", plan.job, chunk)
        return first or receipt

    def try_out(
        self,
        plan: Plan,
        chunk: int,
        generation: int,
        lease: Lease,
        span: tuple[int, int],
        *,
        bad: Mapping[int, str],
        leads_in: bool,
    ) -> None:
        """Do with these frames of a chunk all that rendering does, and keep nothing: does it go well?

        Raises: as `render`; or this process dies of it.
        """
        watch = Stopwatch()
        lease.follow(watch)
        errand = self._errand(plan, chunk, generation, lease, watch)
        leads_in = leads_in and span[0] == plan.chunks[chunk][0]
        self._write(errand, self._painter(plan), plan, span, bad, lease, watch, leads_in=leads_in)

    def _write(
        self,
        errand: Errand,
        painter: Painter,
        plan: Plan,
        span: tuple[int, int],
        bad: Mapping[int, str],
        lease: Lease,
        watch: Stopwatch,
        *,
        leads_in: bool,
    ) -> Written:
        lead_in = plan.lead_in if leads_in else 0
        with (
            scratch_folder("chunk") as scratch,
            Sinks(
                plan,
                self._truth.store,
                errand.folder,
                *span,
                rate=plan.rate_fraction,
                threads=self._config.writers,
                scratch=scratch,
                watch=watch,
            ) as sinks,
        ):
            progress = counting.Progress(plan.kind)
            lease.check(0)
            for count, pixels in enumerate(_painted(painter, errand, span, bad, lead_in), 1):
                sinks.put(pixels, errand.facts_of(span[0] + count - 1))
                errand.frames = count
                if count % painter.batch == 0:
                    progress.at(count, errand.recalled)
                    lease.check(count)
            progress.at(errand.frames, errand.recalled)
            lease.finishing()
            return sinks.finish()

    @property
    def models(self) -> str:
        """Names of the models in memory, the one used last first."""
        return ", ".join(self._residents.names)

    def device_memory(self) -> tuple[int, int]:
        """Bytes of the GPU's memory that are taken, by whomever, and that there are; zeros on a CPU."""
        if self.device.type != "cuda":
            return 0, 0
        free, total = torch.cuda.mem_get_info(self.device)
        return total - free, total

    def _warmed_up(self, plan: Plan, chunk: int, generation: int, lease: Lease) -> dict[str, float]:
        """Do once, before anything is measured, what a process does only once: load models, wake threads and kernels.

        The seconds that it took, as a timing; none if this process has painted the job before.
        """
        if plan.job in self._painters:
            return {}
        memory.forget(self.device)
        watch = Stopwatch()
        with watch.time("cold_s"):
            first = plan.chunks[chunk][0]
            self.try_out(plan, chunk, generation, lease, (first, first + 1), bad={}, leads_in=False)
        return watch.seconds()

    def _errand(self, plan: Plan, chunk: int, generation: int, lease: Lease, watch: Stopwatch) -> Errand:
        cache = None if plan.canary else self._cache
        return Errand(plan, chunk, generation, lease, self._truth, self._residents, watch, cache)

    def _painter(self, plan: Plan) -> Painter:
        painter = self._painters.get(plan.job)
        if painter is None:
            make: Callable[..., Painter] = resolve(kind(plan.kind).painter)
            painter = make(plan.inputs, self._easel, deep=plan.deep)
            self._painters[plan.job] = painter
            if len(self._painters) > _PAINTERS_KEPT:
                self._painters.popitem(last=False)
        return painter


def _painted(
    painter: Painter, errand: Errand, span: tuple[int, int], bad: Mapping[int, str], lead_in: int
) -> Iterator[np.ndarray]:
    """The frames of `[start, stop)`. In place of a bad one stands the one before it, else the first good one after it.

    Frames after a bad one are painted as after a cut. A ConfigError in there is of the job's making, and not of this
    worker's settings.
    """
    owed, last = 0, None
    try:
        for start, stop in _runs(*span, bad):
            if start in bad:
                # Nothing was painted yet at the span's very beginning.
                owed = stop - start if last is None else 0
                yield from [] if last is None else [last] * (stop - start)
                continue
            for pixels in painter.paint(errand.work(start, stop, lead_in=lead_in if start == span[0] else 0)):
                yield from [pixels] * (owed + 1)
                owed, last = 0, pixels
    except ConfigError as error:
        raise InputError(str(error)) from error


def _runs(start: int, stop: int, bad: Mapping[int, str]) -> Iterator[tuple[int, int]]:
    """`[start, stop)` in parts that are all bad or all good."""
    for _, group in groupby(range(start, stop), key=lambda frame: frame in bad):
        frames = list(group)
        yield frames[0], frames[-1] + 1


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
