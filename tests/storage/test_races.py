import uuid
from pathlib import Path
from typing import Any

import pytest

from pipeline.storage import Store, creates_atomically, open_store, race_creators
from pipeline.storage.local import LocalStore
from pipeline.storage.options import StoreOptions
from tests.servers import S3Server


class Forgetful(LocalStore):
    """A store that ignores "unless it exists", as some S3 servers do."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        self.put(key, data)
        return True


class Liar(LocalStore):
    """A store that has one winner, and the bytes of another."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        created = super().put_if_absent(key, data)
        self.put(key, b"somebody else")
        return created


def s3_store(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Store:
    server.use(monkeypatch)
    return open_store(f"{server.url}/{uuid.uuid4().hex}", server.options)


def test_a_folder_creates_atomically_and_is_left_clean(tmp_path: Path) -> None:
    races = race_creators(open_store(str(tmp_path)))
    assert races.atomic
    assert set(races.winners) == {1}
    assert list(tmp_path.iterdir()) == []


def test_moto_creates_atomically(moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    store = s3_store(moto_s3, monkeypatch)
    assert creates_atomically(store)
    assert list(store.list()) == []


def test_swift_is_found_not_to_create_atomically(swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    store = s3_store(swift_s3, monkeypatch)
    # Five rounds miss it about once in 8,000 times; twice that many make the test sure.
    races = race_creators(store, rounds=10)
    assert not races.atomic
    assert max(races.winners) > 1
    assert list(store.list()) == []


@pytest.mark.parametrize("kind", [Forgetful, Liar])
def test_a_store_that_ignores_the_condition_is_noticed_in_one_round(kind: Any, tmp_path: Path) -> None:
    races = race_creators(kind(str(tmp_path), StoreOptions()))
    assert not races.atomic
    assert len(races.winners) == 1
