"""Real servers as fixtures: OpenStack Swift and moto, which speak S3, and Redis. Each starts when first asked for."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
import redis
from botocore.config import Config

from jobs.local import redis_binary
from pipeline.errors import ConfigError
from pipeline.storage import StoreOptions
from tests import swift_server
from tests.processes import free_port, running, wait_for_answer

SMALLEST_PART = 5 << 20


@dataclass(frozen=True)
class S3Server:
    """A running S3 server, and the address of a bucket in it."""

    endpoint: str
    env: dict[str, str]
    """What to put into the environment so that boto3 finds the credentials."""
    url: str = field(default_factory=lambda: f"s3://atelier-{uuid.uuid4().hex}")

    @property
    def options(self) -> StoreOptions:
        """How to reach it, with parts as small as S3 allows, so that 10 MB travel in several."""
        return StoreOptions(
            endpoint_url=self.endpoint, addressing="path", part_bytes=SMALLEST_PART, attempts=3, read_timeout_s=20
        )

    def with_bucket(self) -> S3Server:
        """The same server with a bucket of its own, which exists."""
        other = S3Server(endpoint=self.endpoint, env=self.env)
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}),
        )
        client.create_bucket(Bucket=other.url.removeprefix("s3://"))
        client.close()
        return other

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Give this process the server's credentials, and none of the machine's own."""
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            monkeypatch.delenv(name, raising=False)
        for name, value in self.env.items():
            monkeypatch.setenv(name, value)


def _credentials(user: str, key: str) -> dict[str, str]:
    nowhere = "/nonexistent"
    return {
        "AWS_ACCESS_KEY_ID": user,
        "AWS_SECRET_ACCESS_KEY": key,
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="session")
def swift_s3() -> Iterator[S3Server]:
    """OpenStack Swift with a fresh bucket. SigV4 is enforced; create-only puts are not atomic."""
    if importlib.util.find_spec("swift") is None:
        pytest.skip("OpenStack Swift is not installed (pip install swift)")
    with _short_folder() as folder:
        if not swift_server.has_xattrs(folder):
            pytest.skip(f"Swift needs extended attributes, which the file system of {folder} lacks; set TMPDIR")
        with swift_server.swift(folder) as port:
            env = _credentials(swift_server.USER, swift_server.KEY)
            yield S3Server(endpoint=f"http://127.0.0.1:{port}", env=env).with_bucket()


@pytest.fixture(scope="session")
def moto_s3() -> Iterator[S3Server]:
    """moto over HTTP with a fresh bucket. Create-only puts are atomic; any credentials will do."""
    port = free_port()
    script = "from moto.server import main; main()"
    command = [sys.executable, "-W", "ignore", "-c", script, "-H", "127.0.0.1", "-p", str(port)]
    with _short_folder() as folder, running(command, log=folder / "log") as process:
        wait_for_answer(port, process, log=folder / "log")
        yield S3Server(endpoint=f"http://127.0.0.1:{port}", env=_credentials("moto", "moto")).with_bucket()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a real Redis on a unix socket, without persistence."""
    with _short_folder() as folder:
        socket = folder / "redis.sock"
        command = [_redis_executable(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"]
        with running([*command, "--dir", str(folder)], log=folder / "log") as process:
            wait_for_answer(socket, process, log=folder / "log")
            yield f"unix://{socket}"


@pytest.fixture
def redis_url(redis_server: str) -> Iterator[str]:
    """The URL of a Redis that is empty."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
        yield redis_server
        client.flushall()


def _redis_executable() -> str:
    try:
        return redis_binary()
    except ConfigError as error:
        pytest.skip(str(error))


@contextmanager
def _short_folder() -> Iterator[Path]:
    """A temporary folder with a path short enough for a unix socket."""
    with tempfile.TemporaryDirectory(prefix="atelier-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
