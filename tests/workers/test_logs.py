"""How much workers, supervisor and reconciler say."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.config import log_level
from pipeline.errors import ConfigError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("debug", logging.DEBUG), ("WARNING", logging.WARNING), ("", logging.INFO), (None, logging.INFO)],
)
def test_level_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch, said: str | None, meant: int) -> None:
    if said is None:
        monkeypatch.delenv("ATELIER_LOG", raising=False)
    else:
        monkeypatch.setenv("ATELIER_LOG", said)
    assert log_level() == meant


@pytest.mark.parametrize("said", ["verbose", "notset", "10"])
def test_wrong_level_is_one_sentence(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("ATELIER_LOG", said)
    with pytest.raises(ConfigError, match=f"ATELIER_LOG: '{said}' is no level; write DEBUG, INFO, WARNING or ERROR"):
        log_level()


@pytest.mark.parametrize("module", ["workers.supervisor", "workers.reconcile", "workers.app"])
def test_nothing_starts_with_a_wrong_level(module: str) -> None:
    environment = os.environ | {"ATELIER_LOG": "verbose", "ATELIER_REDIS_URL": "redis://127.0.0.1:1"}
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode != 0
    assert "ATELIER_LOG: 'verbose' is no level" in done.stderr


def test_level_counts_and_brokers_stay_quiet() -> None:
    script = (
        "import logging\nfrom jobs.logs.setup import set_up_logs\nset_up_logs()\n"
        "logging.getLogger('workers.x').warning('unheard')\nlogging.getLogger('workers.x').error('heard')\n"
        "assert logging.getLogger('kombu').getEffectiveLevel() == logging.WARNING\n"
    )
    environment = os.environ | {"ATELIER_LOG": "error"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "unheard" not in done.stderr
    assert "ERROR" in done.stderr
