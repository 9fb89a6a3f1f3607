"""`atelier up`, in a process of its own, with all that it starts."""

from __future__ import annotations

import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from jobs.local import running_url
from jobs.upkeep import running_up
from tests.jobs.cli.conftest import Shell
from tests.jobs.test_local import until
from tests.processes import free_port, running


@pytest.fixture
def environment(shell: Shell, tmp_path: Path) -> dict[str, str]:
    """A home of its own, and a browser that writes down what it is to open."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opening\nmv {tmp_path}/opening {tmp_path}/opened\n')
    browser.chmod(0o755)
    from jobs import local

    return os.environ | {"ATELIER_HOME": str(local.HOME), "BROWSER": f"{browser} %s"}


def up(*words: str) -> list[str]:
    return [sys.executable, "-c", "from jobs.cli import main; main()", "up", *words]


def status(address: str, token: str) -> int:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_up_starts_everything_opens_it_and_ends_everything(
    shell: Shell, environment: dict[str, str], tmp_path: Path
) -> None:
    port, log, opened = free_port(), tmp_path / "up.log", tmp_path / "opened"
    with running(up("--port", str(port), "--workers", "1"), log=log, env=environment) as process:
        until(lambda: opened.exists() or process.poll() is not None, seconds=60)
        page = Path(opened.read_text().strip().removeprefix("file://"))
        # Everybody may read command lines; this, only its owner.
        assert page.stat().st_mode & 0o777 == 0o600
        address, _, token = page.read_text().partition("url=")[2].partition('"')[0].partition("/login#token=")
        assert address == f"http://127.0.0.1:{port}" == running_up()
        assert status(f"{address}/api/v1/jobs", token) == 200
        assert status(f"{address}/api/v1/jobs", "x" * len(token)) == 401
        assert token not in log.read_text()
        children = children_of(process.pid)
        modules = [Path(f"/proc/{pid}/cmdline").read_text().split("\0")[2] for pid in children]
        assert modules == ["jobs.web.serve", "workers.supervisor", "workers.reconcile", "workers.scheduler"]
        second = shell("up", "--no-open")
        assert f"Atelier is up already, with this store; its dashboard is at {address}" in second.stdout
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert all(map(is_gone, children))
    assert running_url() is None
    assert running_up() is None


def test_a_cluster_has_no_up(cluster: Shell) -> None:
    result = cluster("up")
    assert result.exit_code == 2
    assert "ATELIER_REDIS_URL names a cluster" in result.stderr


def test_a_port_that_was_asked_for_and_is_taken_is_told(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        asked = shell("up", "--port", port, "--no-open")
        assert asked.exit_code == 2
        assert f"port {port} is taken by another program" in asked.stderr
        shell.set(web_port=port)
        assert f"port {port} is taken" in shell("up", "--no-open").stderr
    assert running_up() is None


def test_a_host_that_is_not_ours_is_told(shell: Shell) -> None:
    result = shell("up", "--host", "192.0.2.1", "--no-open")
    assert result.exit_code == 2
    assert "192.0.2.1 is no address of this machine" in result.stderr
