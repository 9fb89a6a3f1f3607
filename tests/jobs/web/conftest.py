"""The dashboard of a deployment, served over HTTP as `atelier web` serves it."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from jobs.config import Settings
from jobs.queue import Queue, make_ledger
from jobs.truth import Truth
from jobs.web.app import make_app
from jobs.web.serve import listen, server
from pipeline.storage import open_store
from tests.jobs.deployment import Deployment

OPERATOR = "operators-token-0123456789"
VIEWER = "viewers-token-0123456789"


@dataclass
class Site:
    """A dashboard that runs."""

    url: str

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", int(self.url.rpartition(":")[2])

    def client(self, token: str | None = OPERATOR) -> httpx.Client:
        """A program that asks it; without a token, a browser."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=10)


@pytest.fixture(scope="module")
def web_settings(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the module's dashboard, with a store and a part of Redis of its own."""
    return settings_of(redis_server, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def site(web_settings: Settings) -> Iterator[Site]:
    """The module's dashboard, on a free port."""
    with serving(web_settings) as found:
        yield found


@pytest.fixture(scope="module")
def operator(site: Site) -> Iterator[httpx.Client]:
    """A program that may do everything."""
    with site.client() as client:
        yield client


@pytest.fixture(scope="module")
def viewer(site: Site) -> Iterator[httpx.Client]:
    """A program that may look."""
    with site.client(VIEWER) as client:
        yield client


@pytest.fixture(scope="module")
def farm(web_settings: Settings) -> Iterator[Deployment]:
    """What the module's dashboard shows, with hands in place of workers."""
    with deployment_of(web_settings) as found:
        yield found


def settings_of(redis_url: str, folder: Path, **others: Any) -> Settings:
    """A dashboard's settings, which see neither this machine's environment nor its files."""
    told: dict[str, Any] = {
        "redis_url": redis_url,
        "redis_prefix": f"{folder.name}-{uuid.uuid4().hex[:8]}:",
        "store": str(folder / "store"),
        "web_tokens": SecretStr(f"operator olga {OPERATOR}; viewer victor {VIEWER}"),
        "web_requests": 100_000,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ATELIER_")]:
            patch.delenv(name)
        return Settings(**told | others)


@contextmanager
def deployment_of(config: Settings) -> Iterator[Deployment]:
    """The records, ledger and queue of these settings."""
    with closing(make_ledger(config)) as ledger, closing(Queue(config)) as queue:
        yield Deployment(Truth(open_store(config.store)), ledger, queue, config)


class serving:
    """A dashboard, as long as the block lasts."""

    def __init__(self, config: Settings) -> None:
        self._heard = listen("127.0.0.1", 0)
        self._server = server(make_app(config), config)
        self._thread = threading.Thread(target=self._server.run, args=([self._heard],), name="dashboard")

    def __enter__(self) -> Site:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert self._thread.is_alive(), "the dashboard did not start"
            assert time.monotonic() < deadline, "the dashboard did not start"
            time.sleep(0.01)
        return Site(f"http://127.0.0.1:{self._heard.getsockname()[1]}")

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
