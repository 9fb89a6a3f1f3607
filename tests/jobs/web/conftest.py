"""The dashboard of a deployment, served over HTTP as `atelier web` serves it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from jobs.config import Settings
from jobs.web.app import make_app

OPERATOR = "operators-token-0123456789"
VIEWER = "viewers-token-0123456789"


@dataclass
class Site:
    """A dashboard that runs."""

    url: str

    def client(self, token: str | None = OPERATOR) -> httpx.Client:
        """A program that asks it; without a token, a browser."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=10)


@pytest.fixture
def web_settings(settings: Settings) -> Settings:
    """The settings of the dashboard."""
    tokens = SecretStr(f"operator olga {OPERATOR}; viewer victor {VIEWER}")
    return settings.model_copy(update={"web_tokens": tokens, "web_requests": 100_000})


@pytest.fixture
def site(web_settings: Settings) -> Iterator[Site]:
    """A dashboard on a free port."""
    with serving(web_settings) as found:
        yield found


@pytest.fixture
def operator(site: Site) -> Iterator[httpx.Client]:
    """A program that may do everything."""
    with site.client() as client:
        yield client


@pytest.fixture
def viewer(site: Site) -> Iterator[httpx.Client]:
    """A program that may look."""
    with site.client(VIEWER) as client:
        yield client


class serving:
    """A dashboard, as long as the block lasts."""

    def __init__(self, config: Settings) -> None:
        self._server = uvicorn.Server(
            uvicorn.Config(make_app(config), host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._server.run, name="dashboard")

    def __enter__(self) -> Site:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert self._thread.is_alive(), "the dashboard did not start"
            assert time.monotonic() < deadline, "the dashboard did not start"
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return Site(f"http://127.0.0.1:{port}")

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
