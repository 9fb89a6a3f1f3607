import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.drill.proxy import Proxy
from pipeline.storage import Store, StoreOptions, open_store
from tests.chaos.stage import Stage, staged
from tests.servers import S3Server


@pytest.fixture
def bucket(moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """A bucket of a real server."""
    made = moto_s3.with_bucket()
    made.use(monkeypatch)
    return made


@pytest.fixture
def proxy(bucket: S3Server) -> Iterator[Proxy]:
    """The drill's proxy before it."""
    made = Proxy(bucket.endpoint)
    yield made
    made.close()


@pytest.fixture
def store(bucket: S3Server, proxy: Proxy) -> Store:
    """A store behind the proxy, with little patience."""
    options = StoreOptions(endpoint_url=proxy.endpoint, addressing="path", attempts=3, read_timeout_s=5)
    return open_store(bucket.url, options)


@pytest.fixture
def direct(bucket: S3Server) -> Store:
    """The same store without the proxy."""
    return open_store(bucket.url, bucket.options)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A farm on which nobody works, with a job that is submitted."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder, staged(Path(folder)) as made:
        made.submit("", token="")
        made.watch.look()
        yield made
