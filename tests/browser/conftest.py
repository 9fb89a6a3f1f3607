"""Chromium, before a dashboard with a real farm behind it. Without a Chromium on this machine these tests are skipped.

`make test-browser` also takes the pictures that the documentation shows, and fails without a Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from examples.draw_film import draw_film
from tests.media import write_film
from tests.processes import free_port, running
from tests.workers.farm import Farm, farm

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

PICTURES = os.environ.get("BROWSER_PICTURES")
"""Where pictures of pages are kept."""

SHOWN = frozenset(
    {"job-running", "frame", "jobs-dark", "job-dark", "gallery-dark", "submit-light", "workers-light", "job-phone"}
)
"""The pictures that the documentation shows."""

OPERATOR = "operators-token-0123456789"

Visit = Callable[..., Page]
"""Opens a page of a studio's dashboard: by its address, with more of a window's options."""

Picture = Callable[[Page, str], None]
"""Keeps a picture of a page, by name."""


@dataclass(frozen=True)
class Studio:
    """A farm with one worker, and its dashboard."""

    farm: Farm
    url: str
    film: Path
    """A second of a moonlit bay."""


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A farm, a film to paint, and a dashboard that nobody has logged in to. Tests that need it are in one file, which
    one process runs."""
    folder = tmp_path_factory.mktemp("studio")
    threads = str(len(os.sched_getaffinity(0)))
    settings = {"threads": threads, "web_tokens": f"operator olga {OPERATOR}", "web_folders": str(folder)}
    with farm(folder, **settings) as made, made.workers(), dashboard(made) as url:
        yield Studio(made, url, draw_film(folder / "moonlit_bay.mp4", most=24))


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Studio]:
    """A farm without workers, and its dashboard: for what would disturb others."""
    with farm(tmp_path, web_tokens=f"operator olga {OPERATOR}") as made, dashboard(made) as url:
        yield Studio(made, url, write_film(tmp_path / "numbers.mp4"))


@contextmanager
def dashboard(made: Farm) -> Iterator[str]:
    """A farm's dashboard. Gives its address."""
    port = free_port()
    environment = made.environment | {"ATELIER_WEB_PORT": str(port)}
    log = made.folder / "dashboard.log"
    url = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-m", "jobs.web.serve"], log=log, env=environment):
        deadline = time.monotonic() + 60
        while True:
            with suppress(OSError), urlopen(f"{url}/healthz", timeout=1):
                break
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. While it is open a loop of asyncio runs, which tests of other modules could not bear."""
    if CHROMIUM is None:
        assert PICTURES is None, "no Chromium is on this machine; Debian's package is called chromium"
        pytest.skip("no Chromium is on this machine")
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens a dashboard's page, logged in, in a window of its own. Whatever the browser complains of fails the test."""
    complaints: list[str] = []
    with ExitStack() as opened:

        def open_page(studio: Studio, address: str = "/", **others: Any) -> Page:
            options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", "color_scheme": "dark"}
            window: BrowserContext = chromium.new_context(**options | others)
            window.set_default_timeout(60_000)
            opened.callback(window.close)
            page = window.new_page()
            page.on("console", lambda message: _listen(message, complaints))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{studio.url}/login#token={OPERATOR}")
            page.wait_for_url(f"{studio.url}/")
            if address != "/":
                page.goto(studio.url + address)
            return page

        yield open_page
    assert complaints == []


def _listen(message: ConsoleMessage, complaints: list[str]) -> None:
    told = f"{message.text} ({message.location.get('url')})"
    # That a job file is wrong is an answer, which Chromium calls an error; a held film has no frames,
    # a swept one is gone, and one whose Redis is away cannot be told of.
    answers = r"status of 422|status of 404 .*/film-(held|swept|away)\b|status of 503 .*/film-away\b"
    if message.type in ("error", "warning") and not re.search(answers, told):
        complaints.append(told)


@pytest.fixture(scope="session")
def picture() -> Picture:
    """Keeps the pictures that are shown, where BROWSER_PICTURES says."""

    def keep(page: Page, name: str) -> None:
        if PICTURES is not None and name in SHOWN:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            path = Path(PICTURES) / f"{name}.jpg"
            page.screenshot(path=path, type="jpeg", quality=85, animations="disabled")

    return keep
