"""A real Redis, a store in a folder, and settings that see neither the machine's environment nor its files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import config
from jobs.config import Settings
from jobs.ledger import Ledger
from jobs.queue import Queue
from jobs.truth import Truth
from pipeline.storage import open_store
from tests.jobs.deployment import Deployment
from tests.jobs.making import Hand


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("ATELIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture
def ledger(redis_url: str) -> Iterator[Ledger]:
    """An empty ledger."""
    made = Ledger(redis_url, prefix="test:")
    yield made
    made.close()


@pytest.fixture
def hand(ledger: Ledger) -> Hand:
    """The same ledger, driven by hand."""
    return Hand(ledger)


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    """The records of no job yet."""
    return Truth(open_store(str(tmp_path / "store")))


@pytest.fixture
def settings(redis_url: str, tmp_path: Path) -> Settings:
    """Settings of a deployment with the test's Redis and store."""
    return Settings(redis_url=redis_url, redis_prefix="test:", store=str(tmp_path / "store"))


@pytest.fixture
def queue(settings: Settings) -> Iterator[Queue]:
    """A queue that nobody serves."""
    made = Queue(settings)
    yield made
    made.close()


@pytest.fixture
def deployment(truth: Truth, ledger: Ledger, queue: Queue, settings: Settings) -> Deployment:
    """All of these together, with hands in place of workers."""
    return Deployment(truth, ledger, queue, settings)
