"""Create-only puts on a store that does not promise them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobs.arbiter import Arbiter, Create, creator
from jobs.ledger import Ledger
from pipeline.errors import QueueUnavailable
from pipeline.storage import StoreOptions
from pipeline.storage.local import LocalStore

WRITERS = 16


class Sloppy(LocalStore):
    """Looks first and writes later, as some S3 servers do."""

    atomic_create = False

    def put_if_absent(self, key: str, data: bytes) -> bool:
        if self.exists(key):
            return False
        time.sleep(0.01)
        self.put(key, data)
        return True


class Full(LocalStore):
    """Has no room left."""

    def put(self, key: str, data: bytes) -> None:
        raise OSError("no room")


@pytest.fixture
def sloppy(tmp_path: Path) -> Sloppy:
    """A sloppy store that says it is remote, so that it is probed."""
    store = Sloppy(str(tmp_path / "sloppy"), StoreOptions())
    store.url = "s3://sloppy"
    return store


def _race(create: Create) -> list[int]:
    with ThreadPoolExecutor(WRITERS) as pool:
        won = list(pool.map(lambda n: create("receipt", b"%d" % n), range(WRITERS)))
    return [writer for writer, first in enumerate(won) if first]


def test_sloppy_store_lets_several_writers_win(sloppy: Sloppy) -> None:
    assert len(_race(sloppy.put_if_absent)) > 1


def test_arbitrated_race_has_one_winner_whose_bytes_stay(sloppy: Sloppy, ledger: Ledger) -> None:
    winners = _race(Arbiter(sloppy, ledger).create)
    assert [b"%d" % winner for winner in winners] == [sloppy.get("receipt")]


def test_sloppy_store_is_noticed_and_arbitrated(
    sloppy: Sloppy, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(_race(creator(sloppy, lambda: ledger))) == 1
    assert "s3://sloppy lets several writers create one key" in caplog.text


def test_store_that_keeps_its_promise_needs_no_redis(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path / "store"), StoreOptions())
    assert creator(store, pytest.fail) == store.put_if_absent
    store.url = "s3://honest"
    assert creator(store, pytest.fail) == store.put_if_absent


def test_locks_leave_nothing_in_redis(sloppy: Sloppy, ledger: Ledger) -> None:
    create = Arbiter(sloppy, ledger).create
    assert create("a", b"1")
    assert not create("a", b"2")
    assert sloppy.get("a") == b"1"
    assert ledger.redis.keys() == []


def test_lock_is_of_one_key(sloppy: Sloppy, ledger: Ledger) -> None:
    arbiter = Arbiter(sloppy, ledger)
    with arbiter._lock("a"):
        assert arbiter.create("b", b"1")


def test_lock_is_released_when_the_store_fails(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(OSError, match="no room"):
        Arbiter(Full(str(tmp_path), StoreOptions()), ledger).create("a", b"1")
    assert ledger.redis.keys() == []


def test_create_without_redis_is_refused(sloppy: Sloppy) -> None:
    arbiter = Arbiter(sloppy, Ledger("unix:///nonexistent/redis.sock", timeout_s=0.2))
    with pytest.raises(QueueUnavailable):
        arbiter.create("a", b"1")
    assert not sloppy.exists("a")
