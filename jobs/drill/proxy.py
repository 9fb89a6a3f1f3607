"""A proxy of ours between workers and their S3 server, which passes bytes on as they are, and misbehaves when told to.

The Host header stays the client's, so that its signature stays valid. What misbehaving means is in faults.py.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

if TYPE_CHECKING:
    from jobs.drill.faults import Fault

_TIMEOUT_S = 60.0
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "expect"}
"""Headers between two neighbours, which a proxy does not pass on."""


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What it is told."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Proxy:
    """The proxy, on a port of the loopback interface."""

    def __init__(self, upstream: str) -> None:
        """`upstream`: `http(s)://host[:port]` of the server."""
        self._upstream = urlsplit(upstream)
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="proxy", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop to listen, and leave every client alone."""
        self.behave()
        self._server.shutdown()
        self._thread.join()
        self._server.leave_all()
        self._server.server_close()

    @contextmanager
    def misbehaving(self, fault: Fault) -> Iterator[Fault]:
        """Meet requests with a fault as long as the block lasts."""
        with self._lock:
            self._faults.append(fault)
        try:
            yield fault
        finally:
            with self._lock:
                if fault in self._faults:
                    self._faults.remove(fault)

    def behave(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._faults.clear()

    def fault_for(self, request: Request) -> Fault | None:
        """The fault that meets this request."""
        with self._lock:
            return next((fault for fault in self._faults if fault.takes(request)), None)

    def connect(self) -> Upstream:
        """A connection to the server."""
        return Upstream(self._upstream)


class Upstream:
    """One connection to the server, kept from request to request."""

    def __init__(self, address: SplitResult) -> None:
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(address.hostname or "", address.port, timeout=_TIMEOUT_S)
        self._used = False

    def ask(self, request: Request) -> Answer:
        """Pass a request on. Raises: OSError or HTTPException if the server cannot be reached."""
        try:
            return self._ask(request)
        except (OSError, http.client.HTTPException):
            self._connection.close()
            if not self._used:
                raise
            # A server may hang up between two requests.
            return self._ask(request)

    def ask_half(self, request: Request) -> None:
        """Pass on the first half of a request's body, and hang up."""
        self._connection.close()
        self._send(request, body=request.body[: len(request.body) // 2])
        self._connection.close()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, request: Request) -> Answer:
        self._send(request, body=request.body)
        answer = self._connection.getresponse()
        body = answer.read()
        self._used = True
        return Answer(answer.status, tuple(answer.getheaders()), body)

    def _send(self, request: Request, *, body: bytes) -> None:
        self._connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            if name.lower() not in _HOP_BY_HOP:
                self._connection.putheader(name, value)
        self._connection.endheaders(body or None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self._clients: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def note(self, client: socket.socket, *, is_here: bool) -> None:
        """Remember who is connected."""
        if is_here:
            self._clients.add(client)
        else:
            self._clients.discard(client)

    def leave_all(self) -> None:
        """Hang up on everybody."""
        for client in list(self._clients):
            hang_up(client)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that was killed in the middle of a request is what a drill is about.
        return


class _Handler(BaseHTTPRequestHandler):
    """One client's connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        """Connect to the server, too."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.note(self.connection, is_here=True)
        self.upstream = self.server.proxy.connect()

    def finish(self) -> None:
        """Hang up on both sides."""
        self.server.note(self.connection, is_here=False)
        self.upstream.close()
        super().finish()

    def pass_on(self) -> None:
        """Meet one request."""
        request = Request(self.command, self.path, tuple(self.headers.items()), self._body())
        fault = self.server.proxy.fault_for(request)
        if fault is not None:
            fault.act(self, request)
            return
        self.tell(self.ask(request))

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = pass_on

    def ask(self, request: Request) -> Answer:
        """What the server says; 502 if it cannot be reached."""
        try:
            return self.upstream.ask(request)
        except (OSError, http.client.HTTPException):
            return Answer(502, (), b"")

    def ask_half(self, request: Request) -> None:
        """Send the server half a request, and hang up on it."""
        try:
            self.upstream.ask_half(request)
        except OSError:
            return

    def tell(self, answer: Answer, *, only: int | None = None) -> None:
        """Answer the client; with `only`, so many bytes of what was promised."""
        self.send_response_only(answer.status)
        kept = {name.lower(): value for name, value in answer.headers}
        for name, value in answer.headers:
            if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        has_body = self.command != "HEAD" and answer.status not in (204, 304)
        length = str(len(answer.body)) if has_body else kept.get("content-length")
        if length is not None:
            self.send_header("Content-Length", length)
        self.end_headers()
        if has_body:
            self.wfile.write(answer.body[:only])
        self.wfile.flush()

    def cut(self) -> None:
        """Hang up on the client in the middle of everything."""
        self.close_connection = True
        hang_up(self.connection)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
        return

    def _body(self) -> bytes:
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return b"".join(self._pieces())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _pieces(self) -> Iterator[bytes]:
        """A body whose length the client did not know at first."""
        while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue


def hang_up(connection: socket.socket) -> None:
    """End a connection; one that has ended already is as good."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
