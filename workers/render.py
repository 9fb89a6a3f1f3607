"""Rendering one chunk: paint, write frames and segments, and last of all the receipt.

What may go wrong and what follows from it is tasks.py's matter; here everything that is wrong is raised.
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from jobs.config import Settings
from jobs.kinds import kind, resolve
from jobs.records import Plan, Receipt
from jobs.truth import Truth, now
from pipeline.device import make_deterministic, pick, precision
from pipeline.errors import ConfigError, InputError, IntegrityError
from pipeline.painter import Easel, Painter, Work
from pipeline.stream import Stopwatch
from workers.errand import Errand
from workers.lease import Lease
from workers.residents import Residents
from workers.sinks import Sinks

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
        self._painters: OrderedDict[str, Painter] = OrderedDict()

    def render(self, plan: Plan, chunk: int, generation: int, lease: Lease, history: tuple[str, ...]) -> Receipt:
        """Paint a chunk and write its receipt; the receipt that counts, ours or one that was faster.

        Raises: Interrupted if the lease says so; anything that painting or storing raises.
        """
        start, stop = plan.chunks[chunk]
        watch = Stopwatch()
        painter = self._painter(plan)
        errand = Errand(plan, chunk, generation, lease, self._truth, self._residents, watch)
        with (
            watch.time("wall_s"),
            TemporaryDirectory(prefix="atelier-chunk-") as scratch,
            Sinks(
                plan,
                self._truth.store,
                errand.folder,
                start,
                rate=plan.rate_fraction,
                threads=self._config.writers,
                scratch=Path(scratch),
                watch=watch,
            ) as sinks,
        ):
            lease.check(0)
            for count, pixels in enumerate(_painted(painter, errand.work()), 1):
                sinks.put(pixels)
                errand.frames = count
                if count % painter.batch == 0:
                    lease.check(count)
            frames = sinks.frames.finish()
            extra = {name: sink.finish() for name, sink in sinks.extra.items()}
            segments = {name: sink.finish() for name, sink in sinks.segments.items()}
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
            frames=frames,
            extra=extra,
            segments=segments,
            products=errand.products,
            timings=watch.seconds(),
            batch=painter.batch,
            finished_at=now(),
            history=history,
        )
        if len(frames) != stop - start:
            raise IntegrityError(f"{plan.job} chunk {chunk}: {len(frames)} frames were painted, not {stop - start}")
        if self._truth.put_receipt(receipt):
            return receipt
        first = self._truth.receipt(plan.job, chunk, generation)
        log.info("%s chunk %d: another attempt was first", plan.job, chunk)
        return first or receipt

    def _painter(self, plan: Plan) -> Painter:
        painter = self._painters.get(plan.job)
        if painter is None:
            make: Callable[..., Painter] = resolve(kind(plan.kind).painter)
            painter = make(plan.inputs, self._easel, deep=plan.deep)
            self._painters[plan.job] = painter
            if len(self._painters) > _PAINTERS_KEPT:
                self._painters.popitem(last=False)
        return painter


def _painted(painter: Painter, work: Work) -> Iterator[np.ndarray]:
    """What it paints. A ConfigError in there is of the job's making, and not of this worker's settings."""
    try:
        yield from painter.paint(work)
    except ConfigError as error:
        raise InputError(str(error)) from error


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
