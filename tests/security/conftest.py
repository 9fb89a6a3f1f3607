"""Settings that see neither the machine's environment nor its files, and small media to paint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from jobs import config
from tests.media import write_film
from tests.workers.farm import write_style


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("ATELIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture(scope="package")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short film and a style."""
    folder = tmp_path_factory.mktemp("media")
    write_film(folder / "clip.mp4", 24, rate=Fraction(24), size=(96, 64))
    write_style(folder / "fast.safetensors")
    return folder
