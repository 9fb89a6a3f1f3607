"""Settings that see neither the machine's environment nor its files, and the compose file as Docker reads it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import config
from tests.deploy.compose import Compose, read_compose


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("ATELIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture(params=[("gpu", "monitoring"), ("cpu",)], ids="-".join)
def compose(request: pytest.FixtureRequest) -> Compose:
    """The deployment, once with GPUs and once without."""
    return read_compose(*request.param)
