"""The S3 server of an embedded drill: moto's, if it is installed. It keeps its objects in memory."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.drill.children import Child, wait_for
from pipeline.storage import StoreOptions
from pipeline.storage.s3_client import make_client

BUCKET = "atelier-drill"
_START_S = 30.0

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "drill",
    "AWS_SECRET_ACCESS_KEY": "drill",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Any will do; nobody's own may travel to it."""


def has_s3_server() -> bool:
    """Whether an embedded drill can have an S3 server."""
    return all(importlib.util.find_spec(name) for name in ("moto", "flask", "flask_cors"))


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """A server with an empty bucket, as long as the block lasts. Gives its address.

    Raises: AtelierError if it does not come up.
    """
    port = _free_port()
    script = ["-W", "ignore", "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)]
    command = [sys.executable, *script]
    child = Child(command, log=folder / "s3.log", env=dict(os.environ), ends_by=signal.SIGKILL)
    try:
        wait_for(_answers(port, child), child, "S3 server")
        endpoint = f"http://127.0.0.1:{port}"
        with borrowed_credentials():
            client = make_client(StoreOptions(endpoint_url=endpoint, addressing="path", region="us-east-1"))
            client.create_bucket(Bucket=BUCKET)
            client.close()
            yield endpoint
    finally:
        child.kill()


@contextmanager
def borrowed_credentials() -> Iterator[None]:
    """This process signs with CREDENTIALS, and with none of the user's."""
    others = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
    before = {name: os.environ.get(name) for name in (*CREDENTIALS, *others)}
    for name in others:
        os.environ.pop(name, None)
    os.environ.update(CREDENTIALS)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, child: Child) -> bool:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and child.lives:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False
