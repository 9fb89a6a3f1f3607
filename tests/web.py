"""A web server for tests: the files of a folder, over HTTP."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.security.tls import Identity


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def answering(
    handler: type[BaseHTTPRequestHandler] | partial[BaseHTTPRequestHandler], identity: Identity | None = None
) -> Iterator[str]:
    """The address of a server that answers by `handler` until the block ends, by TLS if it has an identity."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if identity is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.certificate, identity.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    # A server looks so often whether it is to stop.
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if identity else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server of the folder's files."""
    with answering(partial(_Files, directory=str(folder))) as address:
        yield address
