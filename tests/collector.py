"""A collector of traces, for tests: a real HTTP server that takes OTLP as protobuf and keeps the spans."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.web import answering


@dataclass
class Collector:
    """What was sent to it."""

    url: str
    spans: list[Any] = field(default_factory=list)
    """`opentelemetry.proto.trace.v1.Span`, in the order of their arrival."""

    def of(self, trace: int) -> list[Any]:
        """The spans of a trace, the first one first."""
        mine = [span for span in self.spans if int.from_bytes(span.trace_id, "big") == trace]
        return sorted(mine, key=lambda span: span.start_time_unix_nano)

    def wait(self, trace: int, names: list[str], *, timeout_s: float = 30) -> list[Any]:
        """The spans of a trace once they are those."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = self.of(trace)
            if sorted(span.name for span in found) == sorted(names):
                return found
            assert time.monotonic() < deadline, [span.name for span in found]
            time.sleep(0.05)


def attributes(span: Any) -> dict[str, Any]:
    """A span's attributes."""
    return {row.key: getattr(row.value, row.value.WhichOneof("value")) for row in span.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    made, lock = Collector(""), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            request = ExportTraceServiceRequest.FromString(body)
            with lock:
                made.spans += [
                    span for row in request.resource_spans for scope in row.scope_spans for span in scope.spans
                ]
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with answering(Handler) as address:
        made.url = address
        yield made
