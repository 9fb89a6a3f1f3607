"""The process: how it begins, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time
from pathlib import Path

import httpx
import pytest

from jobs.web.serve import listen
from pipeline.errors import ConfigError
from tests.jobs.web.conftest import VIEWER
from tests.processes import running


def _environment(redis_url: str, folder: Path, **more: str) -> dict[str, str]:
    told = {
        "REDIS_URL": redis_url,
        "STORE": str(folder / "store"),
        "WEB_TOKENS": f"viewer victor {VIEWER}",
        "WEB_PORT": "0",
        "LOG_FORMAT": "json",
        **more,
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATELIER_")}
    return environment | {"HOME": str(folder)} | {f"ATELIER_{name}": value for name, value in told.items()}


def test_it_lets_viewers_go_and_ends_well(redis_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "jobs.web.serve"]
    with running(command, log=log, env=_environment(redis_url, tmp_path)) as process:
        url = _url(log)
        headers = {"Authorization": f"Bearer {VIEWER}"}
        with httpx.stream("GET", f"{url}/api/v1/events", headers=headers, timeout=20) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "event: jobs"
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            list(lines)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - began < 5
    assert '"message": "127.0.0.1 victor GET /api/v1/events 200' in log.read_text()
    assert VIEWER not in log.read_text()


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("127.0.0.1", "Address already in use; is another dashboard there? choose another port"),
        ("192.0.2.1", "cannot listen at 192.0.2.1"),
        ("no.such.host.invalid", "cannot listen at no.such.host.invalid"),
    ],
)
def test_where_it_cannot_listen_is_said_in_a_sentence(host: str, says: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match=re.escape(says)):
        listen(host, taken.getsockname()[1])


def _url(log: Path) -> str:
    """Where it says it is."""
    deadline = time.monotonic() + 60
    while "dashboard is at" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    return log.read_text().partition("dashboard is at ")[2].split()[0]
