"""An HTTP server that answers S3 requests from a script, to show what a real server does only on bad days."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """One answer. With `promised` above the body's length the connection breaks off in the middle."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    silent: bool = False
    """Close the connection without a word, as if the answer had been lost."""


def refusal(status: int, code: str, **headers: str) -> Answer:
    """S3's way to say no."""
    body = f"<Error><Code>{code}</Code><Message>because</Message></Error>".encode()
    return Answer(status, body, {"Content-Type": "application/xml", **headers})


@dataclass
class FaultyS3:
    """The script, and what was asked. The last answer repeats."""

    answers: list[Answer]
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    endpoint: str = ""

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def faulty_s3(*answers: Answer) -> Iterator[FaultyS3]:
    """Run the server until the block ends."""
    script = FaultyS3(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.requests.append((self.command, {name.lower(): value for name, value in self.headers.items()}))
            self.answer(script.next_answer())

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any

        def answer(self, answer: Answer) -> None:
            if not answer.silent:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(answer.promised or len(answer.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)
                    self.wfile.flush()
            if answer.silent or answer.promised:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        script.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
