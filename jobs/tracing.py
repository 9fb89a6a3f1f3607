"""Traces of jobs, from submission over chunks to the stitch, sent by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT says.

A trace's id is a hash of the job and its generation, and so is its first span's: whoever works on a job knows both, and
nothing is carried in plans or messages. A span of the whole job is told when it ends.

All of OpenTelemetry's own variables count. Without an endpoint nothing of it is imported, and a span costs a look at
one variable. What is sent leaves from a thread, and waits for nobody.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from jobs.metrics.causes import cause
from pipeline.errors import Interrupted

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

log = logging.getLogger(__name__)

Value = str | int | float | bool
"""Of an attribute."""

_LEAVING_S = 2.0
"""How long an ending process waits for what it has to send."""

_open: ContextVar[Span | None] = ContextVar("span", default=None)
_pinned: ContextVar[tuple[int, int] | None] = ContextVar("pinned", default=None)
"""The ids of the span that is being made, where they are not random."""


def trace_id(job: str, generation: int) -> int:
    """The id of that rendering's trace, 128 bits."""
    return _hash("trace", job, generation, 16)


@contextmanager
def span(name: str, job: str, generation: int, **attributes: Value | None) -> Iterator[None]:
    """A part of a job, for as long as the block lasts; `annotate` adds to it. An exception is its failure."""
    tracer = _tracer()
    if tracer is None:
        yield
        return
    made = tracer.start_span(
        name, _of_job(job, generation), attributes=_named(job=job, generation=generation, **attributes)
    )
    token = _open.set(made)
    try:
        yield
    except Interrupted as error:
        made.add_event("interrupted", {"atelier.why": str(error)})
        raise
    except BaseException as error:
        _fail(made, f"{error}", error)
        raise
    finally:
        _open.reset(token)
        made.end()


def annotate(**attributes: Value | None) -> None:
    """Add to the span that this thread is in, if it is in one."""
    made = _open.get()
    if made is not None:
        made.set_attributes(_named(**attributes))


def told(name: str, job: str, generation: int, begun: float, **attributes: Value | None) -> None:
    """A part of a job that began then, in seconds since the epoch, and ends now."""
    tracer = _tracer()
    if tracer is not None:
        tracer.start_span(
            name,
            _of_job(job, generation),
            attributes=_named(job=job, generation=generation, **attributes),
            start_time=int(begun * 1e9),
        ).end()


def job_ended(job: str, generation: int, begun: float, *, state: str, reason: str = "", **facts: Value | None) -> None:
    """The whole job, which began then and ends now: the span that all others are parts of."""
    tracer = _tracer()
    if tracer is None:
        return
    from opentelemetry.context import Context

    token = _pinned.set((trace_id(job, generation), _hash("job", job, generation, 8)))
    try:
        made = tracer.start_span(
            "job",
            Context(),
            attributes=_named(job=job, generation=generation, state=state, **facts),
            start_time=int(begun * 1e9),
        )
    finally:
        _pinned.reset(token)
    if state == "failed":
        _fail(made, reason)
    made.end()


def is_on() -> bool:
    """Whether traces are sent."""
    return _tracer() is not None


def flush() -> None:
    """Send what waits, for a moment at most: of a process that ends."""
    # Whoever has told nothing has nothing to import for it.
    if not _wanted() or _provider.cache_info().currsize == 0:
        return
    provider = _provider()
    if provider is not None:
        sending = threading.Thread(target=provider.force_flush, name="traces", daemon=True)
        sending.start()
        sending.join(_LEAVING_S)


def _wanted() -> bool:
    named = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return bool(named) and os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


def _tracer() -> Any:
    """OpenTelemetry's tracer; None if there is nobody to send to, or it is not installed."""
    provider = _provider() if _wanted() else None
    return provider.get_tracer("atelier") if provider is not None else None


@cache
def _provider() -> TracerProvider | None:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    except ImportError as error:
        log.warning("no traces are sent, for OpenTelemetry is missing (%s); install atelier[otel]", error)
        return None

    class Ids(RandomIdGenerator):
        """Random ones, unless they are pinned."""

        def generate_trace_id(self) -> int:
            pinned = _pinned.get()
            return pinned[0] if pinned else super().generate_trace_id()

        def generate_span_id(self) -> int:
            pinned = _pinned.get()
            return pinned[1] if pinned else super().generate_span_id()

    known = {"service.instance.id": os.environ.get("ATELIER_SLOT") or f"{os.getpid()}"}
    if "OTEL_SERVICE_NAME" not in os.environ:
        known["service.name"] = "atelier"
    # At the end we wait ourselves, and not for as long as its exporter would.
    provider = TracerProvider(resource=Resource.create(known), id_generator=Ids(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _of_job(job: str, generation: int) -> Context:
    """The context whose spans are parts of the job's."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    root = SpanContext(
        trace_id(job, generation),
        _hash("job", job, generation, 8),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    return set_span_in_context(NonRecordingSpan(root), Context())


def _fail(made: Span, why: str, error: BaseException | None = None) -> None:
    from opentelemetry.trace import StatusCode

    if error is not None:
        made.set_attribute("error.type", cause(error))
    made.set_status(StatusCode.ERROR, why)


def _named(**attributes: Value | None) -> dict[str, Value]:
    return {f"atelier.{name}": value for name, value in attributes.items() if value is not None}


def _hash(what: str, job: str, generation: int, size: int) -> int:
    """Never 0, which is no id."""
    digest = hashlib.sha256(f"{what} {job} {generation}".encode()).digest()
    return int.from_bytes(digest[:size], "big") or 1
